import { monthKey, yearKey } from './period.js';
import { countedAt, isSum, TALLY_KINDS, type TallyKind } from './tally.js';

/** The parts of a dossier (hồ sơ) that counting looks at. Days are local ones. */
export interface CountedDossier {
  readonly centre: string;
  readonly procedure?: string;
  readonly field?: string;
  readonly officer?: string;
  readonly receivedDay: string;
  readonly dueDay: string;
  /** Absent while it is open. */
  readonly returnedDay?: string;
}

/** What dossiers are counted by beside the centre and the period. */
export const DOSSIER_DIMENSIONS = ['field', 'procedure', 'officer'] as const;
export type DossierDimension = (typeof DOSSIER_DIMENSIONS)[number];

/** The breakdowns of several centres together: the one that means the same in every centre, and is short. */
const DIMENSIONS_OF_SUMS: readonly DossierDimension[] = ['field'];

/** The breakdowns that the tallies of a centre, or of several together, have. */
export function dossierDimensions(centre: string): readonly DossierDimension[] {
  return isSum(centre) ? DIMENSIONS_OF_SUMS : DOSSIER_DIMENSIONS;
}

/**
 * What is counted in a period: dossiers returned before, on and after the day they were due, and by how many the open
 * ones, and those of them due by then, grew (or, below zero, shrank). The open ones at the end of a day are the sum of
 * `open` over all time up to it.
 */
export const DOSSIER_COUNTS = ['early', 'onTime', 'late', 'open', 'overdue'] as const;
export type DossierCount = (typeof DOSSIER_COUNTS)[number];
export type DossierCounts = Readonly<Partial<Record<DossierCount, number>>>;

export interface DossierEvent {
  readonly day: string;
  readonly count: DossierCount;
  readonly amount: 1 | -1;
}

/** What a dossier adds to the counts of which day. */
export function dossierEvents({ receivedDay, dueDay, returnedDay }: CountedDossier): DossierEvent[] {
  const overdueDay = receivedDay > dueDay ? receivedDay : dueDay;
  const opened: DossierEvent = { day: receivedDay, count: 'open', amount: 1 };
  const overdue: DossierEvent = { day: overdueDay, count: 'overdue', amount: 1 };
  if (returnedDay === undefined) return [opened, overdue];
  const state = returnedDay < dueDay ? 'early' : returnedDay === dueDay ? 'onTime' : 'late';
  return [
    opened,
    { day: returnedDay, count: state, amount: 1 },
    { day: returnedDay, count: 'open', amount: -1 },
    ...(returnedDay > overdueDay ? [overdue, { ...overdue, day: returnedDay, amount: -1 as const }] : []),
  ];
}

/** Which tally: one centre, or those of a province or all together, one local day, month or year. */
export interface DossierTallyKey {
  readonly centre: string;
  readonly kind: TallyKind;
  readonly period: string;
}

/** The tallies that a day's event of a centre belongs to: one of each kind, wherever its counts go. */
export function dossierTallyKeys(centre: string, province: string | undefined, day: string): DossierTallyKey[] {
  const periods = { day, month: monthKey(day), year: yearKey(day) };
  return countedAt(centre, province).flatMap((of) =>
    TALLY_KINDS.map((kind) => ({ centre: of, kind, period: periods[kind] })),
  );
}

/** The key of a dossier in a breakdown; '' for one without a value. */
export function dossierGroup(dossier: CountedDossier, dimension: DossierDimension): string {
  return dossier[dimension] ?? '';
}
