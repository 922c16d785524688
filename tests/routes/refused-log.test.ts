import { Writable } from 'node:stream';
import pino from 'pino';
import request from 'supertest';
import { createApp } from '../../src/app.js';
import { openTestApp, TEST_SECRET, type TestApp } from '../helpers/app.js';
import { addSite, staffToken } from '../helpers/installation.js';

let sipas: TestApp;
let app: ReturnType<typeof createApp>;
let lines: Record<string, unknown>[];

beforeAll(async () => {
  sipas = await openTestApp();
  await addSite(sipas.services, { centre: 'QN', unit: '22' });
  const { services, readiness } = sipas;
  const stream = new Writable({
    write(line: Buffer, _encoding, done) {
      lines.push(JSON.parse(line.toString()));
      done();
    },
  });
  const config = {
    secret: TEST_SECRET,
    publicUrl: 'http://127.0.0.1:3000',
    trustProxy: 0,
  } as const;
  app = createApp({ services, config, readiness, log: pino({ level: 'info' }, stream) });
});
beforeEach(() => (lines = []));
afterAll(() => sipas.close());

describe('a request that is refused', () => {
  it('is in the log with who asked for what', async () => {
    const token = await staffToken(sipas.services, 'viewer', '22');
    const path = '/api/v1/exports/responses.csv';
    const { headers } = await request(app).get(`${path}?period=2026`).set('Authorization', `Bearer ${token}`);
    const requestId = headers['x-request-id'];
    expect(lines).toMatchObject([
      { msg: 'request refused', role: 'viewer', name: expect.any(String), method: 'GET', path, requestId },
    ]);
    expect(JSON.stringify(lines)).not.toContain(token);
  });

  it('is not when nobody is known to have asked, who could fill the log', async () => {
    await request(app).get('/api/v1/me').set('Authorization', 'Bearer sipas_none');
    await request(app).post('/login').set('Sec-Fetch-Site', 'cross-site').type('form').send({});
    expect(lines).toEqual([]);
  });
});
