import { formatNumber } from '../../domain/format-vi.js';
import type { Period } from '../../domain/period.js';
import { textIn } from '../../domain/text.js';
import { INDICATORS, MAX_POINTS, MAX_SCORE, timePoints } from '../../domain/tthc-score.js';
import {
  column,
  commonFields,
  numberCell,
  pageFrame,
  tableSection,
  words,
  type Cell,
  type FiguresPage,
  type FiguresRow,
  type FiguresSection,
  type PageInput,
} from '../reports/figures.views.js';
import { onTimeFigure } from '../reports/on-time.views.js';
import { rangeText } from '../reports/reports.names.js';
import { SCORE_PATH } from '../reports/reports.tabs.js';
import type { KeyFigure } from '../reports/reports.views.js';
import type { GradedScore, ShownScore } from './tthc-score.service.js';

const DECIMALS = 2;

/** The score of a place and period, indicator by indicator. */
export function scorePage(
  input: PageInput & { readonly shown: { readonly score: ShownScore; readonly period: Period } | null },
): FiguresPage {
  const { shown, lang, t } = input;
  const page: FiguresPage = {
    ...pageFrame(t('score.title'), SCORE_PATH, input),
    fields: commonFields(['period', 'centre', 'unit'], input).map((field) =>
      field.name === 'unit' ? { ...field, hint: t('score.placeHint') } : field,
    ),
    method: [t('score.how.source'), t('score.how.computed'), t('score.how.complete'), t('score.how.grades')],
  };
  if (!shown) return page;
  const { score, period } = shown;
  return {
    ...page,
    periodText: rangeText(period.range, period.key, lang, t),
    figures: [
      { ...totalFigure(t('score.self'), score.self, input), main: score.appraised.total === null },
      { ...totalFigure(t('score.appraised'), score.appraised, input), main: score.appraised.total !== null },
      { ...onTimeFigure(score.dossiers, input), main: false },
    ],
    sections: [indicatorSection(score, input)],
  };
}

function totalFigure(label: string, { total, assessed, grade }: GradedScore, { lang, t }: PageInput): KeyFigure {
  const value = total === null ? '—' : `${formatNumber(total, DECIMALS, lang)}/${MAX_SCORE}`;
  const known = t('score.assessed', { n: assessed, of: INDICATORS.length });
  return { label, value, note: grade ? t('score.grade', { grade: textIn(grade, lang) }) : known, main: false };
}

function indicatorSection(score: ShownScore, input: PageInput): FiguresSection {
  const { lang, t } = input;
  const { self, appraised } = score;
  const points = (value: number | null): Cell => numberCell(value, input, DECIMALS);
  const total: FiguresRow = {
    label: t('score.total'),
    href: '',
    cells: [numberCell(MAX_SCORE, input), points(self.total), points(appraised.total), words(''), words('')],
    bar: null,
  };
  return tableSection({
    id: 'indicators',
    heading: t('score.table'),
    rowLabel: t('score.indicator'),
    columns: [
      column(t('score.max')),
      column(t('score.self')),
      column(t('score.appraised')),
      column(t('score.rule')),
      column(t('score.origin')),
    ],
    rows: INDICATORS.map(({ name, rule }, index) => ({
      label: `${index + 1}. ${textIn(name, lang)}`,
      href: '',
      cells: [
        numberCell(MAX_POINTS, input),
        points(self.points[index] ?? null),
        points(appraised.points[index] ?? null),
        words(textIn(rule, lang)),
        words(originText(index, score, input)),
      ],
      bar: null,
    })),
    total,
  });
}

function originText(index: number, { self, dossiers }: ShownScore, { lang, t }: PageInput): string {
  if (isComputed(index, dossiers)) return t('score.computed', { n: formatNumber(dossiers.returned, 0, lang) });
  return t((self.points[index] ?? null) === null ? 'score.missing' : 'score.byHand');
}

/** What dossiers tell is not asked for. */
export function isComputed(index: number, dossiers: ShownScore['dossiers']): boolean {
  return index === 0 && timePoints(dossiers) !== null;
}
