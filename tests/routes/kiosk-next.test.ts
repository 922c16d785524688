import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { DRAFT_LIFETIME_MS } from '../../src/features/drafts/drafts.service.js';
import { ERRAND_LIFETIME_MS } from '../../src/features/responses/errands.service.js';
import { NOON, openTestApp, type TestApp } from '../helpers/app.js';
import { everything, storedResponses } from '../helpers/database.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { hiddenField, visitor, type Visitor } from '../helpers/pages.js';
import { validResponse } from '../helpers/responses.js';

/** The counter says which errand the next rating at a kiosk is about. */
let sipas: TestApp;
let queueSoftware: string;
let sites = 0;

beforeAll(async () => {
  sipas = await openTestApp();
  queueSoftware = await staffToken(sipas.services, 'integration', '22');
});
beforeEach(() => sipas.setNow(NOON));
afterAll(() => sipas.close());

function newSite(): Promise<Site> {
  sites += 1;
  return addSite(sipas.services, { centre: `TT${sites}` });
}

const later = (ms: number) => new Date(NOON.getTime() + ms);

function next(kiosk: string, errand: object, token = queueSoftware): request.Test {
  return request(sipas.app).post(`/api/v1/kiosks/${kiosk}/next`).set('Authorization', `Bearer ${token}`).send(errand);
}

async function paired({ pairPath }: Site): Promise<Visitor> {
  const device = visitor(sipas);
  await device.get(pairPath);
  return device;
}

/** Rates on a page without scripts and gives the id, and where that led. */
async function tap(device: Visitor, path = '/kiosk', level = 5): Promise<{ id: string; to: string }> {
  const { text } = await device.get(path);
  const id = hiddenField(text, 'responseId');
  const said = ['dossier', 'procedure', 'officer'].flatMap((name) =>
    text.includes(`name="${name}"`) ? [[name, hiddenField(text, name)]] : [],
  );
  const answer = await device
    .post('/kiosk/answers')
    .type('form')
    .send({ responseId: id, item: 'overall', level: String(level), ...Object.fromEntries(said) });
  return { id, to: String(answer.headers['location']) };
}

/** A rating as the kiosk's script sends it. */
async function send(
  device: Visitor,
  capturedAt: Date,
  overrides: object = {},
): Promise<{ id: string; status: string }> {
  const response = validResponse({ capturedAt: capturedAt.toISOString(), ...overrides });
  const item = { response, device: { capturedAt: capturedAt.toISOString(), offsetMs: 0 } };
  const { body } = await device
    .post('/kiosk/responses')
    .set('Accept', 'application/json')
    .send({ responses: [item] })
    .expect(200);
  return body.results[0];
}

const stored = async (id: string) => (await storedResponses(sipas.services.connection, id))[0];

