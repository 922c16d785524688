import { formatChange, formatNumber, formatPercent } from '../../domain/format-vi.js';
import type { Period } from '../../domain/period.js';
import type { Scale } from '../../domain/scale.js';
import {
  asOfText,
  cell,
  commonFields,
  pageFrame,
  valueBar,
  words,
  type FiguresPage,
  type FiguresRow,
  type FiguresSection,
  type PageInput,
} from './figures.views.js';
import { dossierFigures, type ShownDossiers } from './on-time.views.js';
import { periodName, rangeText } from './reports.names.js';
import type { ReportRow, SatisfactionReport } from './reports.types.js';
import { trendOf } from './trend.views.js';

/** The satisfaction of a centre on one scale: a period beside others, the months up to it, the reasons given. */
export interface CentreOnScale {
  readonly scale: Scale;
  readonly periods: readonly { readonly period: Period; readonly total: ReportRow }[];
  readonly months: SatisfactionReport;
  readonly reasons: SatisfactionReport;
}

export interface ShownCentre extends Pick<ShownDossiers, 'onTime' | 'responseRate'> {
  readonly period: Period;
  readonly asOf: Date;
  readonly scales: readonly CentreOnScale[];
}

const MOST_REASONS = 10;

/** The page of one centre. */
export function centrePage(
  input: PageInput & { readonly code: string; readonly shown: ShownCentre | null },
): FiguresPage {
  const { shown, code, scopeName, lang, t } = input;
  const name = scopeName ?? code;
  const frame = pageFrame(t('centre.title', { name }), `/reports/centres/${encodeURIComponent(code)}`, input);
  const page: FiguresPage = {
    ...frame,
    fields: commonFields(['period'], input),
    method: [
      t('reports.method.name'),
      t('reports.method.n'),
      t('centre.how.change'),
      t('reports.method.scales'),
      t('reports.method.interval'),
      t('onTime.how.day'),
    ],
  };
  if (!shown) return page;
  return {
    ...page,
    periodText: rangeText(shown.period.range, shown.period.key, lang, t),
    asOfText: asOfText(shown.asOf, lang, t),
    figures: dossierFigures(shown, input),
    sections: shown.scales.flatMap((one) => [
      compareSection(one, input),
      trendSection(one, input),
      ...(one.reasons.rows.length > 0 ? [reasonSection(one, input)] : []),
    ]),
  };
}

function scaleName({ levels }: Scale, { t }: PageInput): string {
  return t('reports.scaleHeading', { count: levels.length }).toLowerCase();
}

function compareSection({ scale, periods }: CentreOnScale, input: PageInput): FiguresSection {
  const { lang, t } = input;
  const now = periods[0]?.total;
  const rows = periods.map(({ period, total }, position): FiguresRow => {
    const name = periodName(period.key, lang, t);
    const heading = [t('centre.thisPeriod'), t('figures.previous'), t('figures.yearAgo')][position] ?? '';
    const change = position === 0 || !now ? '' : changeText(now, total, input);
    return satisfactionRow(`${heading}: ${name}`, total, input, [words(change)]);
  });
  return {
    id: `compare-${scale.id}`,
    heading: t('centre.compare', { scale: scaleName(scale, input) }),
    trend: null,
    rowLabel: t('reports.period'),
    columns: [...satisfactionColumns(input), { label: t('centre.change'), note: '' }],
    chartLabel: t('reports.chart'),
    rows,
    total: null,
  };
}

/** A change is one only where the intervals do not overlap. */
function changeText(now: ReportRow, before: ReportRow, { lang, t }: PageInput): string {
  const [a, b] = [now.ci95.satisfied, before.ci95.satisfied];
  if (!a || !b) return '—';
  const change = formatChange(now.rates.satisfied, before.rates.satisfied, lang);
  const clear = a[0] > b[1] || b[0] > a[1];
  return t(clear ? 'centre.changeClear' : 'centre.changeUnclear', { change });
}

function trendSection({ scale, months }: CentreOnScale, input: PageInput): FiguresSection {
  const { lang, t } = input;
  return {
    id: `trend-${scale.id}`,
    heading: t('centre.trend', { scale: scaleName(scale, input) }),
    trend: trendOf(months.rows, t('centre.trendText'), lang),
    rowLabel: t('centre.month'),
    columns: satisfactionColumns(input),
    chartLabel: t('reports.chart'),
    rows: months.rows.map((row) => satisfactionRow(periodName(row.key, lang, t), row, input)),
    total: null,
  };
}

function reasonSection({ scale, reasons }: CentreOnScale, input: PageInput): FiguresSection {
  const { lang, t } = input;
  const most = [...reasons.rows].sort((a, b) => b.responses - a.responses).slice(0, MOST_REASONS);
  return {
    id: `reasons-${scale.id}`,
    heading: t('centre.reasons', { scale: scaleName(scale, input) }),
    trend: null,
    rowLabel: t('centre.reason'),
    columns: [{ label: t('centre.reasonForms'), note: '' }],
    chartLabel: '',
    rows: most.map(({ label, responses }) => ({
      label,
      href: '',
      cells: [cell(formatNumber(responses, 0, lang))],
      bar: null,
    })),
    total: null,
  };
}

function satisfactionColumns({ t }: PageInput): FiguresSection['columns'] {
  return [
    { label: t('reports.responses'), note: '' },
    { label: t('reports.n'), note: '' },
    { label: t('reports.verySatisfied'), note: '' },
    { label: t('reports.satisfied'), note: t('reports.interval') },
    { label: t('reports.dissatisfied'), note: '' },
  ];
}

function satisfactionRow(
  label: string,
  { responses, n, rates, ci95 }: ReportRow,
  input: PageInput,
  more: FiguresRow['cells'] = [],
): FiguresRow {
  const { lang, t } = input;
  const percent = (value: number | null) => formatPercent(value, undefined, lang);
  const [low, high] = ci95.satisfied ?? [null, null];
  const interval = low === null ? '' : t('reports.intervalText', { low: percent(low), high: percent(high) });
  return {
    label,
    href: '',
    cells: [
      cell(formatNumber(responses, 0, lang)),
      cell(formatNumber(n, 0, lang)),
      cell(percent(rates.verySatisfied)),
      cell(percent(rates.satisfied), interval),
      cell(percent(rates.dissatisfied)),
      ...more,
    ],
    bar: valueBar(label, rates.satisfied, ci95.satisfied, input),
  };
}
