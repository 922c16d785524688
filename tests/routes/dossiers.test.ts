import request from 'supertest';
import { dossierCollection } from '../../src/features/dossiers/dossiers.model.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { everything } from '../helpers/database.js';
import { validDossier } from '../helpers/dossiers.js';
import { addSite, staffToken } from '../helpers/installation.js';
import { expectProblem } from '../helpers/problem.js';

let sipas: TestApp;
let feed: string;

beforeAll(async () => {
  sipas = await openTestApp();
  await addSite(sipas.services, { centre: 'TT1', unit: '22' });
  await addSite(sipas.services, { centre: 'TT2', unit: '24' });
  feed = await staffToken(sipas.services, 'integration');
});
afterEach(async () => {
  await dossierCollection(sipas.services.connection).deleteMany({});
  await sipas.services.connection.collection('dossier_tallies').deleteMany({});
});
afterAll(() => sipas.close());

const post = (dossiers: unknown, token = feed) =>
  request(sipas.app).post('/api/v1/dossiers/batch').set('Authorization', `Bearer ${token}`).send({ dossiers });

async function statuses(dossiers: readonly unknown[], token = feed): Promise<string[]> {
  const answer = await post(dossiers, token);
  expect(answer.status).toBe(200);
  return answer.body.results.map(({ status }: { status: string }) => status);
}

it('stores a dossier, updates it when it changes and leaves it when it does not', async () => {
  const open = validDossier({ returnedAt: undefined });
  expect(await statuses([open])).toEqual(['stored']);
  expect(await statuses([open])).toEqual(['unchanged']);
  expect(await statuses([validDossier()])).toEqual(['updated']);
  expect(await statuses([validDossier()])).toEqual(['unchanged']);
});

it('takes the last word where one batch names a dossier twice', async () => {
  const open = validDossier({ returnedAt: undefined });
  expect(await statuses([open, validDossier(), validDossier()])).toEqual(['stored', 'updated', 'unchanged']);
  expect(await statuses([validDossier()])).toEqual(['unchanged']);
});

it('one bad dossier does not block the others, and says what is wrong with it', async () => {
  const answer = await post([
    validDossier({ code: 'A' }),
    validDossier({ code: 'B', dueAt: '2026-02-30T00:00:00Z', colour: 'red' }),
    'nonsense',
    validDossier({ code: 'D' }),
  ]);
  expect(answer.status).toBe(200);
  expect(answer.body.results).toEqual([
    { code: 'A', status: 'stored' },
    { code: 'B', status: 'invalid', errors: expect.any(Array) },
    { code: null, status: 'invalid', errors: expect.any(Array) },
    { code: 'D', status: 'stored' },
  ]);
  const paths = answer.body.results[1].errors.map(({ path }: { path: string }) => path);
  expect(paths.sort()).toEqual(['colour', 'dueAt']);
});

it.each([
  ['no code', { code: undefined }, 'code'],
  ['an empty code', { code: '' }, 'code'],
  ['no centre', { centre: undefined }, 'centre'],
  ['an unknown centre', { centre: 'TT9' }, 'centre'],
  ['no day of receipt', { receivedAt: undefined }, 'receivedAt'],
  ['no day due', { dueAt: undefined }, 'dueAt'],
  ['a day due in words', { dueAt: 'tomorrow' }, 'dueAt'],
  ['an instant without its offset', { receivedAt: '2026-11-01T08:00:00' }, 'receivedAt'],
  ['a return before the receipt', { returnedAt: '2026-10-31T23:59:00+07:00' }, 'returnedAt'],
  ['a field that is no text', { field: { $ne: '' } }, 'field'],
  ['a control character', { officer: 'CB\u0000' }, 'officer'],
])('a dossier with %s is invalid', async (_, overrides, path) => {
  const answer = await post([validDossier(overrides)]);
  expect(answer.body.results).toEqual([
    expect.objectContaining({ status: 'invalid', errors: [{ path, message: expect.stringMatching(/\S/) }] }),
  ]);
});

it('takes null and empty texts for what the feed does not know', async () => {
  expect(await statuses([validDossier({ officer: null, field: '', returnedAt: null })])).toEqual(['stored']);
  expect(await statuses([validDossier({ officer: undefined, field: undefined, returnedAt: undefined })])).toEqual([
    'unchanged',
  ]);
});

it('keeps neither the code of a dossier nor a time of day', async () => {
  await statuses([validDossier({ code: 'MA-HO-SO-BI-MAT', receivedAt: '2026-11-01T08:12:34+07:00' })]);
  const stored = await everything(sipas.services.connection);
  expect(stored).toContain('2026-11-09');
  expect(stored).not.toContain('MA-HO-SO-BI-MAT');
  expect(stored).not.toMatch(/08:12:34|01:12:34/);
});

describe('within its scope', () => {
  it('a province writes about its own centres only', async () => {
    const token = await staffToken(sipas.services, 'integration', '22');
    expect(await statuses([validDossier(), validDossier({ code: 'X', centre: 'TT2' })], token)).toEqual([
      'stored',
      'invalid',
    ]);
  });

  it('nobody takes over the dossier of a centre they may not write about', async () => {
    await statuses([validDossier({ centre: 'TT2' })]);
    const token = await staffToken(sipas.services, 'integration', '22');
    expect(await statuses([validDossier({ centre: 'TT1' })], token)).toEqual(['invalid']);
    expect(await statuses([validDossier({ centre: 'TT2' })])).toEqual(['unchanged']);
  });
});

it.each(['manager', 'viewer'] as const)('a %s may not write dossiers', async (role) => {
  expectProblem(await post([validDossier()], await staffToken(sipas.services, role)), 403);
});

it('takes thousands of dossiers at once', async () => {
  const dossiers = Array.from({ length: 3000 }, (_, index) => validDossier({ code: `M${index}` }));
  expect(new Set(await statuses(dossiers))).toEqual(new Set(['stored']));
  expect(new Set(await statuses(dossiers))).toEqual(new Set(['unchanged']));
});

it('of two senders of the same new dossiers at the same time, one stores each', async () => {
  const dossiers = Array.from({ length: 50 }, (_, index) => validDossier({ code: `C${index}` }));
  const both = await Promise.all([statuses(dossiers), statuses([...dossiers].reverse())]);
  const second = [...both[1]].reverse();
  both[0].forEach((status, index) => expect([status, second[index]].sort()).toEqual(['stored', 'unchanged']));
});

it.each([
  ['no list', {}, 'dossiers'],
  ['an empty list', { dossiers: [] }, 'dossiers'],
  ['10,001 dossiers', { dossiers: Array.from({ length: 10_001 }, () => ({})) }, 'dossiers'],
  ['an unknown field', { dossiers: [validDossier()], colour: 1 }, 'colour'],
])('a body with %s is refused', async (_, body, path) => {
  const answer = await request(sipas.app)
    .post('/api/v1/dossiers/batch')
    .set('Authorization', `Bearer ${feed}`)
    .send(body);
  expectProblem(answer, 422, [path]);
});
