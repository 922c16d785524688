import { formatNumber, formatPercent } from '../../domain/format-vi.js';
import type { Lang, Translate } from '../../i18n/index.js';
import type { PrintedTrend } from '../../pdf/printed-report.js';
import type { Tone } from '../level-tone.js';
import { choice, periodChoices, type Choice, type FilterOptions } from './filter.views.js';
import type { Narrowing } from './narrowing.views.js';
import { instantText } from './reports.names.js';
import { LABEL, sortLink, sortRows, type SortLink } from './reports.sort.js';
import { tabsOf, type Tab, type Values } from './reports.tabs.js';
import type { BarSegment, KeyFigure } from './reports.views.js';

/** A page of figures: what it is about, how it can be asked for, key figures, tables with charts, and the method. */
export interface FiguresPage {
  readonly title: string;
  readonly tabs: readonly Tab[];
  readonly action: string;
  readonly scopeName: string;
  readonly periodLabel: string;
  /** '' when there are no figures. */
  readonly periodText: string;
  /** What the figures are narrowed to; '' where they are not. */
  readonly filterText: string;
  readonly asOfText: string;
  readonly values: Values;
  readonly errors: Readonly<Record<string, string>>;
  readonly fields: readonly Field[];
  /** Null where the figures cannot be narrowed. */
  readonly narrowing: Narrowing | null;
  readonly figures: readonly KeyFigure[];
  /** What a reader should know before quoting a figure. */
  readonly alerts: readonly string[];
  readonly legend: readonly { readonly label: string; readonly tone: Tone }[];
  readonly sections: readonly FiguresSection[];
  readonly method: readonly string[];
}

/** A link beside the heading of a page: to a form, or to a file. */
export interface Tool {
  readonly href: string;
  readonly label: string;
}

/** A field of the form above the figures: a list to choose from or, without one, a text. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly type: 'select' | 'text' | 'date' | 'number';
  readonly choices: readonly Choice[];
}

/** A table with its heading and perhaps a chart above; no rows mean no answers. */
export interface FiguresSection {
  readonly id: string;
  readonly heading: string;
  readonly trend: Trend | null;
  /** Stands for the table where the rows are hours and the columns weekdays. */
  readonly heat: Heat | null;
  readonly rowLabel: string;
  /** Null where rows keep their own order. */
  readonly rowSort: SortLink | null;
  readonly columns: readonly Column[];
  /** '' for a table without bars. */
  readonly chartLabel: string;
  readonly rows: readonly FiguresRow[];
  readonly total: FiguresRow | null;
}

export interface Column {
  readonly label: string;
  readonly note: string;
  readonly sort: SortLink | null;
}

export interface FiguresRow {
  readonly label: string;
  readonly href: string;
  readonly cells: readonly Cell[];
  readonly bar: Bar | null;
}

export interface Cell {
  readonly text: string;
  /** What rows are ordered by. */
  readonly value: string | number | null;
  readonly note: string;
  /** Words, not a figure: set to the left. */
  readonly words: boolean;
}

/** A bar over 0 to 100 percent: segments, and the interval of its value if it has one. */
export interface Bar {
  readonly segments: readonly BarSegment[];
  readonly interval: { readonly low: number; readonly high: number } | null;
  readonly title: string;
  /** What the title does not say; '' for nothing. */
  readonly text: string;
}

/** A table of shaded figures; null where there is none. */
export interface Heat {
  readonly text: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly label: string; readonly cells: readonly (HeatCell | null)[] }[];
}

/** `shade` runs from 0 for the lowest figures to 4 for the highest. */
export interface HeatCell extends Pick<Cell, 'text' | 'note'> {
  readonly shade: 0 | 1 | 2 | 3 | 4;
}

/** A line over time in the coordinates of its view box, on pages and on paper alike. */
export type Trend = Omit<PrintedTrend, 'alt'>;

/** What every page of figures is made from. */
export interface PageInput {
  readonly values: Values;
  readonly errors: Readonly<Record<string, string>>;
  readonly options: FilterOptions;
  /** Null: everything there is. */
  readonly scopeName: string | null;
  readonly lang: Lang;
  readonly t: Translate;
}

/** A figure already in words, and what it counts for where rows are ordered. */
export function cell(text: string, value: number | null, note = ''): Cell {
  return { text, value, note, words: false };
}

/** A number of `decimals` decimals in the reader's form; '—' where there is none. */
export function numberCell(value: number | null, { lang }: Pick<PageInput, 'lang'>, decimals = 0): Cell {
  return cell(formatNumber(value, decimals, lang), value);
}

/** A rate in percent, with its interval where there is one. */
export function percentCell(value: number | null, { lang }: Pick<PageInput, 'lang'>, note = ''): Cell {
  return cell(formatPercent(value, undefined, lang), value, note);
}

export function words(text: string): Cell {
  return { text, value: text, note: '', words: true };
}

