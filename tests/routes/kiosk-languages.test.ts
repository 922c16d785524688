import request from 'supertest';
import type { TestApp } from '../helpers/app.js';
import { cliOn } from '../helpers/cli.js';
import { openWithFiles } from '../helpers/data-dir.js';

describe('a language dropped into the data directory', () => {
  let dataDir: string;
  let test: TestApp;
  let cookie: string;
  let dispose: () => Promise<void>;

  beforeAll(async () => {
    const file = { name: 'Hmoob', messages: { 'kiosk.skip': 'Hla' }, texts: { 'Rất hài lòng': 'Zoo siab heev' } };
    ({ dataDir, test, cookie, dispose } = await openWithFiles({ 'locales/hmn.json': JSON.stringify(file) }));
  });

  afterAll(() => dispose());

  const kiosk = (path: string) => request(test.app).get(path).set('Cookie', cookie);

  it('is offered on the rest screen', async () => {
    expect((await kiosk('/kiosk')).text).toContain('lang="hmn" hreflang="hmn">Hmoob</a>');
  });

  it('is what the rest screen then speaks, Vietnamese where it has nothing', async () => {
    const { text } = await kiosk('/kiosk?lang=hmn');
    expect(text).toContain('<html lang="hmn"');
    expect(text).toContain('<span>Zoo siab heev</span>');
    expect(text).toMatch(/<h1 class="kiosk-question" lang="vi">Ông\/Bà hài lòng/);
  });

  it('is kept on the answer', async () => {
    const { text } = await kiosk('/kiosk?lang=hmn');
    const responseId = /name="responseId" value="([^"]+)"/.exec(text)![1];
    const form = { responseId, item: 'overall', level: 5 };
    await request(test.app)
      .post('/kiosk/answers')
      .set('Cookie', `${cookie}; lang=hmn`)
      .type('form')
      .send(form)
      .expect(303);
    const stored = await test.services.connection.collection('responses').findOne();
    expect(stored).toMatchObject({ locale: 'hmn' });
  });

  it('is among the languages kept for offline use', async () => {
    expect((await kiosk('/kiosk')).text).toContain('&#34;languages&#34;:[&#34;vi&#34;,&#34;en&#34;,&#34;hmn&#34;]');
  });

  it('has what it lacks listed by the command line, which fails', async () => {
    const sipas = cliOn({ MONGODB_URI: test.uri, SIPAS_DATA_DIR: dataDir }, dataDir);
    const { code, stdout } = await sipas.run(['locale', 'check', 'hmn']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^hmn {2}missing +kiosk\.levels$/m);
    expect(stdout).not.toContain('kiosk.skip');
  });

  it('does not make the languages of the product incomplete', async () => {
    const sipas = cliOn({ MONGODB_URI: test.uri, SIPAS_DATA_DIR: dataDir }, dataDir);
    expect(await sipas.run(['locale', 'check', 'en'])).toMatchObject({ code: 0, stdout: 'en: complete\n' });
  });
});
