import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite } from '../helpers/installation.js';
import { visitor, type Visitor } from '../helpers/pages.js';

describe('large text, without scripts', () => {
  let sipas: TestApp;
  let someone: Visitor;

  beforeAll(async () => {
    sipas = await openTestApp();
  });
  afterAll(() => sipas.close());
  beforeEach(() => {
    someone = visitor(sipas);
  });

  const isLarge = ({ text }: { text: string }) => /<html [^>]*data-text="large"/.test(text);

  it('is not what a page begins with', async () => {
    expect(isLarge(await someone.get('/'))).toBe(false);
  });

  it.each(['/', '/login', '/results', '/kiosk'])('can be asked for on %s, and stays', async (path) => {
    const [link] = /\?text=large/.exec((await someone.get(path)).text)!;
    expect(isLarge(await someone.get(path + link))).toBe(true);
    expect(isLarge(await someone.get('/login'))).toBe(true);
  });

  it('can be left again', async () => {
    const { text } = await someone.get('/login?text=large');
    expect(text).toContain('href="/login?text=normal"');
    expect(isLarge(await someone.get('/login?text=normal'))).toBe(false);
  });

  it('is not left to the next citizen at a kiosk', async () => {
    const { pairPath } = await addSite(sipas.services);
    await someone.get(pairPath);
    const { text } = await someone.get('/kiosk?text=large');
    expect(text).toContain('<noscript><meta http-equiv="refresh" content="30; url=/kiosk?lang=vi&amp;text=normal">');
    const thanks = await someone.get('/kiosk/thanks');
    expect(thanks.headers['refresh']).toBe('5; url=/kiosk?lang=vi&text=normal');
    expect(isLarge(await someone.get('/kiosk?lang=vi&text=normal'))).toBe(false);
    expect(isLarge(await someone.get('/kiosk'))).toBe(false);
  });
});