/** A row that is written when it is first looked at: of a long table most rows never are. */
export function rowWhenRead(label: string, write: () => Omit<FiguresRow, 'label'>): FiguresRow {
  let written: Omit<FiguresRow, 'label'> | undefined;
  const row = () => (written ??= write());
  return {
    label,
    get href() {
      return row().href;
    },
    get cells() {
      return row().cells;
    },
    get bar() {
      return row().bar;
    },
  };
}

export function column(label: string, note = ''): Column {
  return { label, note, sort: null };
}

/** What every section has, and most have nothing of. */
type Rest = 'trend' | 'heat' | 'rowSort' | 'chartLabel' | 'total';

/** A table with its heading, and with what else is given. */
export function tableSection(
  section: Omit<FiguresSection, Rest> & Partial<Pick<FiguresSection, Rest>>,
): FiguresSection {
  return { trend: null, heat: null, rowSort: null, chartLabel: '', total: null, ...section };
}

/** A table whose rows can be ordered by each of its columns, in the order that the address asks for. */
export function sortable(section: FiguresSection, path: string, values: Values): FiguresSection {
  const names = section.columns.map((_, position) => `${section.id}.${position + 1}`);
  const rows = sortRows(section.rows, values, (row, by) => {
    return by === LABEL ? row.label : row.cells[names.indexOf(by)]?.value;
  });
  const columns = section.columns.map((one, position) => ({
    ...one,
    sort: sortLink(names[position] ?? '', path, values),
  }));
  return { ...section, rows, columns, rowSort: sortLink(LABEL, path, values) };
}

/** A bar of one value in percent, with its interval. */
export function valueBar(
  label: string,
  value: number | null,
  interval: readonly [number, number] | null,
  { lang, t }: Pick<PageInput, 'lang' | 't'>,
): Bar | null {
  if (value === null) return null;
  const percent = (rate: number) => formatPercent(rate, undefined, lang);
  return {
    segments: [{ tone: 'good', x: 0, width: Math.min(100, value) }],
    interval: interval && { low: interval[0], high: interval[1] },
    title: t('figures.barTitle', { label, value: percent(value) }),
    text: interval ? t('figures.barInterval', { low: percent(interval[0]), high: percent(interval[1]) }) : '',
  };
}

/** The fields that every report has, of those named. */
export function commonFields(names: readonly string[], { values, options, lang, t }: PageInput): Field[] {
  const periods = periodChoices(options.today, values['period'] ?? '', lang, t);
  const custom = names.includes('from') ? [choice('', t('reports.periodCustom'), values['period'])] : [];
  const centres = options.centres?.map(({ code, name }) => choice(code, name, values['centre'])) ?? [];
  const everyCentre = choice('', t('reports.allCentres'), values['centre']);
  const known: Field[] = [
    select('period', t('reports.period'), [...custom, ...periods]),
    { name: 'from', label: t('reports.from'), hint: t('reports.datesHint'), type: 'date', choices: [] },
    { name: 'to', label: t('reports.to'), hint: '', type: 'date', choices: [] },
    options.centres
      ? select('centre', t('reports.centre'), [everyCentre, ...centres])
      : { name: 'centre', label: t('reports.centre'), hint: t('reports.centreHint'), type: 'text', choices: [] },
    { name: 'unit', label: t('reports.unit'), hint: t('reports.unitHint'), type: 'text', choices: [] },
  ];
  return known.filter(({ name }) => names.includes(name));
}

/** The field to choose a questionnaire; `orAll` offers all of them together, too. */
export function questionnaireField({ values, options, t }: PageInput, orAll: boolean): Field {
  const chosen = values['questionnaire'];
  return select('questionnaire', t('reports.questionnaire'), [
    ...(orAll ? [choice('', t('reports.allQuestionnaires'), chosen)] : []),
    ...options.questionnaires.map(({ id, title }) => choice(id, title, chosen)),
  ]);
}

export function select(name: string, label: string, choices: readonly Choice[]): Field {
  return { name, label, hint: '', type: 'select', choices };
}

/** "Figures as of 08:05 22/11/2026", on the local clock. */
export function asOfText(instant: Date, lang: Lang, t: Translate): string {
  return t('reports.asOf', { time: instantText(instant, lang) });
}

/** What a page has in common with every other, figures apart. */
export function pageFrame(title: string, action: string, input: PageInput): Omit<FiguresPage, 'fields' | 'method'> {
  const { values, errors, scopeName, t } = input;
  return {
    title,
    action,
    tabs: tabsOf(action, values, t),
    scopeName: scopeName ?? t('reports.wholeScope'),
    values,
    errors,
    periodLabel: t('reports.periodShown'),
    periodText: '',
    filterText: '',
    asOfText: '',
    narrowing: null,
    figures: [],
    alerts: [],
    legend: [],
    sections: [],
  };
}
