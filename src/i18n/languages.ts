import { createHash } from 'node:crypto';
import type { LocalizedText } from '../domain/text.js';
import { vi } from './vi.js';
import { readLocaleFiles, type LocaleFile } from './locale-files.js';
import {
  DICTIONARIES,
  isBuiltIn,
  LANGUAGE_NAMES,
  LANGUAGES,
  translatorOf,
  type Lang,
  type Translate,
} from './index.js';

/** A text that a language lacks, or has in a form that cannot be shown. */
export interface Gap {
  readonly kind: 'message' | 'text';
  /** The key, or the Vietnamese text. */
  readonly key: string;
  readonly problem: 'missing' | 'unknown' | 'parameters';
}

/** What questionnaires and scales say. */
export interface QuestionnaireTexts {
  readonly forCitizens: readonly LocalizedText[];
  readonly forStaff: readonly LocalizedText[];
}

/** Keys of what citizens read; staff's pages are in Vietnamese and English. */
const FOR_CITIZENS = /^(app|kiosk|ticket|sheet|privacy|error)\./;

const ORIGINALS = new Map<string, string>(Object.entries(vi));

/**
 * The languages of the pages: Vietnamese and English, and those that files add. What a language lacks is shown in
 * Vietnamese, key by key.
 */
export class Languages {
  /** In the order of the language switch. */
  readonly offered: readonly { readonly code: Lang; readonly name: string }[];
  /** Those that staff's pages come in, too. */
  readonly complete: Languages['offered'];
  /** Changes with every text of the files. */
  readonly fingerprint: string;
  private readonly files = new Map<Lang, LocaleFile>();
  private readonly translators = new Map<Lang, Translate>();

  private constructor(files: readonly LocaleFile[]) {
    for (const file of files) this.files.set(file.code, merged(this.files.get(file.code), file));
    const added = [...this.files.values()].filter(({ code }) => !isBuiltIn(code));
    this.offered = [
      ...LANGUAGES.map((code) => ({ code, name: LANGUAGE_NAMES[code] })),
      ...added.map(({ code, name }) => ({ code, name: name ?? code })),
    ];
    this.complete = this.offered.filter(({ code }) => isBuiltIn(code));
    this.fingerprint = createHash('sha256')
      .update(JSON.stringify([...this.files]))
      .digest('hex')
      .slice(0, 16);
    for (const { code } of this.offered) this.translators.set(code, translatorOf(code, this.messagesOf(code)));
  }

  /** Those of the files in `directories`; a later file goes before an earlier one of its language. @throws LocaleFileError */
  static read(directories: readonly string[]): Languages {
    return new Languages(directories.flatMap(readLocaleFiles));
  }

  /** The language to show: what the address asks for, else what the cookie remembers, else Vietnamese. */
  resolve(query: unknown, cookie: unknown): Lang {
    const known = [query, cookie].find((value) => this.offered.some(({ code }) => code === value));
    return typeof known === 'string' ? known : LANGUAGES[0];
  }

  /** @throws when there is no such language, which `resolve` rules out */
  translator(lang: Lang): Translate {
    const translate = this.translators.get(lang);
    if (!translate) throw new Error(`There is no language ${lang}.`);
    return translate;
  }

  /** The text with what the files have it in. */
  localize = (text: LocalizedText): LocalizedText => {
    const found = [...this.files.values()].flatMap(({ code, texts }) => {
      const own = Object.hasOwn(texts, text.vi) ? texts[text.vi] : undefined;
      return own === undefined || own === '' || code === 'vi' ? [] : [[code, own] as const];
    });
    return { ...text, ...Object.fromEntries(found) };
  };

  /** What of a language is missing or wrong, given the texts of the questionnaires. */
  gaps(lang: Lang, { forCitizens, forStaff }: QuestionnaireTexts): Gap[] {
    const { messages = {}, texts = {} } = this.files.get(lang) ?? {};
    const own: Readonly<Record<string, string>> = isBuiltIn(lang) ? { ...DICTIONARIES[lang], ...messages } : messages;
    const known = new Set([...forCitizens, ...forStaff].map((text) => text.vi));
    const isIn = (text: LocalizedText) => Boolean(text[lang]);
    return [
      ...[...ORIGINALS.keys()].filter((key) => FOR_CITIZENS.test(key) && !own[key]).map(gap('message', 'missing')),
      ...Object.keys(messages)
        .filter((key) => !ORIGINALS.has(key))
        .map(gap('message', 'unknown')),
      ...Object.keys(messages)
        .filter((key) => Boolean(messages[key]) && ORIGINALS.has(key) && !fits(key, messages[key] ?? ''))
        .map(gap('message', 'parameters')),
      ...forCitizens.filter((text) => !isIn(text)).map((text) => gap('text', 'missing')(text.vi)),
      ...Object.keys(texts)
        .filter((text) => !known.has(text))
        .map(gap('text', 'unknown')),
    ];
  }

  /** A file for a new language, with every text that citizens read, to be translated. */
  template({ forCitizens }: QuestionnaireTexts): Required<Omit<LocaleFile, 'code'>> {
    return {
      name: '',
      messages: Object.fromEntries([...ORIGINALS].filter(([key]) => FOR_CITIZENS.test(key))),
      texts: Object.fromEntries(forCitizens.map((text) => [text.vi, ''])),
    };
  }

  private messagesOf(lang: Lang): Readonly<Record<string, string>> {
    const given = Object.entries(this.files.get(lang)?.messages ?? {}).filter(([key, message]) => fits(key, message));
    return { ...vi, ...(isBuiltIn(lang) ? DICTIONARIES[lang] : {}), ...Object.fromEntries(given) };
  }
}

function merged(earlier: LocaleFile | undefined, { code, name, messages, texts }: LocaleFile): LocaleFile {
  return {
    code,
    name: name ?? earlier?.name,
    messages: { ...earlier?.messages, ...messages },
    texts: { ...earlier?.texts, ...texts },
  };
}

function gap(kind: Gap['kind'], problem: Gap['problem']): (key: string) => Gap {
  return (key) => ({ kind, key, problem });
}

/** Whether a translation can be shown for its original: with other parameters it could not be filled in. */
function fits(key: string, translation: string): boolean {
  const original = ORIGINALS.get(key);
  return translation !== '' && original !== undefined && parametersOf(original) === parametersOf(translation);
}

function parametersOf(text: string): string {
  return [...new Set(text.match(/\{\w+\}/g))].sort().join();
}
