import type { Connection } from 'mongoose';
import type { Run } from '../../domain/period.js';
import {
  emptyCounts,
  TALLY_DIMENSIONS,
  tallyId,
  type Count,
  type CountedResponse,
  type TallyCounts,
  type TallyDimension,
  type TallyKey,
} from '../../domain/tally.js';
import type { ResponseRecord } from '../responses/responses.model.js';

/** Counts of the levels of one item: `l5: 12` is twelve answers at level 5. */
type StoredLevels = Readonly<Record<string, number>>;

/** A tally as stored. Keys that come from people's data are written by {@link fieldName}. */
export interface TallyRecord extends TallyKey {
  readonly _id: string;
  /** The last batch whose increments it has taken; an older or equal one changes nothing. */
  readonly lastBatch: number;
  readonly forms: number;
  readonly levels?: StoredLevels;
  readonly items?: Readonly<Record<string, StoredLevels>>;
  readonly by?: Readonly<Partial<Record<TallyDimension, Readonly<Record<string, StoredLevels>>>>>;
}

export function tallyCollection(connection: Connection) {
  return connection.collection<TallyRecord>('tallies');
}

/** The tallies of a run of periods. */
export function inRun({ kind, from, to }: Run) {
  return { kind, period: from === to ? from : { $gte: from, $lte: to } };
}

/** Codes of centres begin with a letter or a digit. */
const FIRST_OF_CENTRES = '0';

/** Codes of the centres, or of the sums of several; 'all' is every centre by itself. */
export type Centres = readonly string[] | 'all';

/** Tallies of some centres or sums, or of every centre: the codes of sums come before those of centres. */
export function ofCentres(centres: Centres) {
  return { centre: centres === 'all' ? { $gte: FIRST_OF_CENTRES } : { $in: [...centres] } };
}

const FORMS = 'f';

/** Any text as a field name that MongoDB takes as one plain name, in documents and in dotted paths alike. */
export function fieldName(text: string): string {
  return `_${text.replace(/[%.$\0]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`)}`;
}

/** The text that {@link fieldName} wrote. */
export function fieldText(name: string): string {
  return name.slice(1).replace(/%([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}

/** Counts as `$inc` amounts by dotted path. */
export function incrementPaths(counts: TallyCounts): Record<string, number> {
  const paths: Record<string, number> = { forms: counts.forms };
  for (const [level, n] of counts.levels) paths[`levels.l${level}`] = n;
  for (const [item, levels] of counts.items) {
    for (const [level, n] of levels) paths[`items.${fieldName(item)}.l${level}`] = n;
  }
  for (const dimension of TALLY_DIMENSIONS) {
    for (const [key, count] of counts.by[dimension]) {
      const path = `by.${dimension}.${fieldName(key)}`;
      paths[`${path}.${FORMS}`] = count.forms;
      for (const [level, n] of count.levels) paths[`${path}.l${level}`] = n;
    }
  }
  return paths;
}

/** A whole tally document, as a recount writes it. */
export function asTallyRecord(key: TallyKey, counts: TallyCounts, lastBatch: number): TallyRecord {
  const items = [...counts.items].map(([item, levels]) => [fieldName(item), storedLevels(levels)] as const);
  const by = TALLY_DIMENSIONS.flatMap((dimension) => {
    const groups = [...counts.by[dimension]].map(([group, count]) => {
      return [fieldName(group), { [FORMS]: count.forms, ...storedLevels(count.levels) }] as const;
    });
    return groups.length === 0 ? [] : [[dimension, Object.fromEntries(groups)] as const];
  });
  return {
    _id: tallyId(key),
    ...key,
    lastBatch,
    forms: counts.forms,
    levels: storedLevels(counts.levels),
    items: Object.fromEntries(items),
    by: Object.fromEntries(by),
  };
}

/** The counts a stored tally holds. */
export function asTallyCounts(record: Pick<TallyRecord, 'forms' | 'levels' | 'items' | 'by'>): TallyCounts {
  const counts = emptyCounts();
  counts.forms = record.forms;
  for (const [level, n] of levelsOf(record.levels)) counts.levels.set(level, n);
  for (const [item, levels] of itemsOf(record)) counts.items.set(item, levels);
  for (const dimension of TALLY_DIMENSIONS) {
    for (const [key, count] of groupsOf(record, dimension)) counts.by[dimension].set(key, count);
  }
  return counts;
}

/** Forms of a stored tally, and the answers they are measured by; what a projection left out is empty. */
export function countOf({ forms, levels }: Pick<TallyRecord, 'forms' | 'levels'>): Count {
  return { forms, levels: levelsOf(levels) };
}

/** Answers to each item of a stored tally. */
export function itemsOf({ items }: Pick<TallyRecord, 'items'>): [string, Map<number, number>][] {
  return Object.entries(items ?? {}).map(([item, stored]) => [fieldText(item), levelsOf(stored)]);
}

/** Forms and measured answers of a stored tally by one breakdown. */
export function groupsOf({ by }: Pick<TallyRecord, 'by'>, dimension: TallyDimension): [string, Count][] {
  return Object.entries(by?.[dimension] ?? {}).map(([key, stored]) => {
    return [fieldText(key), { forms: stored[FORMS] ?? 0, levels: levelsOf(stored) }];
  });
}

function storedLevels(counts: ReadonlyMap<number, number>): StoredLevels {
  return Object.fromEntries([...counts].map(([level, n]) => [`l${level}`, n]));
}

function levelsOf(stored: StoredLevels | undefined): Map<number, number> {
  const levels = new Map<number, number>();
  for (const name in stored) {
    const n = name.startsWith('l') ? stored[name] : undefined;
    if (n !== undefined) levels.set(Number(name.slice(1)), n);
  }
  return levels;
}

/** What counting reads of a response. */
export const COUNTED_FIELDS = {
  centre: 1,
  kiosk: 1,
  channel: 1,
  questionnaire: 1,
  version: 1,
  answers: 1,
  reasons: 1,
  day: 1,
  hour: 1,
  field: 1,
  procedure: 1,
  counter: 1,
  officer: 1,
} as const;

/** A response of a batch, as far as counting needs it. */
export type BatchedResponse = CountedResponse & Pick<ResponseRecord, '_id'>;
