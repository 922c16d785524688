import request from 'supertest';
import { parsePeriod } from '../../src/domain/period.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, staffToken } from '../helpers/installation.js';
import { hiddenField, PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { postResponse, validResponse } from '../helpers/responses.js';

let sipas: TestApp;
let admin: Visitor;
let csrf = '';

beforeAll(async () => {
  sipas = await openTestApp();
  await sipas.services.accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
  admin = visitor(sipas);
  await signIn(admin, { username: 'admin' });
  csrf = hiddenField((await admin.get('/account')).text, '_csrf');
});
afterAll(() => sipas.close());

const send = (path: string, fields: object = {}): request.Test =>
  admin
    .post(path)
    .type('form')
    .send({ _csrf: csrf, ...fields });

describe('closing a centre', () => {
  it('is asked first', async () => {
    const { centre } = await addSite(sipas.services, { centre: 'ASKED' });
    const { text } = await admin.get(`/admin/centres/${centre}/close`);
    expect(text).toContain('Số máy đánh giá ngừng nhận đánh giá ngay: 1.');
    expect(text).toContain('name="on" type="date" value="2026-11-22"');
    expect(await sipas.services.centres.find(centre)).not.toHaveProperty('closed');
  });

  it.each([
    ['a day that is none', { on: '2026-02-30' }, 'on'],
    ['a day after today', { on: '2026-11-23' }, 'on'],
    ['no day', {}, 'on'],
    ['itself as its successor', { on: '2026-11-20', successor: 'SELF' }, 'successor'],
    ['a successor that does not exist', { on: '2026-11-20', successor: 'NONE' }, 'successor'],
    ['a successor that is closed', { on: '2026-11-20', successor: 'GONE' }, 'successor'],
  ])('with %s is refused beside the field', async (_, fields, field) => {
    const { centres } = sipas.services;
    if (!(await centres.find('SELF'))) {
      for (const code of ['SELF', 'GONE']) await centres.add({ code, name: code, unit: '22' });
      await centres.close('GONE', { on: '2026-11-01' });
    }
    const { status, text } = await send('/admin/centres/SELF/close', fields);
    expect([status, text.includes(`id="${field}-error"`)]).toEqual([422, true]);
    expect(await centres.find('SELF')).not.toHaveProperty('closed');
  });

  describe('in a merger', () => {
    let token = '';
    let pairPath = '';
    let report = '';
    const reportOf = async () => (await admin.get('/exports/satisfaction.csv?period=2026-11&centre=OLD')).text;

    beforeAll(async () => {
      const old = await addSite(sipas.services, { centre: 'OLD', name: 'Trung tâm cũ' });
      await addSite(sipas.services, { centre: 'HEIR', name: 'Trung tâm nối tiếp' });
      ({ token, pairPath } = old);
      await postResponse(sipas, token, validResponse()).expect(201);
      await sipas.services.tallies.run();
      report = await reportOf();
    });

    it('keeps the succession, on the pages of both', async () => {
      const closed = await send('/admin/centres/OLD/close', { on: '2026-11-20', successor: 'HEIR' });
      expect([closed.status, closed.headers['location']]).toEqual([303, '/admin/centres/OLD?done=closed']);
      const old = (await admin.get('/admin/centres/OLD')).text;
      expect(old).toContain('Đã đóng; làm việc đến hết ngày 20/11/2026');
      expect(old).toContain('<a href="/admin/centres/HEIR">HEIR</a>');
      expect((await admin.get('/admin/centres/HEIR')).text).toMatch(
        /Nối tiếp các trung tâm đã đóng:[\s\S]*Trung tâm cũ/,
      );
    });

    it('is told to readers of the reports of both, but not of a period that was over before', async () => {
      const read = async (centre: string, period: string) =>
        (await admin.get(`/reports/centres/${centre}?period=${period}`)).text;
      expect(await read('OLD', '2026')).toContain('Nơi nối tiếp: Trung tâm nối tiếp (HEIR).');
      expect(await read('HEIR', '2026-11')).toContain(
        'Từ sau ngày 20/11/2026, trung tâm này nối tiếp Trung tâm cũ (OLD)',
      );
      expect(await read('OLD', '2026-10')).not.toContain('HEIR');
      expect(await read('HEIR', '2026-10')).not.toContain('OLD');
    });

    it('is told to other software', async () => {
      const token = await staffToken(sipas.services, 'viewer', 'OLD');
      const { body } = await request(sipas.app).get('/api/v1/centres').set('Authorization', `Bearer ${token}`);
      expect(body.centres).toMatchObject([{ code: 'OLD', closed: { on: '2026-11-20', successor: 'HEIR' } }]);
    });

    it('leaves the reports of the closed centre as they were', async () => {
      expect(report).toContain('OLD');
      expect(await reportOf()).toBe(report);
      await admin.get('/reports/centres/OLD').expect(200);
    });

    it('leaves the closed centre out of the lists of later periods, where it has nothing', async () => {
      const { rankings, scopes } = sipas.services;
      const scope = await scopes.select({ scope: null }, { unit: '22' });
      const listed = async (key: string) => {
        const period = parsePeriod(key)!;
        const { rows } = await rankings.ranking({
          ...{ period, scope, questionnaire: undefined, measure: 'satisfied', against: 'previous', minN: 30 },
          grades: 'index-100',
        });
        return rows.map(({ centre }) => centre).filter((code) => code === 'OLD' || code === 'HEIR');
      };
      expect(await listed('2026-11')).toEqual(expect.arrayContaining(['OLD', 'HEIR']));
      expect(await listed('2026-12')).toEqual(['HEIR']);
    });

    it('lets its kiosks rest, and takes what they still hold', async () => {
      const device = visitor(sipas);
      await device.get(pairPath);
      expect((await device.get('/kiosk')).text).not.toContain('name="level"');
      expect((await admin.get('/admin/kiosks/OLD-K1')).text).toContain(
        'Trung tâm đã đóng nên máy không nhận đánh giá.',
      );
      await postResponse(sipas, token, validResponse()).expect(201);
    });

    it('ends its tickets for everyone, and leaves those for dossiers', async () => {
      await send('/admin/centres/OLD/reopen').expect(303);
      const { tickets } = sipas.services;
      const open = await tickets.make({ centre: 'OLD' });
      const own = await tickets.make({ centre: 'OLD', dossier: 'H-1' });
      await send('/admin/centres/OLD/close', { on: '2026-11-20', successor: 'HEIR' }).expect(303);
      await visitor(sipas).get(new URL(open.url).pathname).expect(410);
      await visitor(sipas).get(new URL(own.url).pathname).expect(200);
    });

    it('refuses new kiosks and tickets there', async () => {
      const refusal = { errors: [{ path: 'centre', message: 'the centre OLD is closed' }] };
      await expect(sipas.services.kiosks.add({ centre: 'OLD', code: 'K8' })).rejects.toMatchObject(refusal);
      await expect(sipas.services.tickets.make({ centre: 'OLD' })).rejects.toMatchObject(refusal);
    });

    it('can be taken back', async () => {
      await send('/admin/centres/OLD/reopen').expect(303);
      expect(await sipas.services.centres.find('OLD')).not.toHaveProperty('closed');
      expect((await admin.get('/admin/centres/HEIR')).text).not.toContain('Trung tâm cũ');
    });
  });
});
