import { openWithFiles, type InstallationWithFiles } from '../helpers/data-dir.js';
import { PASSWORD, signIn, visitor, type Visitor } from '../helpers/pages.js';

const PAGE = '/admin/languages';
const FILE = {
  name: 'Hmoob',
  messages: { 'kiosk.skip': 'Hla', 'kiosk.nothing': 'x' },
  texts: { 'Rất hài lòng': 'Zoo siab heev' },
};

let installation: InstallationWithFiles;
let admin: Visitor;

beforeAll(async () => {
  installation = await openWithFiles({
    'locales/hmn.json': JSON.stringify(FILE),
    'audio/hmn/tthc-kiosk-5.overall.mp3': Buffer.alloc(10),
    'audio/hmn/nobody.mp3': Buffer.alloc(10),
    'audio/vi/tthc-kiosk-5.overall.ogg': Buffer.alloc(10),
  });
  const { test } = installation;
  await test.services.accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
  admin = visitor(test);
  await signIn(admin, { username: 'admin' });
});
afterAll(() => installation.dispose());

/** The cells of the line of a language in the first table. */
function lineOf(page: string, code: string): string[] {
  const line = page.split('<tr>').find((one) => one.includes(`<td>${code}</td>`)) ?? '';
  return [...line.matchAll(/<t[hd][^>]*>([^<]*)</g)].map(([, cell]) => cell!);
}

describe('the page of languages', () => {
  it('says that the languages of the product are complete', async () => {
    const { text } = await admin.get(PAGE);
    expect(lineOf(text, 'vi')).toEqual(['Tiếng Việt', 'vi', 'Đầy đủ', '0']);
    expect(lineOf(text, 'en')).toEqual(['English', 'en', 'Đầy đủ', '0']);
  });

  it('counts what another language lacks as the command does, and its recordings', async () => {
    const { languages, catalogue } = installation.test.services;
    const gaps = languages.gaps('hmn', catalogue.texts()).length;
    expect(lineOf((await admin.get(PAGE)).text, 'hmn')).toEqual(['Hmoob', 'hmn', `Thiếu hoặc sai ${gaps} câu`, '2']);
  });

  it.each([
    ['is missing', 'kiosk.back', 'Chưa dịch'],
    ['is of no use', 'kiosk.nothing', 'Không có trong phiên bản này'],
  ])('names what %s', async (_, key, problem) => {
    expect((await admin.get(PAGE)).text).toContain(`<th scope="row">${key}</th><td>${problem}</td>`);
  });

  it('does not name what is translated', async () => {
    expect((await admin.get(PAGE)).text).not.toContain('<th scope="row">kiosk.skip</th>');
  });

  it('names recordings that nobody hears', async () => {
    const { text } = await admin.get(PAGE);
    expect([...text.matchAll(/<li>([^<]+\.(?:mp3|ogg))<\/li>/g)].map(([, file]) => file).sort()).toEqual([
      'hmn/nobody.mp3',
      'vi/tthc-kiosk-5.overall.ogg',
    ]);
  });

  it('gives a file with every text to translate', async () => {
    const { languages, catalogue } = installation.test.services;
    const answer = await admin.get(`${PAGE}/template.json`);
    expect(answer.headers['content-disposition']).toBe('attachment; filename=ngon-ngu-moi.json');
    expect(answer.body).toEqual(languages.template(catalogue.texts()));
  });
});
