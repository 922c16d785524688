import { en } from './en.js';
import { vi, type MessageKey } from './vi.js';

export type { MessageKey } from './vi.js';

/** Languages that the product brings itself; the first is the default. Files may add more: languages.ts. */
export const LANGUAGES = ['vi', 'en'] as const;
type BuiltIn = (typeof LANGUAGES)[number];

/** The language tag of a language of the pages. */
export type Lang = string;

/** Each language in its own words, for the language switch. */
export const LANGUAGE_NAMES: Readonly<Record<BuiltIn, string>> = { vi: 'Tiếng Việt', en: 'English' };

export const DICTIONARIES: Readonly<Record<BuiltIn, Readonly<Record<MessageKey, string>>>> = { vi, en };

/** Whether the product brings this language itself. */
export function isBuiltIn(lang: Lang): lang is BuiltIn {
  return LANGUAGES.some((known) => known === lang);
}

/** Gives the text of a key with every `{name}` replaced by `params.name`. */
export type Translate = (key: MessageKey, params?: Readonly<Record<string, string | number>>) => string;

/** A translator for one language that the product brings itself. */
export function translator(lang: BuiltIn): Translate {
  return translatorOf(lang, DICTIONARIES[lang]);
}

/**
 * A translator over the texts of a language.
 * It throws on an unknown key or a missing parameter: a page must never show a raw key or `{name}` to a citizen.
 */
export function translatorOf(lang: Lang, texts: Readonly<Record<string, string>>): Translate {
  const messages = new Map(Object.entries(texts));
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

const ERROR_PAGES = {
  400: { title: 'error.400.title', detail: 'error.400.detail' },
  403: { title: 'error.403.title', detail: 'error.403.detail' },
  404: { title: 'error.404.title', detail: 'error.404.detail' },
  413: { title: 'error.413.title', detail: 'error.413.detail' },
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
