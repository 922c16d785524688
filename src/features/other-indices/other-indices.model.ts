import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';

/** Indices that others compute and publish (domain.md §5); shown beside ours, never mixed into it. */
export const OTHER_INDICES = ['SIPAS', 'PAR INDEX', 'PAPI', 'PCI', 'DDCI', 'DGI', 'DTI', 'ICT'] as const;
export type OtherIndexName = (typeof OTHER_INDICES)[number];

/** What was published about one unit and year. */
export interface OtherIndex {
  readonly index: OtherIndexName;
  /** Code of the unit. */
  readonly unit: string;
  readonly year: number;
  /** Points as published. */
  readonly value: number | null;
  readonly rank: number | null;
  /** How many were ranked; given with `rank`. */
  readonly of: number | null;
  readonly grade: string | null;
  /** Decision or report it is taken from. */
  readonly source: string;
}

type OtherIndexRecord = OtherIndex & { readonly _id: string };

function collection(connection: Connection) {
  return connection.collection<OtherIndexRecord>('other_indices');
}

function idOf({ index, unit, year }: Pick<OtherIndex, 'index' | 'unit' | 'year'>): string {
  return [index, unit, year].join('|');
}

/** Stores what was published, in place of what was stored about the same index, unit and year. */
export async function putOtherIndex(connection: Connection, published: OtherIndex): Promise<'stored' | 'updated'> {
  const _id = idOf(published);
  const { upsertedCount } = await collection(connection).replaceOne({ _id }, published, { upsert: true });
  return upsertedCount === 1 ? 'stored' : 'updated';
}

/** Whether there was one to remove. */
export async function removeOtherIndex(
  connection: Connection,
  key: Pick<OtherIndex, 'index' | 'unit' | 'year'>,
): Promise<boolean> {
  return (await collection(connection).deleteOne({ _id: idOf(key) })).deletedCount === 1;
}

/** All that was published about one unit, the newest year first. */
export async function findOtherIndices(connection: Connection, unit: string): Promise<OtherIndex[]> {
  return collection(connection)
    .find({ unit }, { projection: { _id: 0 }, sort: { year: -1, index: 1 }, maxTimeMS: READ_LIMIT_MS })
    .toArray();
}
