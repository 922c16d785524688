import { openTestApp, type TestApp } from '../helpers/app.js';
import { PASSWORD, signIn, visitor } from '../helpers/pages.js';

let sipas: TestApp;

beforeAll(async () => {
  sipas = await openTestApp();
  await sipas.services.accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
});
afterAll(() => sipas.close());

it('the page of grade tables shows each grade with its bounds, and what they rest on', async () => {
  const admin = visitor(sipas);
  await signIn(admin, { username: 'admin' });
  const { text } = await admin.get('/admin/grades');
  expect(text).toContain('<th scope="row">Tốt</th><td>80</td><td>90</td>');
  expect(text).toContain('<th scope="row">Xuất sắc</th><td>90</td><td></td>');
  expect(text).toContain('mốc mặc định của phần mềm, không phải quy định');
});
