import { formatNumber, formatPercent } from '../../domain/format-vi.js';
import { percentage } from '../../domain/rates.js';
import type { CriterionIndex, FactorIndex, IndexFigures } from '../../domain/index-figures.js';
import type { DayRange } from '../../domain/period.js';
import type { Scale } from '../../domain/scale.js';
import { satisfiedCount } from '../../domain/rates.js';
import { textIn } from '../../domain/text.js';
import type { Translate } from '../../i18n/index.js';
import { choice } from './filter.views.js';
import {
  asOfText,
  column,
  commonFields,
  numberCell,
  pageFrame,
  percentCell,
  questionnaireField,
  select,
  tableSection,
  valueBar,
  type FiguresPage,
  type FiguresRow,
  type FiguresSection,
  type PageInput,
  type Tool,
} from './figures.views.js';
import { narrowedTo, narrowingOf } from './narrowing.views.js';
import { rangeText } from './reports.names.js';
import { withQuery, type Values } from './reports.tabs.js';
import { FILTERS } from './reports.types.js';
import { intervalText } from './satisfaction-row.views.js';

/** An index and the days it is of. */
export interface ShownIndex {
  readonly range: DayRange;
  readonly scale: Scale;
  readonly asOf: Date;
  readonly figures: IndexFigures;
}

/** The page of the index: overall, by factor, and the criteria of each factor with their part in what is missing. */
export function indexPage(input: PageInput & { readonly index: ShownIndex | null }): FiguresPage {
  const { index, values, lang, t } = input;
  const mean = values['method'] === 'top2-mean';
  const page: FiguresPage = {
    ...pageFrame(t('index.title'), '/reports/index', input),
    fields: [
      ...commonFields(['period', 'from', 'to', 'centre', 'unit'], input),
      questionnaireField(input, false),
      select('method', t('index.methodField'), [
        choice('', t('index.pooled'), mean ? 'top2-mean' : ''),
        choice('top2-mean', t('index.mean'), mean ? 'top2-mean' : ''),
      ]),
    ],
    narrowing: narrowingOf(input),
    method: [
      t('reports.method.name'),
      t(mean ? 'index.how.mean' : 'index.how.pooled'),
      t('index.how.versions'),
      t('index.how.share'),
      t('reports.method.interval'),
    ],
  };
  if (!index) return page;
  const { figures } = index;
  return {
    ...page,
    periodText: rangeText(index.range, values['period'] ?? '', lang, t),
    filterText: narrowedTo(input),
    asOfText: asOfText(index.asOf, lang, t),
    figures: keyFigures(figures, input),
    sections: figures.overall.n === 0 ? [emptySection(input)] : sections(index, input),
  };
}

/** The criteria of the same forms as a file. */
export function indexDownloads(values: Values, t: Translate): Tool[] {
  const names = ['period', 'from', 'to', 'unit', 'centre', 'questionnaire', ...FILTERS];
  return [{ href: withQuery('/exports/criteria.csv', values, names), label: t('reports.exportCriteria') }];
}

function keyFigures({ overall, criteria }: IndexFigures, input: PageInput): FiguresPage['figures'] {
  const { lang, t } = input;
  const percent = (value: number | null) => formatPercent(value, undefined, lang);
  const weakest = [...criteria]
    .filter(({ value }) => value !== null)
    .sort((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
  const interval = intervalText(overall.ci95, input);
  return [
    { label: t('index.overall'), value: percent(overall.value), note: interval, main: true },
    { label: t('reports.answers'), value: formatNumber(overall.n, 0, lang), note: '', main: false },
    ...(weakest
      ? [{ label: t('index.weakest'), value: percent(weakest.value), note: codeAndText(weakest, lang), main: false }]
      : []),
  ];
}

function sections({ figures, scale }: ShownIndex, input: PageInput): FiguresSection[] {
  const { t, lang } = input;
  const missing = figures.criteria.reduce((sum, { n, counts }) => sum + n - satisfiedCount(scale, counts), 0);
  const { factors } = figures;
  const byFactor = section('factors', t('index.factors'), t('index.factor'), input, [
    ...factors.map((factor) => factorRow(factor, figures.criteria, scale, missing, input)),
  ]);
  return [
    byFactor,
    ...factors.map(({ code, name }) =>
      section(
        `factor-${code}`,
        t('index.criteriaOf', { name: textIn(name, lang) }),
        t('index.criterion'),
        input,
        figures.criteria
          .filter(({ factor }) => factor === code)
          .map((criterion) => criterionRow(criterion, scale, missing, input)),
      ),
    ),
  ];
}

function section(
  id: string,
  heading: string,
  rowLabel: string,
  { t }: PageInput,
  rows: readonly FiguresRow[],
): FiguresSection {
  const columns = [column(t('reports.n')), column(t('index.value'), t('reports.interval')), column(t('index.share'))];
  const chartLabel = t('reports.chart');
  return tableSection({ id, heading, rowLabel, columns, chartLabel, rows });
}

function emptySection(input: PageInput): FiguresSection {
  return section('factors', input.t('index.factors'), input.t('index.factor'), input, []);
}

function factorRow(
  { code, name, n, value, ci95 }: FactorIndex,
  criteria: readonly CriterionIndex[],
  scale: Scale,
  missing: number,
  input: PageInput,
): FiguresRow {
  const own = criteria
    .filter(({ factor }) => factor === code)
    .reduce((sum, { n: answers, counts }) => sum + answers - satisfiedCount(scale, counts), 0);
  const label = `${code}. ${textIn(name, input.lang)}`;
  return indexRow({ label, href: `#factor-${code}`, n, value, ci95, share: percentage(own, missing) }, input);
}

function criterionRow(criterion: CriterionIndex, scale: Scale, missing: number, input: PageInput): FiguresRow {
  const { n, value, counts } = criterion;
  const share = percentage(n - satisfiedCount(scale, counts), missing);
  return indexRow({ label: codeAndText(criterion, input.lang), href: '', n, value, ci95: null, share }, input);
}

interface IndexRow {
  readonly label: string;
  readonly href: string;
  readonly n: number;
  readonly value: number | null;
  readonly ci95: readonly [number, number] | null;
  readonly share: number | null;
}

function indexRow({ label, href, n, value, ci95, share }: IndexRow, input: PageInput): FiguresRow {
  return {
    label,
    href,
    cells: [numberCell(n, input), percentCell(value, input, intervalText(ci95, input)), percentCell(share, input)],
    bar: valueBar(label, value, ci95, input),
  };
}

function codeAndText({ code, text }: CriterionIndex, lang: string): string {
  return `${code}. ${textIn(text, lang)}`;
}
