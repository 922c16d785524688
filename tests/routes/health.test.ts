import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite, staffToken } from '../helpers/installation.js';
import { expectProblem } from '../helpers/problem.js';

let sipas: TestApp;
beforeAll(async () => {
  sipas = await openTestApp();
});
afterAll(() => sipas.close());

const get = (path: string, headers: Record<string, string> = {}) => request(sipas.app).get(path).set(headers);

describe('a server that is up', () => {
  it('says that it lives', async () => {
    const { status, body, headers } = await get('/health/live');
    expect([status, body, headers['cache-control']]).toEqual([200, { status: 'live' }, 'no-store']);
  });

  it('says that it is ready', async () => {
    const { status, body, headers } = await get('/health/ready');
    expect([status, body, headers['cache-control']]).toEqual([200, { status: 'ready' }, 'no-store']);
  });
});

describe('the measurements', () => {
  it('are given to this machine', async () => {
    await get('/');
    const { status, text, type } = await get('/metrics');
    expect([status, type]).toEqual([200, 'text/plain']);
    expect(text).toContain('http_request_duration_seconds_count');
  });

  it.each(['X-Forwarded-For', 'Forwarded'])(
    'are not given through a proxy on this machine, told by %s',
    async (header) => {
      expectProblem(await get('/metrics', { [header]: 'for=127.0.0.1' }), 403);
    },
  );

  it('are given to an admin from anywhere', async () => {
    const token = await staffToken(sipas.services, 'admin');
    const { status } = await get('/metrics', { 'X-Forwarded-For': '203.0.113.7', Authorization: `Bearer ${token}` });
    expect(status).toBe(200);
  });

  it.each(['manager', 'viewer', 'integration'] as const)('are not given to a %s from elsewhere', async (role) => {
    const token = await staffToken(sipas.services, role);
    const headers = { 'X-Forwarded-For': '203.0.113.7', Authorization: `Bearer ${token}` };
    expectProblem(await get('/metrics', headers), 403);
  });

  it('are not given to a kiosk from elsewhere', async () => {
    const { token } = await addSite(sipas.services);
    const headers = { 'X-Forwarded-For': '203.0.113.7', Authorization: `Bearer ${token}` };
    expectProblem(await get('/metrics', headers), 403);
  });
});

describe('a server that is shutting down', () => {
  it('still lives but wants no new requests', async () => {
    const stopping = await openTestApp();
    stopping.readiness.stop();
    const { status, body } = await request(stopping.app).get('/health/ready');
    expect([status, body]).toEqual([503, { status: 'not ready', reasons: ['shutting down'] }]);
    expect((await request(stopping.app).get('/health/live')).status).toBe(200);
    await stopping.close();
  });
});

describe('a server without its database', () => {
  it('is not ready, and says so soon, when the database neither answers nor refuses', async () => {
    const { db } = sipas.services.connection;
    const hanging = jest.spyOn(db!, 'command').mockReturnValue(new Promise(() => undefined));
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    const reasons = sipas.readiness.reasons();
    jest.advanceTimersByTime(2000);
    jest.useRealTimers();
    expect(await reasons).toEqual(['database does not answer']);
    hanging.mockRestore();
  });

  it('lives, is not ready, and answers requests with 503 and when to try again', async () => {
    const cut = await openTestApp();
    const token = await staffToken(cut.services, 'viewer');
    await cut.services.connection.dropDatabase();
    await cut.services.connection.close();
    const ready = await request(cut.app).get('/health/ready');
    expect([ready.status, ready.body]).toEqual([
      503,
      { status: 'not ready', reasons: [expect.stringMatching(/database/)] },
    ]);
    expect((await request(cut.app).get('/health/live')).status).toBe(200);
    const asked = await request(cut.app).get('/api/v1/me').set('Authorization', `Bearer ${token}`);
    expectProblem(asked, 503);
    expect(asked.headers['retry-after']).toMatch(/^\d+$/);
  });
});
