import { formatNumber, formatPercent } from '../../domain/format-vi.js';
import { percentage } from '../../domain/rates.js';
import type { Level, Scale } from '../../domain/scale.js';
import { textIn } from '../../domain/text.js';
import type { Lang, Translate } from '../../i18n/index.js';
import { toneOf, type Tone } from '../level-tone.js';
import { filterForm, groupingOf, type FilterForm, type FilterOptions, type FilterValues } from './filter.views.js';
import { isNarrowed, narrowedTo, narrowingOf, type Narrowing } from './narrowing.views.js';
import { groupName, instantText, rangeText } from './reports.names.js';
import { LABEL, sortLink, sortRows, type SortLink } from './reports.sort.js';
import { tabsOf, withQuery, type Tab } from './reports.tabs.js';
import {
  FILTERS,
  type Grouping,
  type ReportRow,
  type SatisfactionByScale,
  type SatisfactionReport,
} from './reports.types.js';

/** What `satisfactionPage` is made from. */
export interface SatisfactionPageInput {
  /** Null when the query was invalid: the form comes back with `errors` and no figures. */
  readonly report: SatisfactionReport | SatisfactionByScale | null;
  readonly scales: readonly Scale[];
  /** Name of the unit or centre reported on; null for everything there is. */
  readonly scopeName: string | null;
  readonly values: FilterValues;
  readonly options: FilterOptions;
  /** Message by field name of `FilterValues`. */
  readonly errors: Readonly<Record<string, string>>;
  /** What this account may download with the same query. */
  readonly downloads: readonly ('satisfaction' | 'responses')[];
  readonly lang: Lang;
  readonly t: Translate;
}

/** Locals of `reports/satisfaction`. */
export interface SatisfactionPage extends FilterForm {
  readonly title: string;
  readonly tabs: readonly Tab[];
  readonly scopeName: string;
  /** '' when there is no report. */
  readonly periodText: string;
  readonly asOfText: string;
  readonly values: FilterValues;
  readonly errors: Readonly<Record<string, string>>;
  readonly narrowing: Narrowing;
  /** What the figures are narrowed to; '' where they are not. */
  readonly filterText: string;
  readonly downloads: readonly { readonly href: string; readonly label: string }[];
  readonly groupLabel: string;
  readonly byReason: boolean;
  /** What heads each column by which the rows can be ordered. */
  readonly sorts: Readonly<Record<'label' | 'responses' | 'n' | 'satisfied', SortLink>>;
  readonly sections: readonly ScaleSection[];
  readonly method: readonly string[];
}

/** The part of the page about one scale. */
export interface ScaleSection {
  readonly id: string;
  readonly heading: string;
  readonly empty: boolean;
  readonly figures: readonly KeyFigure[];
  /** Levels from best to worst. */
  readonly levels: readonly { readonly label: string; readonly tone: Tone; readonly sort: SortLink }[];
  readonly total: TableRow;
  readonly rows: readonly TableRow[];
}

export interface KeyFigure {
  readonly label: string;
  readonly value: string;
  readonly note: string;
  /** The figure the office is judged by. */
  readonly main: boolean;
}

/** A line of the table, every figure already written in the reader's language. */
export interface TableRow {
  readonly label: string;
  /** '' where there is nothing more about it. */
  readonly href: string;
  readonly responses: string;
  readonly n: string;
  readonly satisfied: string;
  readonly interval: string;
  readonly levels: readonly { readonly label: string; readonly count: string; readonly percent: string }[];
  /** Segments of the stacked bar from best to worst, only those with answers; empty when n = 0. */
  readonly bar: readonly BarSegment[];
  /** The bar in words. */
  readonly barTitle: string;
  readonly barText: string;
}

/** `x` and `width` are shares of the bar in percent. */
export interface BarSegment {
  readonly tone: Tone;
  readonly x: number;
  readonly width: number;
}

const PATH = '/reports';
const METHOD = ['n', 'rate', 'unanswered', 'scales', 'interval', 'day'] as const;

