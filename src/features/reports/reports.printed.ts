import type { Lang, Translate } from '../../i18n/index.js';
import type {
  PrintedBar,
  PrintedColumn,
  PrintedReport,
  PrintedRow,
  PrintedTable,
  PrintedText,
} from '../../pdf/printed-report.js';
import type { FiguresPage, FiguresRow, FiguresSection, Heat } from './figures.views.js';
import type { SatisfactionPage, ScaleSection, TableRow } from './reports.views.js';

/** How a report is worded, and whether its figures are synthetic. */
export interface Wording {
  readonly lang: Lang;
  readonly t: Translate;
  readonly demo: boolean;
}

/** A page of figures on paper: its words, tables and charts. */
export function printedFigures(page: FiguresPage, wording: Wording): PrintedReport {
  const { scopeName, periodLabel, periodText, filterText, asOfText, figures, alerts, legend, sections, method } = page;
  const { t } = wording;
  // The bars that a page explains stand in its first table.
  const tables = sections.map((section, index) => figuresTable(section, index === 0 ? legend : [], wording));
  return {
    ...frame(page.title, tables, method, wording),
    facts: [
      { label: t('reports.scope'), value: scopeName },
      { label: periodLabel, value: periodText },
      ...only(filterText, t),
    ],
    asOf: asOfText,
    figures,
    alerts: alerts.length > 0 ? { heading: t('overview.alerts'), texts: alerts } : null,
  };
}

/** The page of satisfaction on paper. */
export function printedSatisfaction(page: SatisfactionPage, wording: Wording): PrintedReport {
  const { t } = wording;
  const tables = page.sections.map((section) => satisfactionTable(section, page.groupLabel, wording));
  return {
    ...frame(page.title, tables, [t('reports.method.name'), ...page.method], wording),
    facts: [
      { label: t('reports.scope'), value: page.scopeName },
      { label: t('reports.periodShown'), value: page.periodText },
      ...only(page.filterText, t),
    ],
    asOf: page.asOfText,
    figures: [],
    alerts: null,
  };
}

function only(filterText: string, t: Translate): PrintedReport['facts'] {
  return filterText === '' ? [] : [{ label: t('reports.only'), value: filterText }];
}

type Frame = Pick<
  PrintedReport,
  'lang' | 'title' | 'tables' | 'empty' | 'method' | 'signatures' | 'notice' | 'pageText'
>;

function frame(
  title: string,
  tables: readonly PrintedTable[],
  method: readonly string[],
  { lang, t, demo }: Wording,
): Frame {
  const hint = t('figures.signHint');
  const hasBars = tables.some(({ columns, rows }) => rows.length > 0 && columns.some(({ kind }) => kind === 'chart'));
  return {
    lang,
    title,
    tables,
    empty: `${t('reports.noAnswers')} ${t('reports.noAnswersHelp')}`,
    method: { heading: t('reports.method'), texts: [...method, ...(hasBars ? [t('figures.pdfCharts')] : [])] },
    signatures: [
      { who: t('figures.preparer'), hint },
      { who: t('figures.head'), hint },
    ],
    notice: demo ? t('app.demo') : '',
    pageText: (page, of) => `${t('app.name')} – ${t('figures.pdfPage', { page, of })}`,
  };
}

function figuresTable(section: FiguresSection, legend: PrintedTable['legend'], { t }: Wording): PrintedTable {
  const { heading, trend, rowLabel, columns, chartLabel, rows, total, heat } = section;
  const table = {
    heading,
    figures: [],
    note: heat?.text ?? '',
    trend: trend && { ...trend, alt: `${heading}. ${trend.text}` },
    legend,
    empty: `${t('figures.none')} ${t('reports.noAnswersHelp')}`,
  };
  if (heat) return { ...table, columns: heatColumns(rowLabel, heat), rows: heatRows(heat), total: null };
  const cells = rows[0]?.cells ?? [];
  const hasChart = chartLabel !== '';
  return {
    ...table,
    columns: [
      words(rowLabel),
      ...columns.map(({ label, note }, index) =>
        cells[index]?.words ? { ...words(label), note } : number(label, note),
      ),
      ...(hasChart ? [chart(chartLabel)] : []),
    ],
    rows: rows.map((row) => figuresRow(row, hasChart)),
    total: total && rows.length > 0 ? figuresRow(total, hasChart) : null,
  };
}

function figuresRow({ label, cells, bar }: FiguresRow, hasChart: boolean): PrintedRow {
  const drawn = bar ? { ...bar, alt: [bar.title, bar.text].filter(Boolean).join('. ') } : NOTHING;
  return [text(label), ...cells.map(({ text: own, note }) => text(own, note)), ...(hasChart ? [drawn] : [])];
}

function heatColumns(rowLabel: string, { columns }: Heat): PrintedColumn[] {
  return [words(rowLabel), ...columns.map((label) => number(label))];
}

function heatRows({ rows }: Heat): PrintedRow[] {
  return rows.map(({ label, cells }) => [text(label), ...cells.map((cell) => cell ?? NOTHING)]);
}

function satisfactionTable(section: ScaleSection, groupLabel: string, { t }: Wording): PrintedTable {
  return {
    heading: section.heading,
    figures: section.figures,
    note: '',
    trend: null,
    legend: section.levels,
    columns: [
      words(groupLabel),
      number(t('reports.responses')),
      number(t('reports.n')),
      number(t('reports.satisfied'), t('reports.interval')),
      chart(t('reports.chart')),
      ...section.levels.map(({ label }) => number(label)),
    ],
    rows: section.empty ? [] : section.rows.map(satisfactionRow),
    total: section.empty ? null : satisfactionRow(section.total),
    empty: `${t('reports.noAnswers')} ${t('reports.noAnswersHelp')}`,
  };
}

function satisfactionRow(row: TableRow): PrintedRow {
  const { label, responses, n, satisfied, interval, levels } = row;
  return [
    text(label),
    text(responses),
    text(n),
    text(satisfied, interval),
    row.bar.length > 0 ? levelsBar(row) : NOTHING,
    ...levels.map(({ count, percent }) => text(count, percent)),
  ];
}

function levelsBar({ bar, barTitle, barText }: TableRow): PrintedBar {
  return { segments: bar, interval: null, alt: `${barTitle}. ${barText}` };
}

function text(own: string, note = ''): PrintedText {
  return { text: own, note };
}

const NOTHING = text('—');

function words(label: string): PrintedColumn {
  return { label, note: '', kind: 'words' };
}

function number(label: string, note = ''): PrintedColumn {
  return { label, note, kind: 'number' };
}

/** Bars run over the whole of 0 to 100 percent. */
function chart(label: string): PrintedColumn {
  return { label, note: '0–100%', kind: 'chart' };
}
