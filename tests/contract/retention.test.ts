import { READ_LIMIT_MS } from '../../src/database/connect.js';
import { dossierMarkCollection, responseCollection } from '../../src/features/responses/responses.model.js';
import { RetentionService } from '../../src/features/retention/retention.service.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, type Site } from '../helpers/installation.js';
import { postResponse, validResponse } from '../helpers/responses.js';

/** 12:00 in Việt Nam, more than two years after the oldest of the responses below. */
const NOW = new Date('2026-11-22T05:00:00.000Z');
let sipas: TestApp;
let site: Site;

beforeEach(async () => {
  sipas = await openTestApp(NOW);
  site = await addSite(sipas.services);
});
afterEach(() => sipas.close());

/** Stores a response as if it had come in on the day of its capture. */
async function rate(day: string, more: Readonly<Record<string, unknown>> = {}): Promise<object> {
  const body = validResponse({ capturedAt: `${day}T03:00:00.000Z`, ...more });
  sipas.setNow(new Date(`${day}T03:00:01.000Z`));
  expect((await postResponse(sipas, site.token, body)).status).toBe(201);
  sipas.setNow(NOW);
  return body;
}

const stored = () =>
  responseCollection(sipas.services.connection)
    .find({}, { sort: { day: 1 } })
    .toArray();
const marks = () => dossierMarkCollection(sipas.services.connection).countDocuments({}, { maxTimeMS: READ_LIMIT_MS });

describe('what was kept for as long as the rules say', () => {
  it('is counted and left by a dry run', async () => {
    await rate('2024-11-21', { comment: 'cũ', dossier: 'H-1' });
    expect(await sipas.services.retention.due()).toEqual({
      ...{ commentsBefore: '2024-11-22', comments: 1, dossiersBefore: '2025-11-22', dossiers: 1 },
    });
    expect([(await stored())[0]?.comment, await marks()]).toEqual(['cũ', 1]);
  });

  it('is removed to the day, and what is younger stays', async () => {
    await rate('2024-11-21', { comment: 'cũ' });
    await rate('2024-11-22', { comment: 'mới' });
    await rate('2025-11-21', { dossier: 'H-1' });
    await rate('2025-11-22', { dossier: 'H-2' });
    expect(await sipas.services.retention.apply()).toMatchObject({ comments: 1, dossiers: 1 });
    expect((await stored()).map(({ comment }) => comment)).toEqual([undefined, 'mới', undefined, undefined]);
    expect(await marks()).toBe(1);
  });

  it('is nothing of the answers: tallies equal a recount before and after', async () => {
    await rate('2024-01-02', { comment: 'cũ', dossier: 'H-1', answers: { overall: 1 } });
    await sipas.services.tallies.run();
    const [before] = await stored();
    await sipas.services.retention.apply();
    const [after] = await stored();
    expect({ ...after, comment: 'cũ' }).toEqual(before);
    expect(await sipas.services.tallies.recount({ repair: false })).toEqual([]);
  });

  it('does not make a late retry another response', async () => {
    const body = await rate('2024-01-02', { comment: 'cũ', dossier: 'H-1' });
    await sipas.services.retention.apply();
    const { status, body: reply } = await postResponse(sipas, site.token, body);
    expect([status, reply.status]).toEqual([200, 'duplicate']);
    expect((await stored())[0]).not.toHaveProperty('comment');
  });

  it('is recorded with how much it was, once', async () => {
    await rate('2024-01-02', { comment: 'cũ', dossier: 'H-1' });
    await sipas.services.retention.apply();
    await sipas.services.retention.apply();
    const entries = await sipas.services.audit.list({ action: 'retention' }, 10);
    expect(entries).toMatchObject([
      {
        actor: { kind: 'system' },
        outcome: 'done',
        after: { commentsBefore: '2024-11-22', comments: 1, dossiersBefore: '2025-11-22', dossiers: 1 },
      },
    ]);
  });

  it('is removed once when two processes do so at the same moment', async () => {
    await rate('2024-01-02', { comment: 'cũ' });
    const { connection, retention, settings, audit } = sipas.services;
    const other = new RetentionService(connection, settings, audit, () => NOW);
    const removed = await Promise.all([retention.apply(), other.apply()]);
    expect(removed.map(({ comments }) => comments).sort()).toEqual([0, 1]);
  });
});

describe('a dossier whose mark was removed', () => {
  it('had no ticket left that could rate it again', async () => {
    const make = (days: number) => sipas.services.tickets.make({ centre: site.centre, dossier: 'H-9', days });
    await expect(make(366)).rejects.toThrow('days: must be at most 365 with a dossier');
    expect((await make(365)).expiresAt).toEqual(new Date('2027-11-22T17:00:00.000Z'));
  });
});