describe('an errand named by the queue software', () => {
  const ERRAND = { procedure: '1.001612', field: 'Hộ tịch', counter: 'Q9', officer: 'CB12' };

  it('is what the next rating is about, and only that one', async () => {
    const site = await newSite();
    const device = await paired(site);
    const { body } = await next(site.kiosk, { ...ERRAND, dossier: 'D-1' }).expect(200);
    expect(body).toEqual({ kiosk: site.kiosk, until: later(ERRAND_LIFETIME_MS).toISOString() });
    const [first, second] = [await tap(device), await tap(device)];
    expect(await stored(first.id)).toMatchObject(ERRAND);
    expect(await stored(second.id)).not.toHaveProperty('procedure');
  });

  it('finds a rating that was given while the kiosk had no network', async () => {
    const site = await newSite();
    const device = await paired(site);
    await next(site.kiosk, ERRAND).expect(200);
    sipas.setNow(later(3 * 86_400_000));
    const before = await send(device, later(-1));
    const meant = await send(device, later(60_000));
    expect(await stored(before.id)).not.toHaveProperty('officer');
    expect(await stored(meant.id)).toMatchObject(ERRAND);
  });

  it('finds a rating that a program sends for the kiosk', async () => {
    const site = await newSite();
    await next(site.kiosk, ERRAND).expect(200);
    const response = validResponse({ capturedAt: NOON.toISOString() });
    await request(sipas.app)
      .post('/api/v1/responses')
      .set('Authorization', `Bearer ${site.token}`)
      .send(response)
      .expect(201);
    expect(await stored(response.id)).toMatchObject(ERRAND);
  });

  it('stays with its rating when that is sent again', async () => {
    const site = await newSite();
    const device = await paired(site);
    await next(site.kiosk, { dossier: 'D-again' }).expect(200);
    const overrides = { id: randomUUID() };
    expect((await send(device, NOON, overrides)).status).toBe('stored');
    expect((await send(device, NOON, overrides)).status).toBe('duplicate');
  });

  it('is over after ten minutes', async () => {
    const site = await newSite();
    const device = await paired(site);
    await next(site.kiosk, ERRAND).expect(200);
    sipas.setNow(later(ERRAND_LIFETIME_MS));
    expect(await stored((await tap(device)).id)).not.toHaveProperty('officer');
  });

  it('gives way to the next one', async () => {
    const site = await newSite();
    const device = await paired(site);
    await next(site.kiosk, { officer: 'CB1' }).expect(200);
    sipas.setNow(later(1000));
    await next(site.kiosk, { officer: 'CB2' }).expect(200);
    expect(await stored((await tap(device)).id)).toMatchObject({ officer: 'CB2' });
    expect(await stored((await tap(device)).id)).not.toHaveProperty('officer');
  });

  it('can be taken back', async () => {
    const site = await newSite();
    const device = await paired(site);
    await next(site.kiosk, ERRAND).expect(200);
    await request(sipas.app)
      .delete(`/api/v1/kiosks/${site.kiosk}/next`)
      .set('Authorization', `Bearer ${queueSoftware}`)
      .expect(204);
    expect(await stored((await tap(device)).id)).not.toHaveProperty('officer');
  });

  it('is used up by a rating that names its own, which comes first', async () => {
    const site = await newSite();
    const device = await paired(site);
    await next(site.kiosk, ERRAND).expect(200);
    const own = await send(device, NOON, { officer: 'CB77' });
    expect(await stored(own.id)).toMatchObject({ ...ERRAND, officer: 'CB77' });
    expect(await stored((await send(device, NOON)).id)).not.toHaveProperty('officer');
  });

  it('does not reach another kiosk of the centre', async () => {
    const site = await newSite();
    const other = await sipas.services.kiosks.add({ centre: site.centre, code: `${site.centre}-K2` });
    await next(other.code, ERRAND).expect(200);
    expect(await stored((await tap(await paired(site))).id)).not.toHaveProperty('officer');
  });
});

describe('a dossier', () => {
  it('that was rated cannot be bound again', async () => {
    const site = await newSite();
    await next(site.kiosk, { dossier: 'D-2' }).expect(200);
    await tap(await paired(site));
    const { body } = await next(site.kiosk, { dossier: 'D-2' }).expect(409);
    expect(body.type).toBe('urn:sipas:problem:dossier-rated');
  });

  it('bound at two kiosks is rated once, and no citizen is refused for it', async () => {
    const [one, two] = [await newSite(), await newSite()];
    await next(one.kiosk, { dossier: 'D-3', officer: 'CB1' }).expect(200);
    await next(two.kiosk, { dossier: 'D-3', officer: 'CB1' }).expect(200);
    const ratings = [await send(await paired(one), NOON), await send(await paired(two), NOON)];
    expect(ratings.map(({ status }) => status)).toEqual(['stored', 'stored']);
    const marks = sipas.services.connection.collection('dossier_marks');
    expect(await marks.countDocuments({ response: (await stored(ratings[0]!.id))?._id })).toBe(1);
    expect(await marks.countDocuments({ response: (await stored(ratings[1]!.id))?._id })).toBe(0);
  });

  it('is known by nothing but a keyed hash', async () => {
    const site = await newSite();
    await next(site.kiosk, { dossier: 'H-SECRET-1' }).expect(200);
    await tap(await paired(site), '/kiosk?dossier=H-SECRET-2', 1);
    expect(await everything(sipas.services.connection)).not.toContain('H-SECRET');
  });
});

