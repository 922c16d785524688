/** A text in the languages of the product. Vietnamese is the original and always present. */
export interface LocalizedText {
  readonly vi: string;
  readonly en?: string | undefined;
}

/** The text in `lang` (`'vi'` or `'en'`); Vietnamese when that language is missing, empty or unknown. */
export function textIn(text: LocalizedText, lang: string): string {
  return lang === 'en' && text.en ? text.en : text.vi;
}