/** The whole page of a satisfaction report: figures, filter form and downloads, in one language. */
export function satisfactionPage(input: SatisfactionPageInput): SatisfactionPage {
  const { report, values, errors, t } = input;
  const reports = report === null ? [] : reportsOf(report);
  const [first] = reports;
  const grouping = groupingOf(values.groupBy);
  const narrowed = { ...input, values: { ...values } };
  return {
    title: t('reports.title'),
    tabs: tabsOf(PATH, { ...values }, t),
    scopeName: input.scopeName ?? t('reports.wholeScope'),
    periodText: first ? rangeText(first, values.period, input.lang, t) : '',
    asOfText: first ? t('reports.asOf', { time: instantText(new Date(first.asOf), input.lang) }) : '',
    values,
    errors,
    ...filterForm(input),
    downloads: report === null ? [] : downloadLinks(input),
    narrowing: narrowingOf(narrowed),
    filterText: report === null ? '' : narrowedTo(narrowed),
    groupLabel: t(`groupBy.${grouping}`),
    byReason: grouping === 'reason',
    sorts: {
      label: sortLink(LABEL, PATH, { ...values }),
      responses: sortLink('responses', PATH, { ...values }),
      n: sortLink('n', PATH, { ...values }),
      satisfied: sortLink('satisfied', PATH, { ...values }),
    },
    sections: reports.map((one) => scaleSection(one, grouping, input)),
    method: METHOD.map((key) => t(`reports.method.${key}`)),
  };
}

/** Five-level reports come first: they are the SIPAS scale. */
function reportsOf(report: SatisfactionReport | SatisfactionByScale): SatisfactionReport[] {
  if (!('byScale' in report)) return [report];
  return Object.values(report.byScale).sort((a, b) => b.total.counts.length - a.total.counts.length);
}

function downloadLinks({ values, downloads, t }: SatisfactionPageInput): { href: string; label: string }[] {
  const filled = Object.entries(values).filter(([, value]: [string, string]) => value !== '');
  const labels = { satisfaction: t('reports.exportSatisfaction'), responses: t('reports.exportResponses') };
  return downloads.map((download) => {
    const query = new URLSearchParams(
      filled.filter(([name]) => name !== 'sort' && (name !== 'groupBy' || download === 'satisfaction')),
    );
    const search = query.size > 0 ? `?${query.toString()}` : '';
    return { href: `/exports/${download}.csv${search}`, label: labels[download] };
  });
}

function scaleSection(report: SatisfactionReport, grouping: Grouping, input: SatisfactionPageInput): ScaleSection {
  const { lang, t } = input;
  const scale = input.scales.find(({ id }) => id === report.scale);
  if (!scale) throw new Error(`A report on the unknown scale ${report.scale}`);
  const bestFirst = [...scale.levels].reverse();
  const row = (one: ReportRow, label: string, href = ''): TableRow => tableRow(one, label, href, scale, input);
  const named = report.rows.map((one) => ({ ...one, label: groupName(grouping, one.key, lang, t) ?? one.label }));
  const values = { ...input.values };
  return {
    id: scale.id,
    heading: t('reports.scaleHeading', { count: scale.levels.length }),
    empty: report.total.n === 0,
    figures: keyFigures(report.total, scale, input),
    levels: bestFirst.map((level) => ({
      label: textIn(level.label, lang),
      tone: toneOf(scale, level.code),
      sort: sortLink(levelSort(level), PATH, values),
    })),
    total: row(report.total, t('reports.total')),
    rows: sortRows(named, values, (one, by) => sortValue(one, by, scale)).map((one) =>
      row(one, one.label, hrefOf(one, grouping, input)),
    ),
  };
}

function levelSort({ code }: Level): string {
  return `level${code}`;
}

function sortValue(row: ReportRow, by: string, scale: Scale): string | number | null | undefined {
  if (by === LABEL || by === 'responses' || by === 'n') return row[by];
  if (by === 'satisfied') return row.rates.satisfied;
  const position = scale.levels.findIndex((level) => levelSort(level) === by);
  return position < 0 ? undefined : percentage(row.counts[position] ?? 0, row.n);
}

