import { randomUUID } from 'node:crypto';
import { UUID, type CommandStartedEvent } from 'mongodb';
import request from 'supertest';
import { bytesOf, FORMATS } from '../../src/features/exports/exports.formats.js';
import { openTestApp, uniqueUri, type TestApp } from '../helpers/app.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { hiddenField, PASSWORD, signIn, visitor } from '../helpers/pages.js';
import { fullResponse, postBatch, postResponse, validResponse } from '../helpers/responses.js';

/** No read outlives its asker: each tells the server how long it may take. */
let sipas: TestApp;
let site: Site;
let admin: string;
let reads: CommandStartedEvent[] = [];
let commands: string[] = [];

const READS = ['find', 'aggregate', 'count', 'distinct'];

beforeAll(async () => {
  const uri = uniqueUri();
  const monitored = `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`;
  sipas = await openTestApp(undefined, monitored);
  sipas.services.connection.getClient().on('commandStarted', (event: CommandStartedEvent) => {
    commands.push(event.commandName);
    if (READS.includes(event.commandName)) reads.push(event);
  });
  site = await addSite(sipas.services);
  admin = await staffToken(sipas.services, 'admin');
  await sipas.services.accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
});
beforeEach(() => {
  [reads, commands] = [[], []];
});
afterAll(() => sipas.close());

/** Runs it, and finds that it read something and limited each read. */
async function expectLimited(run: () => PromiseLike<unknown>): Promise<void> {
  await run();
  expect(reads.length).toBeGreaterThan(0);
  const endless = reads.filter(({ command }) => !(Number(command['maxTimeMS']) > 0));
  expect(endless.map(({ commandName, command }) => `${commandName} ${String(command[commandName])}`)).toEqual([]);
}

const api = (path: string) => () => request(sipas.app).get(`/api/v1${path}`).set('Authorization', `Bearer ${admin}`);

describe('every read has a limit', () => {
  it.each([
    '/centres',
    '/centres?unit=22',
    '/reports/satisfaction?period=2026&groupBy=centre',
    '/reports/satisfaction?from=2026-01-15&to=2026-11-20&groupBy=field&centre=TT1',
    '/exports/responses.csv?period=2026',
    '/exports/satisfaction.csv?period=2026',
  ])('of GET %s', (path) => expectLimited(api(path)));

  it('of a response, its retry and a conflict', () =>
    expectLimited(async () => {
      const body = fullResponse();
      await postResponse(sipas, site.token, body);
      await postResponse(sipas, site.token, body);
      await postResponse(sipas, site.token, { ...body, comment: 'khác' });
      await postResponse(sipas, site.token, fullResponse());
    }));

  it('of a batch', () => {
    const batch = [validResponse(), fullResponse({ dossier: 'L-1' })];
    return expectLimited(() => postBatch(sipas, site.token, [...batch, ...batch]));
  });

  it('of counting and of a recount', () =>
    expectLimited(async () => {
      await sipas.services.tallies.run();
      await sipas.services.tallies.recount({ repair: true });
      await sipas.services.tallies.completeUntil(new Date());
    }));

  it('of signing in, a report page and signing out', () =>
    expectLimited(async () => {
      const browser = visitor(sipas);
      await signIn(browser, { username: 'admin' });
      const { text } = await browser.get('/reports?period=2026');
      await browser
        .post('/logout')
        .type('form')
        .send({ _csrf: hiddenField(text, '_csrf') });
    }));

  it('of a kiosk from pairing to thanks', () =>
    expectLimited(async () => {
      const device = visitor(sipas);
      await device.get(site.pairPath);
      const { text } = await device.get('/kiosk');
      const responseId = hiddenField(text, 'responseId');
      await device.post('/kiosk/answers').type('form').send({ responseId, item: 'overall', level: '1' });
      await device.get(`/kiosk/reasons?draft=${responseId}`);
      await device.post('/kiosk/reasons').type('form').send({ responseId, reasons: 'khac' });
      await device.get('/kiosk/thanks');
      await sipas.services.drafts.completeDue();
    }));

  it('of the lists and look-ups behind the commands', () =>
    expectLimited(async () => {
      const { accounts, tokens, kiosks, centres, demo } = sipas.services;
      await accounts.list();
      await accounts.isEmpty();
      await tokens.list();
      await kiosks.ofCentre('TT1');
      await centres.inUnits('all');
      await demo.isLoaded();
    }));

  it('of a start on a database that is there already', async () => {
    const again = await openTestApp(undefined, sipas.uri);
    again.services.connection.getClient().on('commandStarted', (event: CommandStartedEvent) => {
      if (READS.includes(event.commandName)) reads.push(event);
    });
    await expectLimited(async () => {
      await again.services.catalogue.loadFiles('data');
      await again.services.catalogue.open();
    });
    await again.services.connection.close();
  });
});

describe('an export that is not read to the end', () => {
  it.each(FORMATS)('closes its cursor on the server, as %s', async (format) => {
    const { connection, exports, scopes } = sipas.services;
    const record = {
      centre: 'TT1',
      day: '2020-01-01',
      hour: 8,
      kiosk: '',
      channel: 'import',
      questionnaire: 'phuong-9',
    };
    const filler = Array.from({ length: 8000 }, () => ({
      ...{ ...record, _id: new UUID(), version: 1, answers: { P1: 5 } },
      ...{ capturedAt: new Date(0), receivedAt: new Date(0) },
      comment: randomUUID(),
    }));
    await connection.collection<{ _id: UUID }>('responses').insertMany(filler);
    const scope = await scopes.select({ scope: null }, {});
    const range = { from: '2020-01-01', to: '2020-01-01' };
    const query = { range, scope, questionnaire: undefined, comments: 'as-written' } as const;
    const bytes = bytesOf(exports.responses(query), format, ',');
    for await (const chunk of bytes) if (chunk.length > 1000) break;
    while (!commands.includes('killCursors')) await new Promise((resolve) => setImmediate(resolve));
  });
});
