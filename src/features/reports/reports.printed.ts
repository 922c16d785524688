import type { Lang, Translate } from '../../i18n/index.js';
import type { PrintedColumn, PrintedReport, PrintedRow, PrintedTable } from '../../pdf/report.js';
import type { FiguresPage, FiguresRow, FiguresSection, Heat } from './figures.views.js';
import type { SatisfactionPage, ScaleSection, TableRow } from './reports.views.js';

/** How a report is worded. */
export interface Wording {
  readonly lang: Lang;
  readonly t: Translate;
}

/** A page of figures on paper: its words and tables, without its charts. */
export function printedFigures(page: FiguresPage, wording: Wording): PrintedReport {
  const { scopeName, periodLabel, periodText, asOfText, figures, alerts, sections, method } = page;
  const { t } = wording;
  return {
    ...frame(page.title, wording),
    facts: [
      { label: t('reports.scope'), value: scopeName },
      { label: periodLabel, value: periodText },
    ],
    asOf: asOfText,
    figures,
    tables: sections.map((section) => figuresTable(section, wording)),
    method: [...alerts, ...method, t('figures.pdfCharts')],
  };
}

/** The page of satisfaction on paper. */
export function printedSatisfaction(page: SatisfactionPage, wording: Wording): PrintedReport {
  const { t } = wording;
  const only = page.filterText === '' ? [] : [{ label: t('reports.only'), value: page.filterText }];
  return {
    ...frame(page.title, wording),
    facts: [
      { label: t('reports.scope'), value: page.scopeName },
      { label: t('reports.periodShown'), value: page.periodText },
      ...only,
    ],
    asOf: page.asOfText,
    figures: page.sections.flatMap(({ heading, figures }) =>
      figures.map((figure) => ({ ...figure, label: `${heading} – ${figure.label}` })),
    ),
    tables: page.sections.map((section) => satisfactionTable(section, page.groupLabel, wording)),
    method: [t('reports.method.name'), ...page.method, t('figures.pdfCharts')],
  };
}

function frame(
  title: string,
  { lang, t }: Wording,
): Pick<PrintedReport, 'lang' | 'title' | 'methodHeading' | 'signatures' | 'pageText'> {
  const hint = t('figures.signHint');
  return {
    lang,
    title,
    methodHeading: t('reports.method'),
    signatures: [
      { who: t('figures.preparer'), hint },
      { who: t('figures.head'), hint },
    ],
    pageText: (page, of) => `${t('app.name')} – ${t('figures.pdfPage', { page, of })}`,
  };
}

function figuresTable(section: FiguresSection, { t }: Wording): PrintedTable {
  const { heading, rowLabel, columns, rows, total, heat } = section;
  const empty = `${t('figures.none')} ${t('reports.noAnswersHelp')}`;
  if (heat) return { heading, columns: heatColumns(rowLabel, heat), rows: heatRows(heat), total: null, empty };
  const cells = rows[0]?.cells ?? [];
  return {
    heading,
    columns: [
      words(rowLabel),
      ...columns.map(({ label, note }, index) => ({ label, note, isNumber: !cells[index]?.words })),
    ],
    rows: rows.map(figuresRow),
    total: total && rows.length > 0 ? figuresRow(total) : null,
    empty,
  };
}

function figuresRow({ label, cells }: FiguresRow): PrintedRow {
  return [{ text: label, note: '' }, ...cells.map(({ text, note }) => ({ text, note }))];
}

function heatColumns(rowLabel: string, { columns }: Heat): PrintedColumn[] {
  return [words(rowLabel), ...columns.map((label) => number(label))];
}

function heatRows({ rows }: Heat): PrintedRow[] {
  return rows.map(({ label, cells }) => [
    { text: label, note: '' },
    ...cells.map((cell) => (cell ? { text: cell.text, note: cell.note } : { text: '—', note: '' })),
  ]);
}

function satisfactionTable(section: ScaleSection, groupLabel: string, { t }: Wording): PrintedTable {
  return {
    heading: section.heading,
    columns: [
      words(groupLabel),
      number(t('reports.responses')),
      number(t('reports.n')),
      number(t('reports.satisfied'), t('reports.interval')),
      ...section.levels.map(({ label }) => number(label)),
    ],
    rows: section.empty ? [] : section.rows.map(satisfactionRow),
    total: section.empty ? null : satisfactionRow(section.total),
    empty: `${t('reports.noAnswers')} ${t('reports.noAnswersHelp')}`,
  };
}

function satisfactionRow({ label, responses, n, satisfied, interval, levels }: TableRow): PrintedRow {
  return [
    { text: label, note: '' },
    { text: responses, note: '' },
    { text: n, note: '' },
    { text: satisfied, note: interval },
    ...levels.map(({ count, percent }) => ({ text: count, note: percent })),
  ];
}

function words(label: string): PrintedColumn {
  return { label, note: '', isNumber: false };
}

function number(label: string, note = ''): PrintedColumn {
  return { label, note, isNumber: true };
}
