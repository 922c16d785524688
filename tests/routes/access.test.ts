import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { everything } from '../helpers/database.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { expectProblem } from '../helpers/problem.js';
import { validResponse } from '../helpers/responses.js';

const ROLES = ['admin', 'manager', 'viewer', 'integration', 'kiosk'] as const;
type Role = (typeof ROLES)[number];

let sipas: TestApp;
let site: Site;
const tokens = new Map<Role, string>();

beforeAll(async () => {
  sipas = await openTestApp();
  site = await addSite(sipas.services);
  for (const role of ROLES) {
    tokens.set(role, role === 'kiosk' ? site.token : await staffToken(sipas.services, role));
  }
});
afterAll(() => sipas.close());

interface Route {
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly allowed: readonly Role[];
  readonly body?: () => object;
}

/** Contract §3: who may use which part of the API. */
const ROUTES: readonly Route[] = [
  { method: 'post', path: '/responses', allowed: ['kiosk'], body: () => validResponse() },
  { method: 'post', path: '/responses/batch', allowed: ['kiosk'], body: () => ({ responses: [validResponse()] }) },
  { method: 'get', path: '/reports/satisfaction', allowed: ['admin', 'manager', 'viewer'] },
  { method: 'get', path: '/exports/responses.csv', allowed: ['admin', 'manager'] },
  { method: 'get', path: '/exports/satisfaction.csv', allowed: ['admin', 'manager'] },
  { method: 'get', path: '/exports/responses.xlsx', allowed: ['admin', 'manager'] },
  { method: 'get', path: '/exports/satisfaction.xlsx', allowed: ['admin', 'manager'] },
  { method: 'get', path: '/exports/criteria.csv', allowed: ['admin', 'manager'] },
  { method: 'get', path: '/exports/criteria.xlsx', allowed: ['admin', 'manager'] },
  { method: 'get', path: '/exports/mau-02.xlsx?period=2026', allowed: ['admin', 'manager'] },
  { method: 'get', path: '/exports/mau-03.xlsx?period=2026', allowed: ['admin', 'manager'] },
  { method: 'get', path: '/units', allowed: ROLES },
  { method: 'get', path: '/centres', allowed: ROLES },
  { method: 'get', path: '/questionnaires', allowed: ROLES },
  { method: 'get', path: '/questionnaires/tthc-kiosk-5', allowed: ROLES },
  { method: 'get', path: '/me', allowed: ROLES },
];

function ask({ method, path, body }: Route, authorization?: string): request.Test {
  const asked = request(sipas.app)[method](`/api/v1${path}`);
  if (authorization !== undefined) void asked.set('Authorization', authorization);
  return body ? asked.send(body()) : asked;
}

const pairs = ROUTES.flatMap((route) => ROLES.map((role) => ({ route, role, path: `${route.method} ${route.path}` })));

describe('with the token of its role', () => {
  it.each(pairs.filter(({ route, role }) => route.allowed.includes(role)))(
    '$role may $path',
    async ({ route, role }) => {
      const answer = await ask(route, `Bearer ${tokens.get(role)}`);
      expect(Math.floor(answer.status / 100)).toBe(2);
    },
  );

  it.each(pairs.filter(({ route, role }) => !route.allowed.includes(role)))(
    '$role may not $path',
    async ({ route, role }) => expectProblem(await ask(route, `Bearer ${tokens.get(role)}`), 403),
  );
});

describe.each(ROUTES)('$method $path answers 401 and how to sign in', (route) => {
  it.each([
    ['without a token', undefined],
    ['with a token nobody has', 'Bearer sipas_0000000000000000000000000000000000000000000'],
    ['with another scheme', 'Basic YWRtaW46YWRtaW4='],
    ['with an empty token', 'Bearer '],
    ['with what is no token', 'Bearer {"$ne":null}'],
    ['with an endless token', `Bearer ${'a'.repeat(5000)}`],
  ])('%s', async (_, authorization) => {
    const answer = await ask(route, authorization);
    expectProblem(answer, 401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  });
});

describe('a token', () => {
  const me = { method: 'get', path: '/me', allowed: ROLES } as const;

  it('stops working when it is revoked', async () => {
    const token = await sipas.services.tokens.create({ name: 'short-lived', role: 'viewer', scope: null });
    expect((await ask(me, `Bearer ${token}`)).status).toBe(200);
    await sipas.services.tokens.revoke('short-lived');
    expectProblem(await ask(me, `Bearer ${token}`), 401);
  });

  it('works with the scheme written in any case', async () => {
    expect((await ask(me, `bearer ${tokens.get('viewer')}`)).status).toBe(200);
  });

  it('is stored nowhere but as a hash', async () => {
    const all = await everything(sipas.services.connection);
    for (const token of tokens.values()) {
      expect(all).not.toContain(token);
      expect(all).not.toContain(token.slice('sipas_'.length));
    }
  });

  it('of a kiosk works beside its paired device', async () => {
    await request(sipas.app).get(site.pairPath);
    expect((await ask(me, `Bearer ${site.token}`)).body).toMatchObject({
      role: 'kiosk',
      centre: 'TT1',
      kiosk: 'TT1-K1',
    });
  });
});
