import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { LONGEST_PAUSE_MS } from '../../src/features/accounts/accounts.attempts.js';
import { NOON, openTestApp, type TestApp } from '../helpers/app.js';
import { hiddenField, PASSWORD } from '../helpers/pages.js';

/** A tenth of the measure here; TRIES=10000, as in .ci/run, is the whole. One try a second, by the clock of the test. */
const TRIES = Number(process.env['TRIES'] ?? 1000);
const AT_ONCE = 8;
const ADDRESSES = 2500;
const GUESSES = ['matkhau123', '12345678', 'Hai Long 2026', PASSWORD.slice(1)];
const OFFICE = '127.200.0.1';
const MINUTE_MS = 60_000;

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly page: string;
  readonly cookie: string;
}

let sipas: TestApp;
let server: Server;
let port: number;
let now = NOON;

beforeAll(async () => {
  sipas = await openTestApp(() => now);
  for (const username of ['lan', 'mai']) {
    await sipas.services.accounts.add({ username, role: 'viewer', scope: null, password: PASSWORD });
  }
  server = createServer(sipas.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.close();
  await sipas.close();
});

/** Asks from an address of its own: all of 127.0.0.0/8 is this machine. */
async function ask(address: string, cookie: string, form?: Readonly<Record<string, string>>): Promise<Answer> {
  const method = form ? 'POST' : 'GET';
  const headers = { cookie, ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}) };
  const asked = request({
    port,
    host: '127.0.0.1',
    localAddress: address,
    path: '/login',
    method,
    headers,
    agent: false,
  });
  const answered = once(asked, 'response');
  asked.end(form && new URLSearchParams(form).toString());
  const [answer] = await answered;
  const [set = ''] = answer.headers['set-cookie'] ?? [];
  return {
    status: answer.statusCode,
    location: answer.headers.location,
    page: await text(answer),
    cookie: set.split(';')[0] ?? '',
  };
}

/** A sign-in form as it is open in a browser at an address; gives what came of sending it. */
async function formAt(address: string) {
  const { page, cookie } = await ask(address, '');
  return (username: string, password: string, from = address) =>
    ask(from, cookie, { _csrf: hiddenField(page, '_csrf'), username, password });
}

const isSignedIn = ({ status, location }: Answer) => status === 303 && location !== '/login';
const addressOf = (index: number) => `127.${10 + Math.floor(index / 250)}.0.${1 + (index % 250)}`;

it(`${TRIES} guesses from many addresses sign nobody in, and keep no owner of a name out for longer than the pause`, async () => {
  expect(isSignedIn(await (await formAt(OFFICE))('lan', PASSWORD))).toBe(true);
  const guess = await formAt(addressOf(0));
  const outcomes = new Map<number, number>();
  const refusals = { known: 0, longest: 0 };
  let waitingSince = now.getTime();
  for (let tried = 0; tried < TRIES; tried += AT_ONCE) {
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, index) => {
        const word = GUESSES[(tried + index) % GUESSES.length] ?? '';
        return guess(index % 4 === 0 ? 'mai' : 'lan', word, addressOf((tried + index) % ADDRESSES));
      }),
    );
    for (const { status } of answers) outcomes.set(status, (outcomes.get(status) ?? 0) + 1);
    const before = Math.floor((now.getTime() - NOON.getTime()) / MINUTE_MS);
    now = new Date(now.getTime() + AT_ONCE * 1000);
    if (Math.floor((now.getTime() - NOON.getTime()) / MINUTE_MS) === before) continue;
    // Every minute: lan where she always signs in, and mai where she never did.
    if (!isSignedIn(await (await formAt(OFFICE))('lan', PASSWORD))) refusals.known += 1;
    const minute = Math.floor((now.getTime() - NOON.getTime()) / MINUTE_MS);
    const somewhere = `127.100.${Math.floor(minute / 250)}.${1 + (minute % 250)}`;
    if (isSignedIn(await (await formAt(somewhere))('mai', PASSWORD))) waitingSince = now.getTime();
    refusals.longest = Math.max(refusals.longest, now.getTime() - waitingSince);
  }
  expect([...outcomes.keys()].sort()).toEqual([401, 429]);
  expect(refusals.known).toBe(0);
  expect(refusals.longest).toBeLessThanOrEqual(LONGEST_PAUSE_MS + MINUTE_MS);
}, 1_800_000);