describe('an errand in the address of a page without scripts', () => {
  it('is what the rating is about', async () => {
    const device = await paired(await newSite());
    const { id, to } = await tap(device, '/kiosk?dossier=A-1&procedure=1.001612&officer=CB9');
    expect(to).toBe('/kiosk/thanks');
    expect(await stored(id)).toMatchObject({ procedure: '1.001612', officer: 'CB9' });
    expect((await device.get('/kiosk')).text).not.toContain('CB9');
  });

  it('counts as rated when the citizen walks away from the reasons', async () => {
    const device = await paired(await newSite());
    const { id } = await tap(device, '/kiosk?dossier=A-2', 1);
    sipas.setNow(later(DRAFT_LIFETIME_MS));
    await sipas.services.drafts.completeDue();
    expect(await stored(id)).toMatchObject({ answers: { overall: 1 } });
    expect((await device.get('/kiosk?dossier=A-2')).headers['location']).toBe('/kiosk/rated');
  });

  it('that was rated is told so, politely, and not asked again', async () => {
    const device = await paired(await newSite());
    const { text: stale } = await device.get('/kiosk?dossier=A-3');
    await tap(device, '/kiosk?dossier=A-3');
    const again = await device
      .post('/kiosk/answers')
      .type('form')
      .send({ responseId: hiddenField(stale, 'responseId'), item: 'overall', level: '4', dossier: 'A-3' });
    expect(again.headers['location']).toBe('/kiosk/rated');
    const { text, headers } = await device.get('/kiosk/rated');
    expect(text).toContain('Hồ sơ này đã được đánh giá');
    expect(headers['refresh']).toMatch(/^\d+; url=\/kiosk/);
  });

  it.each(['dossier=', `dossier=${'x'.repeat(101)}`, 'dossier[]=a', 'officer[$gt]=1'])(
    'that is not well-formed, %s, leaves the kiosk as it is',
    async (query) => {
      const device = await paired(await newSite());
      expect(await stored((await tap(device, `/kiosk?${query}`)).id)).toMatchObject({ answers: { overall: 5 } });
    },
  );
});

describe('binding is refused', () => {
  it.each([
    ['with nothing in it', {}, ''],
    ['with an unknown field', { citizen: 'x' }, 'citizen'],
    ['with an empty dossier', { dossier: '' }, 'dossier'],
    ['with a dossier that is no text', { dossier: 5 }, 'dossier'],
    ['as a list', [], ''],
  ])('%s', async (_, errand, path) => {
    const site = await newSite();
    const { body } = await next(site.kiosk, errand).expect(422);
    expect(body.errors).toContainEqual(expect.objectContaining({ path }));
  });

  it('to those who may not', async () => {
    const site = await newSite();
    await next(site.kiosk, { officer: 'CB1' }, await staffToken(sipas.services, 'viewer')).expect(403);
    await next(site.kiosk, { officer: 'CB1' }, site.token).expect(403);
    await next(site.kiosk, { officer: 'CB1' }, await staffToken(sipas.services, 'integration', '01')).expect(403);
    await next('NONE', { officer: 'CB1' }).expect(404);
  });
});

it('an errand bound through another process is found by a rating a second later', async () => {
  const site = await newSite();
  const device = await paired(site);
  await tap(device);
  const other = await openTestApp(NOON, sipas.uri);
  await other.services.errands.bind(site.kiosk, { officer: 'CB5' });
  await other.services.connection.close();
  sipas.setNow(later(1000));
  expect(await stored((await tap(device)).id)).toMatchObject({ officer: 'CB5' });
});
