import { Collection } from 'mongodb';
import { openTestApp, type TestApp } from '../helpers/app.js';
import type { Services } from '../../src/services.js';

/** Every operation of the driver that writes and that a change of a centre may use. */
const WRITES = ['insertOne', 'insertMany', 'updateOne', 'findOneAndUpdate', 'replaceOne', 'bulkWrite'] as const;
/** More writes than any change makes. */
const MOST_WRITES = 6;

class LostDatabaseError extends Error {}

let sipas: TestApp;

beforeAll(async () => {
  sipas = await openTestApp();
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => sipas.close());

/** Loses the database at the nth write, before or after it was done, until {@link jest.restoreAllMocks}. */
function loseAt(nth: number, how: 'before' | 'after'): void {
  let writes = 0;
  for (const name of WRITES) {
    const real: unknown = Reflect.get(Collection.prototype, name);
    if (typeof real !== 'function') throw new Error(`The driver has no ${name}`);
    jest.spyOn(Collection.prototype, name).mockImplementation(async function (this: unknown, ...args: unknown[]) {
      writes += 1;
      if (writes > nth || (writes === nth && how === 'before')) throw new LostDatabaseError();
      const result: unknown = await Reflect.apply(real, this, args);
      if (writes === nth) throw new LostDatabaseError();
      return result as never;
    });
  }
}

interface Change {
  readonly name: string;
  readonly act: (services: Services, centre: string) => Promise<unknown>;
  /** Says that it was done before: a repeated addition. */
  readonly isRefusedAgain?: true;
}

const CHANGES: readonly Change[] = [
  {
    name: 'adding a centre',
    act: ({ centres }, code) => centres.add({ code: `${code}-NEW`, name: 'Mới', unit: '22' }),
    isRefusedAgain: true,
  },
  { name: 'renaming a centre', act: ({ centres }, code) => centres.rename(code, 'Tên khác') },
  {
    name: 'merging a centre into another',
    act: ({ centres }, code) => centres.close(code, { on: '2026-11-20', successor: `${code}-B` }),
  },
  { name: 'opening a centre again', act: ({ centres }, code) => centres.reopen(`${code}-C`) },
  {
    name: 'adding a counter',
    act: ({ centres }, code) => centres.counters.add(code, { code: 'Q2', name: 'Quầy 2' }),
    isRefusedAgain: true,
  },
  { name: 'renaming a counter', act: ({ centres }, code) => centres.counters.rename(code, 'Q1', 'Quầy một') },
  { name: 'closing a counter', act: ({ centres }, code) => centres.counters.setClosed(code, 'Q1', true) },
];

let made = 0;

/** A centre with a counter, one beside it and a closed one. */
async function newCentre({ centres }: Services): Promise<string> {
  made += 1;
  const code = `TT${made}`;
  await centres.addAll(
    [code, `${code}-B`, `${code}-C`].map((one) => ({ code: one, name: `Trung tâm ${one}`, unit: '22' })),
  );
  await centres.counters.add(code, { code: 'Q1', name: 'Quầy 1' });
  await centres.close(`${code}-C`, { on: '2026-11-01', successor: `${code}-B` });
  return code;
}

/** All that the changes above are about, without the code of the centre. */
async function state({ centres }: Services, code: string): Promise<string> {
  const found = await Promise.all(
    [code, `${code}-B`, `${code}-C`, `${code}-NEW`].map(async (one) => [
      await centres.find(one),
      await centres.counters.of(one),
    ]),
  );
  return JSON.stringify(found).replaceAll(code, 'TT');
}

describe.each(CHANGES)('losing the database while $name', ({ act, isRefusedAgain }) => {
  it('leaves the state before or the state after, and doing it again completes it', async () => {
    const { services } = sipas;
    const whole = await newCentre(services);
    const before = await state(services, whole);
    await act(services, whole);
    const after = await state(services, whole);
    expect(after).not.toBe(before);
    let lost = 0;
    for (let nth = 1; nth <= MOST_WRITES; nth += 1) {
      for (const how of ['before', 'after'] as const) {
        const code = await newCentre(services);
        loseAt(nth, how);
        const failure: unknown = await act(services, code).then(
          () => null,
          (error: unknown) => error,
        );
        jest.restoreAllMocks();
        if (failure instanceof LostDatabaseError) lost += 1;
        const left = await state(services, code);
        expect([before, after]).toContain(left);
        const again = act(services, code);
        if (isRefusedAgain && left === after) await expect(again).rejects.toMatchObject({ status: 409 });
        else await again;
        expect(await state(services, code)).toBe(after);
      }
    }
    expect(lost).toBeGreaterThan(2);
    expect(await services.audit.verify()).toMatchObject({ problems: [] });
  });
});
