import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { ROLES, type Role } from '../../src/features/access/principal.js';
import { NOON, openTestApp, uniqueUri, type TestApp } from '../helpers/app.js';
import { contents } from '../helpers/database.js';
import { officeVersion } from '../helpers/grade-tables.js';
import { addSite, staffToken } from '../helpers/installation.js';
import { hiddenField, PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';
import { DEVICE_ROUTES, OPEN_ROUTES, PROTECTED_ROUTES, type Place, type RouteRow } from '../helpers/route-table.js';
import { routesOf } from '../helpers/routes.js';

/** Roles that people have; programs and devices cannot sign in. */
const PEOPLE = ['admin', 'manager', 'viewer'] as const;
const OUTSIDE_NAME = 'Trung tâm ngoài phạm vi';

const dataDir = mkdtempSync(join(tmpdir(), 'sipas-routes-'));
let sipas: TestApp;
let inside: Place;
let outside: Place;
const tokens = new Map<Role, string>();
const sessions = new Map<Role, { readonly browser: Visitor; readonly csrf: string }>();

beforeAll(async () => {
  sipas = await openTestApp(NOON, uniqueUri(), dataDir);
  inside = await place('22', 'TRONG', 'Trung tâm trong phạm vi');
  outside = await place('24', 'NGOAI', OUTSIDE_NAME);
  for (const role of ROLES) {
    if (role !== 'kiosk') tokens.set(role, await staffToken(sipas.services, role, role === 'admin' ? null : '22'));
  }
  await sipas.services.accounts.add({ username: 'other', role: 'viewer', scope: '22', password: PASSWORD });
  await sipas.services.tokens.create({ name: 'spare', role: 'viewer', scope: '22' });
  await sipas.services.webhooks.add({ name: 'spare', url: 'https://x.vn/', events: ['export.done'], scope: null });
  await sipas.services.gradeTables.add('coming', officeVersion('2027-01-01', { 80: 'Đạt', 0: 'Chưa đạt' }));
  await sipas.services.questionnaires.copy('tthc-kiosk-3', 'drafted', 'Bản nháp');
  await sipas.services.questionnaires.retire('sipas-dvhcc-19');
  for (const role of PEOPLE) sessions.set(role, await session(role));
});
afterAll(async () => {
  await sipas.close();
  rmSync(dataDir, { recursive: true });
});

async function place(unit: string, centre: string, name: string): Promise<Place> {
  const { kiosk, token } = await addSite(sipas.services, { unit, centre, name });
  if (unit === '22') tokens.set('kiosk', token);
  const { ticket } = await sipas.services.tickets.make({ centre });
  const upload = await sipas.services.uploads.receive({ name: 'admin', role: 'admin', scope: null }, 'dossiers', {
    name: 'a.csv',
    bytes: Buffer.from('code,centre,receivedAt,dueAt\nA,NONE,2026-11-01,2026-11-02\n'),
  });
  return { unit, centre, kiosk, ticket, upload, files: await filesOf(centre) };
}

/** A file about a centre for each role, made while it was in the scope of all of them. */
async function filesOf(centre: string): Promise<ReadonlyMap<Role, string>> {
  const { exportJobs, exportJobRunner, scopes } = sipas.services;
  const scope = await scopes.select({ scope: null }, { centre });
  const query = { range: { from: '2026-11-01', to: '2026-11-30' }, questionnaire: undefined, scope };
  const files = new Map<Role, string>();
  for (const name of PEOPLE) {
    files.set(
      name,
      await exportJobs.request({ name, role: name, scope: null }, { query, format: 'csv', delimiter: ',', total: 0 }),
    );
  }
  await exportJobRunner.run();
  return files;
}

async function session(role: (typeof PEOPLE)[number]) {
  const scope = role === 'admin' ? null : '22';
  await sipas.services.accounts.add({ username: role, role, scope, password: PASSWORD });
  const browser = visitor(sipas);
  await signIn(browser, { username: role });
  return { browser, csrf: hiddenField((await browser.get('/reports')).text, '_csrf') };
}

const isApi = ({ route }: RouteRow) => route.includes(' /api/');

/** Asks as a role does, with all that it may have: its token, or its session with the token of its form. */
function ask(row: RouteRow, where: Place, role: Role | null): request.Test {
  const method = row.route.startsWith('GET') ? 'get' : row.route.startsWith('POST') ? 'post' : 'delete';
  const path = row.path(where, role ?? 'admin');
  const signedIn = role === null ? undefined : sessions.get(role);
  const asked = (signedIn && !isApi(row) ? signedIn.browser : request(sipas.app))[method](path);
  if (isApi(row)) {
    if (role !== null) void asked.set('Authorization', `Bearer ${tokens.get(role) ?? ''}`);
    return row.body ? asked.send(row.body(where)) : asked;
  }
  if (row.file && row.body) {
    for (const [name, value] of Object.entries({ ...row.body(where), _csrf: signedIn?.csrf ?? '' })) {
      void asked.field(name, value);
    }
    return asked.attach('file', Buffer.from(row.file.content), row.file.name);
  }
  return row.body ? asked.type('form').send({ ...row.body(where), _csrf: signedIn?.csrf ?? '' }) : asked;
}

/** What an answer holds as text; supertest leaves that of an image in bytes. */
const bodyOf = ({ text, body }: { readonly text?: string; readonly body: unknown }) =>
  text ?? (Buffer.isBuffer(body) ? body.toString() : '');

const cases = PROTECTED_ROUTES.flatMap((row) =>
  (isApi(row) ? ROLES : PEOPLE).map((role) => ({ row, role, route: row.route, isAllowed: row.may.includes(role) })),
);
const hasPlace = ({ row, role }: (typeof cases)[number]) => row.outside !== undefined && role !== 'admin';

describe('the table of routes', () => {
  it('names every route there is, and no other', () => {
    const named = [...PROTECTED_ROUTES.map(({ route }) => route), ...OPEN_ROUTES, ...DEVICE_ROUTES];
    expect([...named].sort()).toEqual(routesOf(sipas.app));
  });
});

describe('a role that has no right to a route', () => {
  it.each(cases.filter(({ isAllowed }) => !isAllowed))('$role is refused $route and changes nothing', async (one) => {
    const before = await contents(sipas.services.connection);
    const answer = await ask(one.row, inside, one.role);
    expect(answer.status).toBe(403);
    expect(await contents(sipas.services.connection)).toBe(before);
  });
});

describe('nobody in particular', () => {
  it.each(PROTECTED_ROUTES)('is asked to sign in at $route', async (row) => {
    const { status, headers } = await ask(row, inside, null);
    const isPageToRead = row.route.startsWith('GET') && !isApi(row);
    expect([status, headers['location']]).toEqual(isPageToRead ? [303, '/login'] : [401, undefined]);
  });
});

describe('a role with the right, outside its scope', () => {
  it.each(cases.filter((one) => one.isAllowed && hasPlace(one)))(
    '$role is refused $route, changes nothing and learns nothing',
    async ({ row, role }) => {
      const before = await contents(sipas.services.connection);
      const answer = await ask(row, outside, role);
      expect(answer.status).toBe(row.outside);
      expect(answer.text).not.toContain(OUTSIDE_NAME);
      expect(await contents(sipas.services.connection)).toBe(before);
    },
  );
});

describe('a role with the right, inside its scope', () => {
  it.each(cases.filter(({ isAllowed }) => isAllowed))('$role may $route', async ({ row, role }) => {
    const answer = await ask(row, inside, role);
    expect(answer.status).toBeLessThan(400);
    expect(answer.headers['location']).not.toBe('/login');
    if (role !== 'admin') expect(bodyOf(answer)).not.toContain(OUTSIDE_NAME);
  });
});

describe('a browser that is no kiosk', () => {
  it.each(DEVICE_ROUTES)('learns nothing at %s, even with an administrator signed in', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    const { browser = visitor(sipas) } = sessions.get('admin') ?? {};
    const answer = await (method === 'GET' ? browser.get(path) : browser.post(path).send({}));
    expect(answer.text).not.toMatch(/TRONG|Trung tâm/);
    const isAskedToPair = answer.status === 200 && answer.text.includes('Mã ghép');
    expect(isAskedToPair || answer.status === 401).toBe(true);
  });
});
