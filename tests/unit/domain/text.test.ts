import { textIn } from '../../../src/domain/text.js';

describe('a text in several languages', () => {
  it('reads in the language asked for', () => {
    expect(textIn({ vi: 'Hài lòng', en: 'Satisfied' }, 'en')).toBe('Satisfied');
    expect(textIn({ vi: 'Hài lòng', en: 'Satisfied' }, 'vi')).toBe('Hài lòng');
  });

  it.each([
    ['the language is missing', { vi: 'Hài lòng' }, 'en'],
    ['the translation is empty', { vi: 'Hài lòng', en: '' }, 'en'],
    ['the language is unknown', { vi: 'Hài lòng', en: 'Satisfied' }, 'constructor'],
  ])('falls back to Vietnamese when %s', (_case, text, lang) => {
    expect(textIn(text, lang)).toBe('Hài lòng');
  });
});
