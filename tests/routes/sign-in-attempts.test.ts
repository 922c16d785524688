import {
  FIRST_PAUSE_MS,
  LIMITS,
  LONGEST_PAUSE_MS,
  SignInAttempts,
} from '../../src/features/accounts/accounts.attempts.js';
import { NOON, openTestApp, TEST_SECRET, type TestApp } from '../helpers/app.js';
import { everything } from '../helpers/database.js';

const OFFICE = '203.0.113.7';
const elsewhere = (index: number) => `198.51.${Math.floor(index / 250)}.${index % 250}`;
let sipas: TestApp;
let attempts: SignInAttempts;
let now: Date;

beforeEach(async () => {
  sipas = await openTestApp();
  now = NOON;
  attempts = new SignInAttempts(sipas.services.connection, TEST_SECRET, () => now);
});
afterEach(() => sipas.close());

const later = (ms: number) => {
  now = new Date(now.getTime() + ms);
};

/** How many of these tries were let through. */
async function passed(tries: number, username: (index: number) => string, address: (index: number) => string) {
  const waits = await Promise.all(
    Array.from({ length: tries }, (_, index) => attempts.begin(username(index), address(index))),
  );
  return waits.filter((wait) => wait === 0).length;
}
const lan = () => 'lan';
const atOffice = () => OFFICE;

describe('tries to sign in with one name from one address', () => {
  it('are let through up to the limit, also when all come at once and in any case', async () => {
    expect(await passed(30, (index) => (index % 2 ? 'Lan' : 'lan'), atOffice)).toBe(LIMITS.pair);
  });

  it('pause longer and longer, but never longer than a quarter of an hour', async () => {
    const pauses: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      await passed(LIMITS.pair, lan, atOffice);
      pauses.push(await attempts.begin('lan', OFFICE));
      later(pauses.at(-1)!);
    }
    expect(pauses.slice(0, 4)).toEqual([1, 2, 4, 8].map((times) => times * FIRST_PAUSE_MS));
    expect(pauses.slice(4)).toEqual([LONGEST_PAUSE_MS, LONGEST_PAUSE_MS]);
  });

  it('do not prolong the pause they are in', async () => {
    await passed(LIMITS.pair + 1, lan, atOffice);
    later(FIRST_PAUSE_MS - 1);
    expect(await attempts.begin('lan', OFFICE)).toBe(1);
    later(1);
    expect(await attempts.begin('lan', OFFICE)).toBe(0);
  });

  it('start again from none after one that succeeds', async () => {
    for (let day = 0; day < 5; day += 1) {
      expect(await passed(LIMITS.pair - 1, lan, atOffice)).toBe(LIMITS.pair - 1);
      await attempts.succeeded('lan', OFFICE);
    }
  });
});

describe('guessing at one name from many addresses', () => {
  it('is let through a few times only', async () => {
    expect(await passed(400, lan, elsewhere)).toBe(LIMITS.account);
  });

  it('does not keep its owner from signing in where they did before', async () => {
    await attempts.succeeded('lan', OFFICE);
    await passed(400, lan, elsewhere);
    expect(await attempts.begin('lan', OFFICE)).toBe(0);
    expect(await attempts.begin('lan', elsewhere(500))).toBeGreaterThan(0);
  });
});

describe('guessing at many names from one address', () => {
  it('is let through up to its limit', async () => {
    expect(await passed(300, (index) => `nv${index}`, atOffice)).toBe(LIMITS.address);
  });

  it('does not shut out the others of the office', async () => {
    await attempts.succeeded('lan', OFFICE);
    await passed(300, (index) => `nv${index}`, atOffice);
    expect(await attempts.begin('lan', OFFICE)).toBe(0);
  });

  it('is counted as one from a whole IPv6 network', async () => {
    const inNetwork = (index: number) => `2001:db8:1:1::${(index + 1).toString(16)}`;
    expect(await passed(300, (index) => `nv${index}`, inNetwork)).toBe(LIMITS.address);
  });
});

it('instances count together', async () => {
  const other = new SignInAttempts(sipas.services.connection, TEST_SECRET, () => now);
  await passed(LIMITS.pair, lan, atOffice);
  expect(await other.begin('lan', OFFICE)).toBe(FIRST_PAUSE_MS);
});

it('neither names nor addresses are kept', async () => {
  await attempts.begin('mat-khau-go-nham', OFFICE);
  const all = await everything(sipas.services.connection);
  expect(all).toContain('sign_in_attempts');
  expect(all).not.toMatch(/mat-khau-go-nham|203\.0\.113\.7/);
});