/**
 * What is behind a row: the page of a centre, or the months of the one field, procedure, counter, officer or channel or,
 * where the forms of a centre are narrowed, of these.
 */
function hrefOf({ key, n }: ReportRow, grouping: Grouping, { values }: SatisfactionPageInput): string {
  if (key === '' || n === 0) return '';
  if (grouping === 'centre' && isNarrowed({ ...values })) {
    const ofCentre = { ...values, unit: '', centre: key, groupBy: 'month', sort: '' };
    return withQuery(PATH, ofCentre, Object.keys(ofCentre));
  }
  if (grouping === 'centre') return withQuery(`/reports/centres/${encodeURIComponent(key)}`, { ...values }, ['period']);
  const by = FILTERS.find((name) => name === grouping);
  if (by === undefined || values[by] !== '') return '';
  const narrowed = { ...values, [by]: key, groupBy: 'month', sort: '' };
  return withQuery(PATH, narrowed, Object.keys(narrowed));
}

function keyFigures(
  { responses, n, rates, ci95 }: ReportRow,
  scale: Scale,
  { lang, t }: SatisfactionPageInput,
): KeyFigure[] {
  const dissatisfiedLevels = scale.levels.filter(({ polarity }) => polarity === 'negative').length;
  const percent = (value: number | null): string => formatPercent(value, undefined, lang);
  const figure = (label: string, value: string, note = '', main = false): KeyFigure => ({ label, value, note, main });
  return [
    figure(t('reports.responses'), formatNumber(responses, 0, lang)),
    figure(t('reports.answers'), formatNumber(n, 0, lang)),
    figure(t('reports.verySatisfied'), percent(rates.verySatisfied)),
    figure(t('reports.satisfied'), percent(rates.satisfied), t('reports.satisfiedHelp'), true),
    figure(t('reports.interval'), intervalText(ci95.satisfied, lang, t), t('reports.intervalHelp')),
    figure(
      t('reports.dissatisfied'),
      percent(rates.dissatisfied),
      dissatisfiedLevels > 1 ? t('reports.dissatisfiedHelp') : '',
    ),
  ];
}

function intervalText(interval: readonly [number, number] | null, lang: Lang, t: Translate): string {
  if (!interval) return formatPercent(null);
  const [low, high] = interval;
  return t('reports.intervalText', {
    low: formatPercent(low, undefined, lang),
    high: formatPercent(high, undefined, lang),
  });
}

function tableRow(
  row: ReportRow,
  label: string,
  href: string,
  scale: Scale,
  { lang, t }: SatisfactionPageInput,
): TableRow {
  const levels = scale.levels
    .map((level, position) => {
      const count = row.counts[position] ?? 0;
      const share = percentage(count, row.n);
      return { level, count, percent: formatPercent(share, undefined, lang), label: textIn(level.label, lang) };
    })
    .reverse();
  return {
    label,
    href,
    responses: formatNumber(row.responses, 0, lang),
    n: formatNumber(row.n, 0, lang),
    satisfied: formatPercent(row.rates.satisfied, undefined, lang),
    interval: intervalText(row.ci95.satisfied, lang, t),
    levels: levels.map((one) => ({ label: one.label, count: formatNumber(one.count, 0, lang), percent: one.percent })),
    bar: barOf(levels, row.n, scale),
    barTitle: t('reports.barTitle', { label, n: formatNumber(row.n, 0, lang) }),
    barText: levels.map((one) => t('reports.barPart', { level: one.label, percent: one.percent })).join(', '),
  };
}

/** Positions are exact shares, not the rounded percentages, so that the segments always fill the bar. */
function barOf(levels: readonly { level: Level; count: number }[], n: number, scale: Scale): BarSegment[] {
  let before = 0;
  return levels.flatMap(({ level, count }) => {
    if (count === 0) return [];
    const segment = { tone: toneOf(scale, level.code), x: (100 * before) / n, width: (100 * count) / n };
    before += count;
    return [segment];
  });
}
