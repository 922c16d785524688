import { monthKey, weekday, yearKey } from './period.js';
import type { Questionnaire } from './questionnaire.js';

/** The parts of a response that counting looks at. */
export interface CountedResponse {
  readonly centre: string;
  readonly kiosk: string;
  readonly channel: string;
  readonly questionnaire: string;
  readonly version: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly reasons?: readonly string[];
  readonly day: string;
  readonly hour: number;
  readonly field?: string;
  readonly procedure?: string;
  readonly counter?: string;
  readonly officer?: string;
}

/**
 * What a tally keeps its counts apart by, beside the centre and the period. A slot is an hour of a day of the week, so
 * that whole months tell hours, weekdays and both together.
 */
export const TALLY_DIMENSIONS = [
  'slot',
  'field',
  'procedure',
  'counter',
  'officer',
  'kiosk',
  'channel',
  'reason',
] as const;
export type TallyDimension = (typeof TALLY_DIMENSIONS)[number];

/** Stands for all centres together, whose counts are kept too; no centre has a code that begins like this. */
export const EVERYWHERE = '*';

/** Stands for all the centres of a province together. */
export function provinceSum(province: string): string {
  return EVERYWHERE + province;
}

/** Whether a tally is one of several centres together. */
export function isSum(centre: string): boolean {
  return centre.startsWith(EVERYWHERE);
}

/** Where the counts of a centre go: to itself, to its province where that is known, and to all together. */
export function countedAt(centre: string, province: string | undefined): string[] {
  return [centre, ...(province === undefined ? [] : [provinceSum(province)]), EVERYWHERE];
}

/** The breakdowns of several centres together: those that mean the same in every centre, and are few. */
export const DIMENSIONS_OF_SUMS: readonly TallyDimension[] = ['slot', 'field', 'channel', 'reason'];

/** The periods that are counted, each by itself; a report reads the coarsest that fit. */
export const TALLY_KINDS = ['day', 'month', 'year'] as const;
export type TallyKind = (typeof TALLY_KINDS)[number];

/** Which tally: one centre, or those of a province or all together, one questionnaire version, one local day, month or year. */
export interface TallyKey {
  readonly centre: string;
  readonly questionnaire: string;
  readonly version: number;
  readonly kind: TallyKind;
  readonly period: string;
}

/** Level code → number of answers. */
export type LevelCounts = ReadonlyMap<number, number>;

/** Forms, and the answers counted of them. */
export interface Count {
  forms: number;
  readonly levels: Map<number, number>;
}

/**
 * The counts of one tally. `items` counts every item; `levels` and `by` count the measured answers of each form: those
 * of the headline item or, where a questionnaire has none, of all its items.
 */
export interface TallyCounts extends Count {
  readonly items: Map<string, Map<number, number>>;
  readonly by: Readonly<Record<TallyDimension, Map<string, Count>>>;
}

/** Nothing counted yet. */
export function noCount(): Count {
  return { forms: 0, levels: new Map() };
}

export function emptyCounts(): TallyCounts {
  return {
    ...noCount(),
    items: new Map(),
    by: {
      slot: new Map(),
      field: new Map(),
      procedure: new Map(),
      counter: new Map(),
      officer: new Map(),
      kiosk: new Map(),
      channel: new Map(),
      reason: new Map(),
    },
  };
}

/** One name a tally, the same for the same key. Codes hold no `|`. */
export function tallyId({ centre, questionnaire, version, period }: TallyKey): string {
  return [centre, period, questionnaire, version].join('|');
}

/** The tally of the day and the centre of a response: the others it belongs to are sums of such days. */
export function dayTally({ centre, questionnaire, version, day }: CountedResponse): TallyKey {
  return { centre, questionnaire, version, kind: 'day', period: day };
}

/** The tallies that the counts of a day of a centre are part of: one of each kind, wherever they go. */
export function talliesOfDay(
  { centre, questionnaire, version, period: day }: TallyKey,
  province: string | undefined,
): TallyKey[] {
  const periods = { day, month: monthKey(day), year: yearKey(day) };
  return countedAt(centre, province).flatMap((of) =>
    TALLY_KINDS.map((kind) => ({ centre: of, questionnaire, version, kind, period: periods[kind] })),
  );
}

/** The slot of an hour of a local day: `1-08` is Monday from 8 to 9. */
export function slotKey(day: string, hour: number): string {
  return `${weekday(day)}-${String(hour).padStart(2, '0')}`;
}

/** Weekday (1 = Monday … 7) and hour (0–23) of a slot. */
export function slotParts(slot: string): { readonly weekday: number; readonly hour: number } {
  return { weekday: Number(slot.slice(0, 1)), hour: Number(slot.slice(2)) };
}

/** The answers a form is measured by: its headline item's if the questionnaire has one, else all. Unanswered: none. */
export function measuredAnswers(
  answers: CountedResponse['answers'],
  questionnaire: Pick<Questionnaire, 'headline'>,
): number[] {
  if (questionnaire.headline === null) return Object.values(answers);
  const level = answers[questionnaire.headline];
  return level === undefined ? [] : [level];
}

/** Adds one response to the counts of its day. */
export function addResponse(
  counts: TallyCounts,
  response: CountedResponse,
  questionnaire: Pick<Questionnaire, 'headline'>,
): void {
  counts.forms += 1;
  for (const [item, level] of Object.entries(response.answers)) {
    increment(getOrAdd(counts.items, item, noLevels), level, 1);
  }
  const measured = measuredAnswers(response.answers, questionnaire);
  for (const level of measured) increment(counts.levels, level, 1);
  for (const dimension of TALLY_DIMENSIONS) {
    for (const key of dimensionKeys(response, dimension)) {
      const count = getOrAdd(counts.by[dimension], key, noCount);
      count.forms += 1;
      for (const level of measured) increment(count.levels, level, 1);
    }
  }
}

/** Adds the counts of a day to those of a tally it is part of, with the breakdowns that tally has. */
export function addCounts(into: TallyCounts, counts: TallyCounts, { centre }: TallyKey): void {
  addCount(into, counts);
  for (const [item, levels] of counts.items) addLevels(getOrAdd(into.items, item, noLevels), levels);
  for (const dimension of isSum(centre) ? DIMENSIONS_OF_SUMS : TALLY_DIMENSIONS) {
    for (const [key, count] of counts.by[dimension]) addCount(getOrAdd(into.by[dimension], key, noCount), count);
  }
}

/** Adds forms, and the answers counted of them. */
export function addCount(into: Count, { forms, levels }: Readonly<Count>): void {
  into.forms += forms;
  addLevels(into.levels, levels);
}

/** The keys under which a form is counted; '' for a form without a value. A form may give several reasons, or none. */
function dimensionKeys(response: CountedResponse, dimension: TallyDimension): readonly string[] {
  if (dimension === 'reason') return response.reasons ?? [];
  if (dimension === 'slot') return [slotKey(response.day, response.hour)];
  return [response[dimension] ?? ''];
}

function addLevels(into: Map<number, number>, levels: LevelCounts): void {
  for (const [level, n] of levels) increment(into, level, n);
}

function noLevels(): Map<number, number> {
  return new Map();
}

/** Adds `amount` to a level's count. */
export function increment(levels: Map<number, number>, level: number, amount: number): void {
  levels.set(level, (levels.get(level) ?? 0) + amount);
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
