import type { Model } from 'mongoose';
import type { Clock } from '../../clock.js';
import type { OpeningHours } from '../../domain/opening-hours.js';
import type { CentreRecord } from './centres.model.js';

/** Changed hours reach other processes within this time. */
const REMEMBERED_MS = 30_000;

interface Remembered {
  readonly hours: OpeningHours | null;
  readonly at: number;
}

/** The opening hours of centres, remembered for a moment: every rating asks for them. */
export class CentreHours {
  private readonly remembered = new Map<string, Remembered>();

  constructor(
    private readonly centres: Model<CentreRecord>,
    private readonly now: Clock,
  ) {}

  /** The hours of these centres, by code; those that have not said theirs are absent. */
  async of(codes: readonly string[]): Promise<ReadonlyMap<string, OpeningHours>> {
    const now = this.now().getTime();
    const wanted = [...new Set(codes)];
    const isKnown = (code: string) => Math.abs(now - (this.remembered.get(code)?.at ?? -Infinity)) < REMEMBERED_MS;
    const unknown = wanted.filter((code) => !isKnown(code));
    if (unknown.length > 0) await this.learn(unknown, now);
    return new Map(
      wanted.flatMap((code) => {
        const hours = this.remembered.get(code)?.hours;
        return hours ? [[code, hours] as const] : [];
      }),
    );
  }

  forget(code: string): void {
    this.remembered.delete(code);
  }

  private async learn(codes: readonly string[], at: number): Promise<void> {
    const records = await this.centres.find({ _id: { $in: [...codes] } }, { hours: 1 }).lean();
    const found = new Map(records.map(({ _id, hours }) => [_id, hours]));
    for (const code of codes) this.remembered.set(code, { hours: found.get(code) ?? null, at });
  }
}
