import { Collection } from 'mongodb';
import type { Services } from '../../src/services.js';

/** Every operation of the driver that writes. */
const WRITES = [
  ...['insertOne', 'insertMany', 'updateOne', 'updateMany', 'findOneAndUpdate', 'replaceOne', 'bulkWrite'],
  ...['deleteOne', 'deleteMany'],
] as const;
/** More writes than any change makes. */
const MOST_WRITES = 30;

class LostDatabaseError extends Error {}

/** Loses the database at the nth write, before or after it was done, until {@link findAgain}. */
function loseAt(nth: number, how: 'before' | 'after'): void {
  let writes = 0;
  for (const name of WRITES) {
    const real: unknown = Reflect.get(Collection.prototype, name);
    if (typeof real !== 'function') throw new Error(`The driver has no ${name}`);
    const losing = async function (this: unknown, ...args: unknown[]): Promise<unknown> {
      writes += 1;
      if (writes > nth || (writes === nth && how === 'before')) throw new LostDatabaseError();
      const result: unknown = await Reflect.apply(real, this, args);
      if (writes === nth) throw new LostDatabaseError();
      return result;
    };
    Reflect.set(Collection.prototype, name, losing);
    undo.push(() => Reflect.set(Collection.prototype, name, real));
  }
}

const undo: (() => unknown)[] = [];

/** Has the database back. */
function findAgain(): void {
  for (const restore of undo.splice(0)) restore();
}

/** What an administrator does. */
export interface AdminChange {
  readonly name: string;
  /** Makes what the change is about, told apart by a key, and gives the change. */
  readonly prepare: (services: Services, key: string) => Promise<() => Promise<unknown>>;
  /** All that anybody can see of it. */
  readonly state: (services: Services, key: string) => Promise<unknown>;
  /** How it is answered where it was done before, if not as the first time. */
  readonly refusedAgain?: 404 | 409 | 422;
}

let keys = 0;

/**
 * Loses the database at every write of a change, before and after it: there is the state before or the state after and
 * none between, what was done was recorded first (docs/adr/0011), and doing it again completes it.
 */
export function itSurvivesLosingTheDatabase(change: AdminChange, services: () => Services): void {
  const seen = async (key: string) => JSON.stringify(await change.state(services(), key)).replaceAll(key, 'KEY');
  const prepared = async () => {
    keys += 1;
    const key = `k${keys}x`;
    const act = await change.prepare(services(), key);
    return { key, act, before: await seen(key) };
  };
  const newest = async () => (await services().audit.list({}, 1))[0]?.number ?? 0;

  it(`${change.name}: leaves the state before or after, recorded, and is completed by doing it again`, async () => {
    const whole = await prepared();
    await whole.act();
    const after = await seen(whole.key);
    expect(after).not.toBe(whole.before);

    /** Whether the nth write took place or not, and was the last: false when there are not so many. */
    const lose = async (nth: number, how: 'before' | 'after'): Promise<boolean> => {
      const { key, act, before } = await prepared();
      const recordedBefore = await newest();
      loseAt(nth, how);
      const failure: unknown = await act()
        .then(
          () => null,
          (error: unknown) => error,
        )
        .finally(findAgain);
      if (failure !== null) expect(failure).toBeInstanceOf(LostDatabaseError);
      const left = await seen(key);
      expect([before, after]).toContain(left);
      const recorded = (await services().audit.list({}, 10)).filter(({ number }) => number > recordedBefore);
      if (left !== before) expect(recorded).not.toEqual([]);
      else expect(recorded.map(({ outcome }) => outcome)).not.toContain('done');
      if (change.refusedAgain && left === after) {
        await expect(act()).rejects.toMatchObject({ status: change.refusedAgain });
      } else await act();
      expect(await seen(key)).toBe(after);
      return failure !== null;
    };

    let nth = 1;
    while ((await lose(nth, 'before')) && (await lose(nth, 'after'))) nth += 1;
    // The record of the intention, the change and the record of its outcome at least.
    expect(nth).toBeGreaterThan(3);
    expect(nth).toBeLessThan(MOST_WRITES);
    expect(await services().audit.verify()).toMatchObject({ problems: [] });
  });
}

/** The changes of one kind of thing, all seen in the same way. */
export function losingTheDatabase(
  what: string,
  state: AdminChange['state'],
  changes: readonly Omit<AdminChange, 'state'>[],
  services: () => Services,
): void {
  describe(`losing the database while, with ${what},`, () => {
    for (const change of changes) itSurvivesLosingTheDatabase({ ...change, state }, services);
  });
}

export type Act = (services: Services, key: string) => Promise<unknown>;

/** What the change is about needs no making. */
export function directly(act: Act): AdminChange['prepare'] {
  return (services, key) => Promise.resolve(() => act(services, key));
}
