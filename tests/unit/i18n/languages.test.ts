import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogueTexts, localizeQuestionnaire, localizeScale } from '../../../src/features/catalogue/citizen-texts.js';
import { Languages } from '../../../src/i18n/languages.js';
import { LocaleFileError } from '../../../src/i18n/locale-files.js';
import { LIKERT5, questionnaire, ROOT } from '../views/pages.js';

const SHIPPED = join(ROOT, 'data/locales');
const TEXTS = catalogueTexts([questionnaire('tthc-kiosk-5')], [LIKERT5]);

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sipas-locales-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

function drop(name: string, contents: object | string): void {
  const text = typeof contents === 'string' ? contents : JSON.stringify(contents);
  writeFileSync(join(directory, name), text);
}

const read = () => Languages.read([directory]);

describe('a language that a file adds', () => {
  beforeEach(() => {
    drop('hmn.json', {
      name: 'Hmoob',
      messages: { 'kiosk.skip': 'Hla', 'kiosk.progress': 'Nqe {step}', 'kiosk.back': '' },
      texts: { 'Chờ đợi lâu': 'Tos ntev', 'Rất hài lòng': 'Zoo siab heev' },
    });
  });

  it('is offered after Vietnamese and English, in its own words', () => {
    expect(read().offered.map(({ name }) => name)).toEqual(['Tiếng Việt', 'English', 'Hmoob']);
  });

  it('is not offered on staff’s pages, which it does not translate', () => {
    expect(read().complete.map(({ code }) => code)).toEqual(['vi', 'en']);
  });

  it('is shown to whoever asks for it', () => expect(read().resolve('hmn', 'en')).toBe('hmn'));

  it('says what it has', () => expect(read().translator('hmn')('kiosk.skip')).toBe('Hla'));

  it('is Vietnamese where it has nothing', () => {
    const t = read().translator('hmn');
    expect([t('kiosk.levels'), t('kiosk.back')]).toEqual(['Mức độ hài lòng', 'Quay lại']);
  });

  it('is Vietnamese where its text could not be filled in', () => {
    expect(read().translator('hmn')('kiosk.progress', { step: 2, of: 9 })).toBe('Câu 2 trên 9');
  });

  it('says questions, reasons and levels by their Vietnamese text', () => {
    expect(read().localize({ vi: 'Chờ đợi lâu', en: 'Long wait' })).toEqual({
      vi: 'Chờ đợi lâu',
      en: 'Long wait',
      hmn: 'Tos ntev',
    });
  });

  it('has its gaps listed', () => {
    drop('hmn.json', { messages: { 'kiosk.progress': 'Nqe {step}', 'kiosk.nothing': 'x' }, texts: { Cũ: 'Qub' } });
    const gaps = read().gaps('hmn', TEXTS);
    expect(gaps).toEqual(
      expect.arrayContaining([
        { kind: 'message', key: 'kiosk.skip', problem: 'missing' },
        { kind: 'message', key: 'kiosk.progress', problem: 'parameters' },
        { kind: 'message', key: 'kiosk.nothing', problem: 'unknown' },
        { kind: 'text', key: 'Chờ đợi lâu', problem: 'missing' },
        { kind: 'text', key: 'Cũ', problem: 'unknown' },
      ]),
    );
  });

  it('has no gaps once the template is translated', () => {
    const { messages, texts } = read().template(TEXTS);
    const translated = Object.fromEntries(Object.keys(texts).map((text) => [text, `hmn ${text}`]));
    drop('hmn.json', { name: 'Hmoob', messages, texts: translated });
    const languages = read();
    const known = catalogueTexts(
      [localizeQuestionnaire(questionnaire('tthc-kiosk-5'), languages.localize)],
      [localizeScale(LIKERT5, languages.localize)],
    );
    expect(languages.gaps('hmn', known)).toEqual([]);
  });

  it('changes the fingerprint with its texts', () => {
    const before = read().fingerprint;
    drop('hmn.json', { name: 'Hmoob', messages: { 'kiosk.skip': 'Dhia' } });
    expect(read().fingerprint).not.toBe(before);
  });
});

describe('files of languages', () => {
  it('may be none', () => expect(Languages.read([join(directory, 'none')]).offered).toHaveLength(2));

  it('may correct the product’s own texts', () => {
    drop('vi.json', { messages: { 'kiosk.skip': 'Bỏ qua' } });
    expect(read().translator('vi')('kiosk.skip')).toBe('Bỏ qua');
  });

  it('go before those of the product', () => {
    mkdirSync(join(directory, 'product'));
    writeFileSync(join(directory, 'product', 'en.json'), JSON.stringify({ texts: { 'Chờ đợi lâu': 'Slow' } }));
    drop('en.json', { texts: { 'Chờ đợi lâu': 'Long wait' } });
    const languages = Languages.read([join(directory, 'product'), directory]);
    expect(languages.localize({ vi: 'Chờ đợi lâu' })['en']).toBe('Long wait');
  });

  it.each([
    ['that is no JSON', 'hmn.json', '{'],
    ['with something else in it', 'hmn.json', { message: {} }],
    ['whose name is no language tag', 'Hmông.json', {}],
  ])('are refused when there is one %s, by name', (_, name, contents) => {
    drop(name, contents);
    expect(read).toThrow(LocaleFileError);
    expect(read).toThrow(name);
  });
});

describe('the product’s own languages', () => {
  const all = ['tthc-kiosk-3', 'tthc-kiosk-5', 'sipas-dvhcc-19', 'phuong-9'];

  it.each(['vi', 'en'])('lack nothing in %s', (lang) => {
    const languages = Languages.read([SHIPPED]);
    const { forCitizens, forStaff } = catalogueTexts(all.map(questionnaire), [LIKERT5]);
    const known = { forCitizens: forCitizens.map(languages.localize), forStaff: forStaff.map(languages.localize) };
    expect(languages.gaps(lang, known)).toEqual([]);
    expect(known.forStaff.filter((text) => !text[lang])).toEqual([]);
  });
});
