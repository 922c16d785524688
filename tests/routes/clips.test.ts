import request from 'supertest';
import type { TestApp } from '../helpers/app.js';
import { cliOn } from '../helpers/cli.js';
import { openWithFiles } from '../helpers/data-dir.js';
import { silence } from '../helpers/wave.js';

describe('recordings in the data directory', () => {
  let dataDir: string;
  let test: TestApp;
  let cookie: string;
  let dispose: () => Promise<void>;

  beforeAll(async () => {
    ({ dataDir, test, cookie, dispose } = await openWithFiles({
      'audio/vi/tthc-kiosk-5.overall.wav': silence(0.1),
      'audio/vi/likert5.5.wav': silence(0.1),
      'audio/vi/likert5.9.wav': silence(0.1),
      'audio/vi/likert5.4.wav': Buffer.alloc(1024 * 1024 + 1),
    }));
  });

  afterAll(() => dispose());

  const page = async (path: string) => (await request(test.app).get(path).set('Cookie', cookie)).text;
  const ADDRESS = /<noscript><audio [^>]*src="(\/audio\/vi\/tthc-kiosk-5\.overall\.wav\?v=[0-9a-f]{8})"/;

  it('can be heard on the screen without scripts, and are not fetched before', async () => {
    const html = await page('/kiosk');
    expect(html).toMatch(ADDRESS);
    expect(html).toContain('controls preload="none"');
  });

  it('can be heard on a citizen’s own phone', async () => {
    const { ticket } = await test.services.tickets.make({ centre: 'TT1' });
    expect(await page(`/r/${ticket}`)).toMatch(/<audio class="listen" controls preload="none" src="\/audio\/vi\//);
  });

  it('are not offered in a language that has none', async () => {
    expect(await page('/kiosk?lang=en')).not.toContain('<audio');
  });

  it('are served as what they are, for good, to the site itself alone', async () => {
    const address = ADDRESS.exec(await page('/kiosk'))![1]!;
    const { headers } = await request(test.app).get(address).expect(200);
    expect(headers).toMatchObject({
      'content-type': expect.stringMatching(/^audio\/(x-)?wav/),
      'cache-control': 'public, max-age=31536000, immutable',
      'content-security-policy': expect.stringContaining("media-src 'self'"),
    });
  });

  it.each(['/audio/vi/likert5.4.wav', '/audio/vi/..%2F..%2Fsecret', '/audio/en/likert5.5.wav'])(
    'are no way to any other file: %s',
    async (path) => {
      await request(test.app).get(path).expect(404);
    },
  );

  it('that nobody would ever hear are named by the command line', async () => {
    const { stdout } = await cliOn({ MONGODB_URI: test.uri, SIPAS_DATA_DIR: dataDir }, dataDir).run([
      'locale',
      'check',
    ]);
    expect(stdout.match(/vi\/\S+$/gm)).toEqual(['vi/likert5.4.wav', 'vi/likert5.9.wav']);
  });
});
