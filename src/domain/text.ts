/** A text in several languages, by their tags. Vietnamese is the original and always present. */
export interface LocalizedText {
  readonly vi: string;
  readonly [lang: string]: string | undefined;
}

/** The text in `lang`, a language tag such as `en`; Vietnamese when that language is missing or empty. */
export function textIn(text: LocalizedText, lang: string): string {
  const own = Object.hasOwn(text, lang) ? text[lang] : undefined;
  return own === undefined || own === '' ? text.vi : own;
}
