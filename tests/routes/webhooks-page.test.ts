import { openTestApp, type TestApp } from '../helpers/app.js';
import { hiddenField, PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';

const LIST = '/admin/webhooks';
const URL_OF_RECEIVER = 'https://giam-sat.example.vn/sipas';
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
  const _csrf = hiddenField((await admin.get(LIST)).text, '_csrf');
  return admin
    .post(path)
    .type('form')
    .send({ _csrf, ...fields });
}

const known = async () => (await sipas.services.webhooks.list()).map(({ name }) => name);

it('a webhook that is added tells what was chosen, and its secret is shown this once', async () => {
  const { text } = await send(LIST, { name: 'giam-sat', url: URL_OF_RECEIVER, responseLow: '1', scope: '22' });
  const secret = /<code>([\w-]{43})<\/code>/.exec(text)?.[1] ?? 'none';
  expect(await sipas.services.webhooks.list()).toMatchObject([
    { name: 'giam-sat', url: URL_OF_RECEIVER, events: ['response.low'], scope: '22' },
  ]);
  const later = (await admin.get(LIST)).text;
  expect(later).toContain(URL_OF_RECEIVER);
  expect(later).not.toContain(secret);
});

it('removing is asked first, and then holds at once', async () => {
  await sipas.services.webhooks.add({ name: 'cu', url: URL_OF_RECEIVER, events: ['export.done'], scope: null });
  expect((await admin.get(`${LIST}/cu/remove`)).text).toContain('Xóa webhook cu?');
  expect(await known()).toContain('cu');
  expect((await send(`${LIST}/cu/remove`)).headers['location']).toBe(LIST);
  expect(await known()).not.toContain('cu');
  expect((await admin.get(`${LIST}/cu/remove`)).status).toBe(404);
});

it.each([
  ['no name', { name: '' }, 'name'],
  ['a name with spaces', { name: 'giám sát' }, 'name'],
  ['a name that is taken', { name: 'taken' }, 'name'],
  ['an address that is none', { url: 'javascript:alert(1)' }, 'url'],
  ['an address with a password', { url: 'https://a:b@example.vn/' }, 'url'],
  ['nothing to tell of', { exportDone: '' }, 'events'],
  ['an unknown scope', { scope: '99' }, 'scope'],
])('%s is told beside its field, and nothing is added', async (_, wrong, field) => {
  const taken = { name: 'taken', url: URL_OF_RECEIVER, events: ['export.done'], scope: null };
  await sipas.services.webhooks.add(taken).catch(() => undefined);
  const before = await known();
  const { status, text } = await send(LIST, { name: 'moi', url: URL_OF_RECEIVER, exportDone: '1', ...wrong });
  expect(status).toBe(422);
  expect(text).toContain(`id="${field}-error"`);
  expect(await known()).toEqual(before);
});

it('what was typed is kept beside the error', async () => {
  const { text } = await send(LIST, { name: 'moi', url: 'x<"', responseLow: '1' });
  expect(text).toContain('value="x&lt;&#34;"');
  expect(text).toMatch(/name="responseLow" value="1" checked/);
});
