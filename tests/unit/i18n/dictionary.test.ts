import { DICTIONARIES, errorText, LANGUAGES, translator } from '../../../src/i18n/index.js';

const t = translator('vi');

describe('dictionary', () => {
  it.each(LANGUAGES)('has every key in %s', (lang) => {
    expect(Object.keys(DICTIONARIES[lang]).sort()).toEqual(Object.keys(DICTIONARIES.vi).sort());
  });

  it.each(LANGUAGES)('leaves no text empty in %s', (lang) => {
    const empty = Object.entries(DICTIONARIES[lang]).filter(([, text]) => text.trim() === '');
    expect(empty).toEqual([]);
  });

  it('writes Vietnamese in composed letters, so that searching and fonts work', () => {
    const decomposed = Object.entries(DICTIONARIES.vi).filter(([, text]) => text !== text.normalize('NFC'));
    expect(decomposed).toEqual([]);
  });

  it('addresses citizens on the kiosk as Ông/Bà, never as bạn', () => {
    const informal = Object.values(DICTIONARIES.vi).filter((text) => /(^|\s)bạn(\s|$)/i.test(text));
    expect(informal).toEqual([]);
  });
});

describe('translator', () => {
  it('fills parameters in', () => {
    expect(t('kiosk.progress', { step: 2, of: 9 })).toBe('Câu 2 trên 9');
  });

  it('refuses a missing parameter instead of showing its braces', () => {
    expect(() => t('kiosk.progress', { step: 2 })).toThrow('needs the parameter "of"');
  });

  it('refuses an unknown key instead of showing it', () => {
    const unchecked: (key: never) => string = t;
    expect(() => Reflect.apply(unchecked, undefined, ['no.such.key'])).toThrow('No vi text for "no.such.key"');
  });
});

describe('words of an error page', () => {
  it('are those of its status', () => expect(errorText(404, t).title).toBe('Không tìm thấy trang'));
  it('are those of 400 for another client error', () => expect(errorText(418, t)).toEqual(errorText(400, t)));
  it('are those of 500 for another server error', () => expect(errorText(502, t)).toEqual(errorText(500, t)));
});
