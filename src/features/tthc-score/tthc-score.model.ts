import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { NO_POINTS, type Points } from '../../domain/tthc-score.js';

/** What people entered about one place and period. */
export interface EnteredScore {
  /** Points the place gives itself ("tự chấm"). */
  readonly self: Points;
  /** Points that those above it give ("thẩm định"). */
  readonly appraised: Points;
}

export const NOTHING_ENTERED: EnteredScore = { self: NO_POINTS, appraised: NO_POINTS };

type ScoreRecord = Partial<EnteredScore> & {
  /** Place and period. */
  readonly _id: string;
  readonly place: string;
  readonly period: string;
};

function collection(connection: Connection) {
  return connection.collection<ScoreRecord>('tthc_scores');
}

function idOf(place: string, period: string): string {
  return `${place}|${period}`;
}

/** What was entered about places in one period, by the code of the unit or centre; absent where nothing was. */
export async function findScores(
  connection: Connection,
  places: readonly string[],
  period: string,
): Promise<Map<string, EnteredScore>> {
  const ids = places.map((place) => idOf(place, period));
  const found = await collection(connection)
    .find({ _id: { $in: ids } }, { maxTimeMS: READ_LIMIT_MS })
    .toArray();
  return new Map(found.map(({ place, self = NO_POINTS, appraised = NO_POINTS }) => [place, { self, appraised }]));
}

/** Stores the columns that are given; the other stays as it is. */
export async function putScore(
  connection: Connection,
  place: string,
  period: string,
  columns: Partial<EnteredScore>,
): Promise<void> {
  const _id = idOf(place, period);
  await collection(connection).updateOne({ _id }, { $set: { place, period, ...columns } }, { upsert: true });
}
