import { formatChange, formatMovement, formatNumber, formatRank, formatStreak } from '../../domain/format-vi.js';
import {
  cell,
  column,
  numberCell,
  pageFrame,
  questionnaireField,
  tableSection,
  words,
  type FiguresPage,
  type FiguresRow,
  type FiguresSection,
  type PageInput,
} from '../reports/figures.views.js';
import type { BoardYear, PublishedIndex } from './other-indices.service.js';

export const OTHER_INDICES_PATH = '/reports/indices';

/** The board of a unit: what others published about it, beside our own index. */
export function otherIndicesPage(input: PageInput & { readonly years: readonly BoardYear[] | null }): FiguresPage {
  const { years, t } = input;
  const page: FiguresPage = {
    ...pageFrame(t('indices.title'), OTHER_INDICES_PATH, input),
    fields: [
      { name: 'unit', label: t('reports.unit'), hint: t('indices.unitHint'), type: 'text', choices: [] },
      questionnaireField(input, false),
    ],
    method: [t('indices.how.apart'), t('reports.method.name'), t('indices.how.movement'), t('indices.how.source')],
  };
  if (!years) return page;
  const [newest] = years;
  const shown = years.map(({ year }) => year);
  return {
    ...page,
    periodText: newest ? t('indices.years', { from: Math.min(...shown), to: newest.year }) : t('indices.none'),
    sections: years.map((year) => yearSection(year, input)),
  };
}

function yearSection({ year, own, published }: BoardYear, input: PageInput): FiguresSection {
  const { lang, t } = input;
  const answers = t('overview.answers', { n: formatNumber(own.n, 0, lang) });
  const ours: FiguresRow = {
    label: t('indices.own'),
    href: '',
    cells: [
      { ...numberCell(own.value, input, 2), note: answers },
      words(formatChange(own.value, own.previousValue, lang)),
      cell('—', null),
      words('—'),
      words('—'),
      words(t('indices.ownSource')),
    ],
    bar: null,
  };
  return tableSection({
    id: `year-${year}`,
    heading: t('period.year', { year: String(year) }),
    rowLabel: t('indices.index'),
    columns: [
      column(t('indices.value')),
      column(t('indices.change')),
      column(t('ranking.rank')),
      column(t('ranking.movement')),
      column(t('ranking.grade')),
      column(t('indices.source')),
    ],
    rows: [ours, ...published.map((one) => publishedRow(one, input))],
  });
}

function publishedRow(one: PublishedIndex, input: PageInput): FiguresRow {
  const { lang } = input;
  const { index, value, previousValue, rank, of, movement, grade, source } = one;
  const inARow = (years: number) => (years > 1 ? formatStreak(years, lang) : '');
  return {
    label: index,
    href: '',
    cells: [
      numberCell(value, input, 2),
      words(formatChange(value, previousValue, lang)),
      cell(rank === null || of === null ? '—' : formatRank(rank, of), rank, inARow(one.rankYears)),
      words(formatMovement(movement, lang)),
      { ...words(grade ?? '—'), note: inARow(one.gradeYears) },
      words(source),
    ],
    bar: null,
  };
}
