import { formatNumber, formatPercent } from '../../domain/format-vi.js';
import { percentage } from '../../domain/rates.js';
import { sampleSize } from '../../domain/sample-size.js';
import { choice } from './filter.views.js';
import {
  column,
  commonFields,
  numberCell,
  pageFrame,
  percentCell,
  rowWhenRead,
  select,
  tableSection,
  valueBar,
  type Bar,
  type Cell,
  type FiguresPage,
  type FiguresRow,
  type FiguresSection,
  type PageInput,
} from './figures.views.js';
import type { OnTimeReport, ResponseRateReport, ResponseRateRow } from './dossier-reports.service.js';
import { DOSSIER_GROUPINGS, type DossierGrouping, type OnTimeCounts, type OnTimeRow } from './on-time.rows.js';
import { groupName, rangeText } from './reports.names.js';
import { withQuery } from './reports.tabs.js';
import type { KeyFigure } from './reports.views.js';

export interface ShownDossiers {
  readonly groupBy: DossierGrouping;
  readonly onTime: OnTimeReport;
  readonly responseRate: ResponseRateReport;
}

/** The page of dossiers: returned on time or not, still open, and how many forms came for them. */
export function onTimePage(input: PageInput & { readonly shown: ShownDossiers | null }): FiguresPage {
  const { shown, values, lang, t } = input;
  const grouping = DOSSIER_GROUPINGS.find((known) => known === values['groupBy']) ?? 'centre';
  const page: FiguresPage = {
    ...pageFrame(t('onTime.title'), '/reports/on-time', input),
    fields: [
      ...commonFields(['period', 'from', 'to', 'centre', 'unit'], input),
      select(
        'groupBy',
        t('reports.groupBy'),
        DOSSIER_GROUPINGS.map((known) => choice(known, t(`groupBy.${known}`), grouping)),
      ),
    ],
    method: [t('onTime.how.day'), t('onTime.how.open'), t('onTime.how.rate'), t('onTime.how.sample')],
  };
  if (!shown) return page;
  return {
    ...page,
    periodText: rangeText(shown.onTime, values['period'] ?? '', lang, t),
    figures: dossierFigures(shown, input),
    legend: [
      { label: t('onTime.early'), tone: 'best' },
      { label: t('onTime.onTime'), tone: 'good' },
      { label: t('onTime.late'), tone: 'worst' },
    ],
    sections: [onTimeSection(shown, input), rateSection(shown, input)],
  };
}

/** The figures of a scope's dossiers in one line. */
export function dossierFigures(
  { onTime: { total }, responseRate }: Pick<ShownDossiers, 'onTime' | 'responseRate'>,
  { lang, t }: Pick<PageInput, 'lang' | 't'>,
): KeyFigure[] {
  const number = (value: number | null) => formatNumber(value, 0, lang);
  const overdue = `${t('onTime.openOverdue')}: ${number(total.openOverdue)}`;
  const forms = `${t('onTime.forms')}: ${number(responseRate.total.responses)}`;
  return [
    onTimeFigure(total, { lang, t }),
    { label: t('onTime.late'), value: number(total.late), note: '', main: false },
    { label: t('onTime.open'), value: number(total.open), note: overdue, main: false },
    {
      label: t('onTime.responseRate'),
      value: formatNumber(responseRate.total.rate, 2, lang),
      note: forms,
      main: false,
    },
  ];
}

/** The share of dossiers returned early or on time, with their number. */
export function onTimeFigure({ rate, returned }: OnTimeCounts, { lang, t }: Pick<PageInput, 'lang' | 't'>): KeyFigure {
  const note = `${t('onTime.returned')}: ${formatNumber(returned, 0, lang)}`;
  return { label: t('onTime.rate'), value: formatPercent(rate, undefined, lang), note, main: true };
}

function onTimeSection(shown: ShownDossiers, input: PageInput): FiguresSection {
  const { groupBy, onTime } = shown;
  const { t } = input;
  const columns = [
    t('onTime.returned'),
    t('onTime.early'),
    t('onTime.onTime'),
    t('onTime.late'),
    t('onTime.rate'),
    t('onTime.open'),
    t('onTime.openOverdue'),
  ];
  const empty = onTime.total.returned === 0 && onTime.total.open === 0;
  return tableSection({
    id: 'on-time',
    heading: t('onTime.table'),
    rowLabel: t(`groupBy.${groupBy}`),
    columns: columns.map((label) => column(label)),
    chartLabel: t('reports.chart'),
    rows: empty ? [] : rowsOf(onTime.rows, shown, input, (row, label) => onTimeRow(row, label, groupBy, input)),
    total: onTimeRow(onTime.total, t('reports.total'), null, input),
  });
}

