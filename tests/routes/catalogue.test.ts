import { join } from 'node:path';
import type { Connection } from 'mongoose';
import request from 'supertest';
import { connectDatabase } from '../../src/database/connect.js';
import { createIndexes } from '../../src/database/indexes.js';
import { readCatalogueFiles } from '../../src/features/catalogue/catalogue.files.js';
import type { Unit } from '../../src/features/catalogue/catalogue.model.js';
import { CatalogueService } from '../../src/features/catalogue/catalogue.service.js';
import { ROOT } from '../../src/services.js';
import { NOON, openTestApp, uniqueUri, type TestApp } from '../helpers/app.js';
import { contents } from '../helpers/database.js';
import { addSite, staffToken } from '../helpers/installation.js';

const DATA = join(ROOT, 'data');

describe('the catalogue', () => {
  let test: TestApp;
  let admin: string;

  beforeAll(async () => {
    test = await openTestApp();
    admin = await staffToken(test.services, 'admin');
    await addSite(test.services, { centre: 'QN', unit: '22' });
    await addSite(test.services, { centre: 'BL', unit: '06838' });
    await addSite(test.services, { centre: 'HUE', unit: '46' });
  });

  afterAll(() => test.close());

  const get = (path: string, token = admin) =>
    request(test.app).get(`/api/v1${path}`).set('Authorization', `Bearer ${token}`);
  const codes = (list: readonly { code: string }[]) => list.map(({ code }) => code);

  it('has the 34 provinces and, below them, the 3,321 communes', async () => {
    const { body } = await get('/units');
    expect(body.units).toHaveLength(34);
    const below = body.units.map(({ code }: { code: string }) => test.services.catalogue.unitsBelow(code).length);
    expect(below.reduce((sum: number, count: number) => sum + count, 0)).toBe(3321);
  });

  it('gives the communes of a province with kind and name', async () => {
    const { body } = await get('/units?parent=22');
    expect(body.units).toHaveLength(54);
    expect(body.units).toContainEqual(expect.objectContaining({ code: '06838', label: 'Xã Bình Liêu', parent: '22' }));
  });

  it.each(['Hóa Châu', 'Hoá Châu', 'hoa chau', 'PHƯỜNG HÓA'])('finds Phường Hóa Châu by "%s"', async (text) => {
    const { body } = await get(`/units?parent=46&q=${encodeURIComponent(text)}`);
    expect(codes(body.units)).toContain('20014');
  });

  it.each([
    ['2026-08-31', 'Tỉnh Quảng Ninh'],
    ['2026-09-01', 'Thành phố Quảng Ninh'],
    ['2020-01-01', 'Tỉnh Quảng Ninh'],
  ])('knows that on %s unit 22 was %s', (day, name) => {
    expect(test.services.catalogue.unitName('22', day)).toBe(name);
  });

  it('keeps the four questionnaires word for word', async () => {
    const { body } = await get('/questionnaires');
    expect(body.questionnaires.map(({ id }: { id: string }) => id)).toEqual([
      'phuong-9',
      'sipas-dvhcc-19',
      'tthc-kiosk-3',
      'tthc-kiosk-5',
    ]);
    const form = (await get('/questionnaires/sipas-dvhcc-19?version=1')).body;
    expect(form.items).toHaveLength(19);
    expect(form.items[8]).toMatchObject({
      code: 'C23',
      factor: 'III',
      text: { vi: 'Công chức có thái độ giao tiếp lịch sự, tôn trọng đối với người dân.' },
    });
  });

  it.each(['/questionnaires/none', '/questionnaires/phuong-9?version=2', '/units?parent=99', '/centres?unit=xx'])(
    'answers 404 for %s',
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );

  it('lists the centres below a unit, and only those in scope', async () => {
    expect(codes((await get('/centres?unit=22')).body.centres)).toEqual(['BL', 'QN']);
    const manager = await staffToken(test.services, 'manager', '22');
    expect(codes((await get('/centres', manager)).body.centres)).toEqual(['BL', 'QN']);
    expect((await get('/centres?unit=46', manager)).status).toBe(403);
  });

  it('tells a token who it is', async () => {
    const viewer = await staffToken(test.services, 'viewer', '46');
    expect((await get('/me', viewer)).body).toMatchObject({ role: 'viewer', scope: '46' });
  });

  it('is loaded once: a second start changes nothing', async () => {
    const before = await contents(test.services.connection);
    const count = () => test.services.connection.collection('units').countDocuments({}, { maxTimeMS: 10_000 });
    const units = await count();
    const again = await openTestApp(NOON, test.uri);
    expect(await count()).toBe(units);
    expect(await contents(test.services.connection)).toBe(before);
    await again.services.connection.close();
  });
});

describe('units stored', () => {
  let connection: Connection;
  let units: readonly Unit[];

  beforeEach(async () => {
    connection = await connectDatabase(uniqueUri());
    await createIndexes(connection);
    units = (await readCatalogueFiles(DATA)).units.records;
  });

  afterEach(async () => {
    await connection.dropDatabase();
    await connection.close();
  });

  const load = () =>
    new CatalogueService(
      connection,
      (text) => text,
      () => NOON,
    ).loadFiles(DATA);
  const count = () => connection.collection('units').countDocuments({}, { maxTimeMS: 10_000 });

  it('are whole after a first start that was cut off', async () => {
    await connection.collection('units').insertMany(units.slice(5, 9).map((unit) => ({ ...unit })));
    await load();
    expect(await count()).toBe(units.length);
  });

  it('are there once when two processes start at the same moment', async () => {
    await Promise.all([load(), load()]);
    expect(await count()).toBe(units.length);
  });
});
