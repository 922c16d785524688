import type { CatalogueService } from '../../src/features/catalogue/catalogue.service.js';
import type { Arrival } from '../../src/features/responses/responses.service.js';

/** Everything a report row says but its label, counted from the responses themselves in the most obvious way. */
export interface SlowRow {
  key: string;
  responses: number;
  n: number;
  counts: number[];
  rates: Record<'verySatisfied' | 'satisfied' | 'neutral' | 'dissatisfied', number | null>;
  ci95: { satisfied: [number, number] | null };
}

export interface SlowQuery {
  readonly from: string;
  readonly to: string;
  readonly grouping: string;
  readonly centres: readonly string[];
  readonly questionnaire: string | undefined;
  readonly scale: string;
  /** What a response must say, by the name of each filter. */
  readonly filters?: Readonly<Record<string, string>> | undefined;
}

export interface SlowReport {
  total: SlowRow;
  rows: SlowRow[];
}

const localFormat = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'Asia/Ho_Chi_Minh',
  ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', hourCycle: 'h23' },
});

/** Day and hour in Việt Nam, from the time-zone data of the platform. */
function local(instant: Date): { day: string; hour: number } {
  const parts = new Map(localFormat.formatToParts(instant).map(({ type, value }) => [type, value]));
  return {
    day: ['year', 'month', 'day'].map((part) => parts.get(part as never)).join('-'),
    hour: Number(parts.get('hour')),
  };
}

export function slowReport(
  arrivals: readonly Arrival[],
  query: SlowQuery,
  catalogue: CatalogueService,
  unitOf: (centre: string) => string,
): SlowReport {
  const asked = arrivals.filter(({ input, origin }) => {
    const { day } = local(input.capturedAt);
    const { scale } = catalogue.questionnaire(input.questionnaire)!;
    const wanted = query.questionnaire === undefined || query.questionnaire === input.questionnaire;
    const kept = Object.entries(query.filters ?? {}).every(([by, value]) =>
      keysOf(by, { input, origin }, unitOf).includes(value),
    );
    return (
      kept &&
      wanted &&
      scale === query.scale &&
      day >= query.from &&
      day <= query.to &&
      query.centres.includes(origin.centre)
    );
  });
  const groups = new Map<string, Arrival[]>(emptyKeys(query).map((key) => [key, []]));
  for (const arrival of asked) {
    for (const key of keysOf(query.grouping, arrival, unitOf)) groups.set(key, [...(groups.get(key) ?? []), arrival]);
  }
  const row = (key: string, members: readonly Arrival[]) => slowRow(key, members, query.scale, catalogue);
  const rows = [...groups].map(([key, members]) => row(key, members));
  return { total: row('', asked), rows: rows.sort((a, b) => compareKeys(a.key, b.key)) };
}

export function compareKeys(a: string, b: string): number {
  const numbers = /^\d{1,2}$/.test(a) && /^\d{1,2}$/.test(b);
  return numbers ? Number(a) - Number(b) : a < b ? -1 : 1;
}

function slowRow(key: string, members: readonly Arrival[], scaleId: string, catalogue: CatalogueService): SlowRow {
  const { levels } = catalogue.scale(scaleId);
  const answers = members.flatMap(({ input }) => {
    const { headline } = catalogue.questionnaire(input.questionnaire)!;
    return Object.entries(input.answers).flatMap(([item, level]) =>
      headline === null || item === headline ? [level] : [],
    );
  });
  const n = answers.length;
  const among = (wanted: (level: (typeof levels)[number]) => boolean) => {
    const codes = levels.filter(wanted).map(({ code }) => code);
    return answers.filter((answer) => codes.includes(answer)).length;
  };
  const satisfied = among(({ polarity }) => polarity === 'positive');
  return {
    key,
    responses: members.length,
    n,
    counts: levels.map((level) => among(({ code }) => code === level.code)),
    rates: {
      verySatisfied: rate(
        among(({ top }) => top),
        n,
      ),
      satisfied: rate(satisfied, n),
      neutral: rate(
        among(({ polarity }) => polarity === 'neutral'),
        n,
      ),
      dissatisfied: rate(
        among(({ polarity }) => polarity === 'negative'),
        n,
      ),
    },
    ci95: { satisfied: n === 0 ? null : [wilson(satisfied, n, -1), wilson(satisfied, n, 1)] },
  };
}

/** Percent, half up to two places, on whole numbers. */
function rate(part: number, n: number): number | null {
  return n === 0 ? null : Math.floor((20_000 * part + n) / (2 * n)) / 100;
}

/** The bound of Wilson's interval as Wikipedia writes it, other than the product does. */
function wilson(k: number, n: number, side: 1 | -1): number {
  const z = 1.959964;
  const bound = (k + (z * z) / 2 + side * z * Math.sqrt((k * (n - k)) / n + (z * z) / 4)) / (n + z * z);
  return Math.round(Math.min(1, Math.max(0, bound)) * 10_000) / 100;
}

function keysOf(grouping: string, { input, origin }: Arrival, unitOf: (centre: string) => string): string[] {
  const { day, hour } = local(input.capturedAt);
  switch (grouping) {
    case 'unit':
      return [unitOf(origin.centre)];
    case 'hour':
      return [String(hour)];
    case 'reason':
      return [...input.reasons];
    case 'centre':
    case 'kiosk':
    case 'channel':
      return [origin[grouping]];
    case 'field':
    case 'procedure':
    case 'counter':
    case 'officer':
      return [input[grouping] ?? ''];
    default:
      return [timeKey(grouping, day)];
  }
}

function timeKey(grouping: string, day: string): string {
  const [year, month] = [day.slice(0, 4), Number(day.slice(5, 7))];
  const date = new Date(`${day}T12:00:00Z`);
  const weekday = date.getUTCDay() || 7;
  switch (grouping) {
    case 'day':
      return day;
    case 'month':
      return day.slice(0, 7);
    case 'quarter':
      return `${year}-Q${Math.ceil(month / 3)}`;
    case 'year':
      return year;
    case 'weekday':
      return String(weekday);
    default: {
      const thursday = new Date(date.getTime() + (4 - weekday) * 86_400_000);
      const newYear = Date.UTC(thursday.getUTCFullYear(), 0, 1, 12);
      const week = Math.floor((thursday.getTime() - newYear) / (7 * 86_400_000)) + 1;
      return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`;
    }
  }
}

/** Keys of time that have a row even without answers. */
function emptyKeys({ grouping, from, to }: SlowQuery): string[] {
  if (grouping === 'hour') return Array.from({ length: 24 }, (_, hour) => String(hour));
  if (grouping === 'weekday') return ['1', '2', '3', '4', '5', '6', '7'];
  if (!['day', 'week', 'month', 'quarter', 'year'].includes(grouping)) return [];
  const keys: string[] = [];
  for (let time = Date.parse(`${from}T12:00:00Z`); time <= Date.parse(`${to}T12:00:00Z`); time += 86_400_000) {
    keys.push(timeKey(grouping, new Date(time).toISOString().slice(0, 10)));
  }
  return [...new Set(keys)];
}