/** The rows of a table; of one that has thousands most are never written. */
function rowsOf<T extends { readonly key: string; readonly label: string }>(
  rows: readonly T[],
  { groupBy }: ShownDossiers,
  input: PageInput,
  write: (row: T, label: string) => FiguresRow,
): FiguresRow[] {
  return rows.map((row) => {
    const label = labelOf(groupBy, row, input);
    return rowWhenRead(label, () => write(row, label));
  });
}

function labelOf(
  groupBy: DossierGrouping,
  { key, label }: { readonly key: string; readonly label: string },
  { lang, t }: PageInput,
): string {
  return groupName(groupBy, key, lang, t) ?? label;
}

function centreHref(groupBy: DossierGrouping | null, key: string, { values }: PageInput): string {
  return groupBy === 'centre' && key !== ''
    ? withQuery(`/reports/centres/${encodeURIComponent(key)}`, values, ['period'])
    : '';
}

function onTimeRow(row: OnTimeRow, label: string, groupBy: DossierGrouping | null, input: PageInput): FiguresRow {
  const number = (value: number | null) => numberCell(value, input);
  return {
    label,
    href: centreHref(groupBy, row.key, input),
    cells: [
      number(row.returned),
      number(row.early),
      number(row.onTime),
      number(row.late),
      percentCell(row.rate, input),
      number(row.open),
      number(row.openOverdue),
    ],
    bar: punctualityBar(row, label, input),
  };
}

function punctualityBar({ returned, early, onTime, late }: OnTimeRow, label: string, input: PageInput): Bar | null {
  if (returned === 0) return null;
  const { lang, t } = input;
  const parts = [
    { tone: 'best', n: early, name: t('onTime.early') },
    { tone: 'good', n: onTime, name: t('onTime.onTime') },
    { tone: 'worst', n: late, name: t('onTime.late') },
  ] as const;
  let before = 0;
  const segments = parts.flatMap(({ tone, n }) => {
    if (n === 0) return [];
    const segment = { tone, x: (100 * before) / returned, width: (100 * n) / returned };
    before += n;
    return [segment];
  });
  const part = (name: string, n: number) => t('onTime.barPart', { label: name, n: formatNumber(n, 0, lang) });
  return {
    segments,
    interval: null,
    title: t('figures.barTitle', { label, value: formatNumber(returned, 0, lang) }),
    text: parts.map(({ name, n }) => part(name, n)).join(', '),
  };
}

/** The forms that would represent the dossiers returned, and how many of them there are. */
function sampleCells({ returned, responses }: ResponseRateRow, input: PageInput): Cell[] {
  const needed = sampleSize(returned);
  return [numberCell(needed, input), percentCell(percentage(responses, needed), input)];
}

function rateSection(shown: ShownDossiers, input: PageInput): FiguresSection {
  const { groupBy, responseRate } = shown;
  const { t } = input;
  const columns = [
    t('onTime.returned'),
    t('onTime.forms'),
    t('onTime.responseRate'),
    t('onTime.sample'),
    t('onTime.reached'),
  ];
  const { rows, total } = responseRate;
  const row = (one: ResponseRateRow, label: string, group: DossierGrouping | null): FiguresRow => ({
    label,
    href: centreHref(group, one.key, input),
    cells: [
      numberCell(one.returned, input),
      numberCell(one.responses, input),
      numberCell(one.rate, input, 2),
      ...sampleCells(one, input),
    ],
    bar: valueBar(label, one.rate, null, input),
  });
  const empty = total.returned === 0 && total.responses === 0;
  return tableSection({
    id: 'response-rate',
    heading: t('onTime.rates'),
    rowLabel: t(`groupBy.${groupBy}`),
    columns: columns.map((label) => column(label)),
    chartLabel: t('reports.chart'),
    rows: empty ? [] : rowsOf(rows, shown, input, (one, label) => row(one, label, groupBy)),
    total: row(total, t('reports.total'), null),
  });
}
