import { en } from './en.js';
import { vi, type MessageKey } from './vi.js';

export type { MessageKey } from './vi.js';

/** Languages of the pages; the first is the default. */
export const LANGUAGES = ['vi', 'en'] as const;
export type Lang = (typeof LANGUAGES)[number];

/** Each language in its own words, for the language switch. */
export const LANGUAGE_NAMES: Readonly<Record<Lang, string>> = { vi: 'Tiếng Việt', en: 'English' };

export const DICTIONARIES: Readonly<Record<Lang, Readonly<Record<MessageKey, string>>>> = { vi, en };

/** Gives the text of a key with every `{name}` replaced by `params.name`. */
export type Translate = (key: MessageKey, params?: Readonly<Record<string, string | number>>) => string;

/**
 * A translator for one language.
 * It throws on an unknown key or a missing parameter: a page must never show a raw key or `{name}` to a citizen.
 */
export function translator(lang: Lang): Translate {
  const messages = new Map<string, string>(Object.entries(DICTIONARIES[lang]));
  return (key, params = {}) => {
    const message = messages.get(key);
    if (message === undefined) throw new Error(`No ${lang} text for "${key}".`);
    return message.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = params[name];
      if (value === undefined) throw new Error(`Text "${key}" needs the parameter "${name}".`);
      return String(value);
    });
  };
}

function isLang(value: unknown): value is Lang {
  return LANGUAGES.some((lang) => lang === value);
}

/** The language to show: what the address asks for, else what the cookie remembers, else Vietnamese. */
export function resolveLang(query: unknown, cookie: unknown): Lang {
  if (isLang(query)) return query;
  return isLang(cookie) ? cookie : LANGUAGES[0];
}

const ERROR_PAGES = {
  400: { title: 'error.400.title', detail: 'error.400.detail' },
  403: { title: 'error.403.title', detail: 'error.403.detail' },
  404: { title: 'error.404.title', detail: 'error.404.detail' },
  429: { title: 'error.429.title', detail: 'error.429.detail' },
  500: { title: 'error.500.title', detail: 'error.500.detail' },
  503: { title: 'error.503.title', detail: 'error.503.detail' },
} as const satisfies Record<number, { title: MessageKey; detail: MessageKey }>;

function hasErrorPage(status: number): status is keyof typeof ERROR_PAGES {
  return Object.hasOwn(ERROR_PAGES, status);
}

/** Title and safe explanation of an HTTP error for the `error` page; other statuses read like 400 or 500. */
export function errorText(status: number, t: Translate): { title: string; detail: string } {
  const known = hasErrorPage(status) ? status : status < 500 ? 400 : 500;
  return { title: t(ERROR_PAGES[known].title), detail: t(ERROR_PAGES[known].detail) };
}
