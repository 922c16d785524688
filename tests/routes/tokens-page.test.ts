import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { hiddenField, PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';

let sipas: TestApp;
let admin: Visitor;

beforeAll(async () => {
  sipas = await openTestApp();
  await sipas.services.accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
  admin = visitor(sipas);
  await signIn(admin, { username: 'admin' });
});
afterAll(() => sipas.close());

async function send(path: string, fields: object = {}) {
  const _csrf = hiddenField((await admin.get('/admin/tokens')).text, '_csrf');
  return admin
    .post(path)
    .type('form')
    .send({ _csrf, ...fields });
}

const me = (token: string) => request(sipas.app).get('/api/v1/me').set('Authorization', `Bearer ${token}`);

it('a token that is made works within its role and scope, and is shown this once', async () => {
  const { text } = await send('/admin/tokens', { name: 'Cổng một cửa', role: 'integration', scope: '22' });
  const token = /<code>(sipas_[\w-]+)<\/code>/.exec(text)?.[1] ?? '';
  expect((await me(token)).body).toMatchObject({ role: 'integration', scope: '22' });
  expect((await admin.get('/admin/tokens')).text).not.toContain(token);
});

it('revoking is asked first, and then holds at once', async () => {
  const token = await sipas.services.tokens.create({ name: 'a/b <i>', role: 'viewer', scope: null });
  const path = `/admin/tokens/${encodeURIComponent('a/b <i>')}/revoke`;
  expect((await admin.get(path)).text).toContain('a/b &lt;i&gt;');
  expect((await me(token)).status).toBe(200);
  await send(path);
  expect((await me(token)).status).toBe(401);
  expect((await admin.get(path)).status).toBe(404);
});

it.each([
  ['no name', { role: 'viewer' }, 'name'],
  ['a name that is taken', { name: 'taken', role: 'viewer' }, 'name'],
  ['a role that needs a kiosk', { name: 'x', role: 'kiosk' }, 'role'],
  ['an unknown scope', { name: 'x', role: 'viewer', scope: '99' }, 'scope'],
])('%s is told beside its field', async (_, fields, field) => {
  await sipas.services.tokens.create({ name: 'taken', role: 'viewer', scope: null }).catch(() => undefined);
  const { status, text } = await send('/admin/tokens', fields);
  expect(status).toBe(422);
  expect(text).toContain(`id="${field}-error"`);
});
