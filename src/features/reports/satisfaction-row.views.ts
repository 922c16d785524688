import { formatPercent } from '../../domain/format-vi.js';
import {
  column,
  numberCell,
  percentCell,
  valueBar,
  type Cell,
  type Column,
  type FiguresRow,
  type PageInput,
} from './figures.views.js';
import type { ReportRow } from './reports.types.js';

type Counted = Pick<ReportRow, 'responses' | 'n' | 'rates' | 'ci95'>;

/** The columns that tell satisfaction: forms, answers and rates, in the order of {@link satisfactionCells}. */
export function satisfactionColumns({ t }: Pick<PageInput, 't'>): Column[] {
  return [
    column(t('reports.responses')),
    column(t('reports.n')),
    column(t('reports.verySatisfied')),
    column(t('reports.satisfied'), t('reports.interval')),
    column(t('reports.dissatisfied')),
  ];
}

/** The cells under {@link satisfactionColumns}. */
export function satisfactionCells(
  { responses, n, rates, ci95 }: Counted,
  input: Pick<PageInput, 'lang' | 't'>,
): Cell[] {
  return [
    numberCell(responses, input),
    numberCell(n, input),
    percentCell(rates.verySatisfied, input),
    percentCell(rates.satisfied, input, intervalText(ci95.satisfied, input)),
    percentCell(rates.dissatisfied, input),
  ];
}

/** A row of {@link satisfactionColumns}, with the cells of columns behind them and the bar of the satisfied rate. */
export function satisfactionRow(
  label: string,
  row: Counted,
  input: Pick<PageInput, 'lang' | 't'>,
  more: readonly Cell[] = [],
): FiguresRow {
  const bar = valueBar(label, row.rates.satisfied, row.ci95.satisfied, input);
  return { label, href: '', cells: [...satisfactionCells(row, input), ...more], bar };
}

/** An interval in percent; '' where there is none. */
export function intervalText(
  interval: readonly [number, number] | null,
  { lang, t }: Pick<PageInput, 'lang' | 't'>,
): string {
  if (!interval) return '';
  const [low, high] = interval.map((bound) => formatPercent(bound, undefined, lang));
  return t('reports.intervalText', { low: low ?? '', high: high ?? '' });
}
