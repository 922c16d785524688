import { join } from 'node:path';
import type { Express, RequestHandler } from 'express';
import type { Settings } from '../config.js';
import { cookieOf } from '../features/cookies.js';
import type { Lang, Translate } from '../i18n/index.js';
import type { Languages } from '../i18n/languages.js';
import { localAddress } from './paths.js';
import { assetAddresses } from './setUpStatic.js';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how Express lets its locals be typed
  namespace Express {
    /** What every view may use. */
    interface Locals {
      lang: Lang;
      t: Translate;
      languages: Languages;
      asset: (name: string) => string;
      langUrl: (lang: Lang) => string;
      largeText: boolean;
      /** The same address in the other size of text. */
      textUrl: string;
      account: { username: string; role: string } | null;
      csrfToken: string;
      /** The database holds synthetic responses: every page says so. */
      demo: boolean;
      requestId: string;
      /** The installation asks for a second factor that the account has not. */
      needsFactor: boolean;
      /** How long written comments are kept. */
      commentMonths: number;
      /** The installation offers the score of 9 indicators and 18 points. */
      hasScore: boolean;
    }
  }
}

const LANG_COOKIE = 'lang';
const TEXT_COOKIE = 'text';
const TEXT_SIZES = ['normal', 'large'] as const;

export interface ViewOptions {
  readonly root: string;
  readonly languages: Languages;
  /** Whether the figures are synthetic. */
  readonly isDemo: () => Promise<boolean>;
  readonly settings: { readonly current: Settings };
}

/** EJS, and what every view may use. */
export function setUpViews(app: Express, { root, languages, isDemo, settings }: ViewOptions): RequestHandler {
  app.set('view engine', 'ejs');
  app.set('views', join(root, 'views'));
  app.enable('view cache');
  const asset = assetAddresses(join(root, 'public'));
  return async (req, res, next) => {
    const asked = req.query['lang'];
    const lang = languages.resolve(asked, cookieOf(req, LANG_COOKIE));
    // A script that fetches a page to keep it, as the kiosk's does, chooses no language for whoever stands there.
    const isFetched = req.get('sec-fetch-dest') === 'empty';
    if (asked === lang && !isFetched) res.cookie(LANG_COOKIE, lang, { sameSite: 'lax', secure: req.secure });
    const askedSize = TEXT_SIZES.find((size) => size === req.query['text']);
    if (askedSize && !isFetched) res.cookie(TEXT_COOKIE, askedSize, { sameSite: 'lax', secure: req.secure });
    const largeText = (askedSize ?? cookieOf(req, TEXT_COOKIE)) === 'large';
    const here = localAddress(req.originalUrl);
    Object.assign(res.locals, {
      lang,
      t: languages.translator(lang),
      languages,
      asset,
      langUrl: (other: Lang) => withParameter(here, 'lang', other),
      largeText,
      textUrl: withParameter(here, 'text', largeText ? 'normal' : 'large'),
      account: null,
      csrfToken: '',
      demo: await isDemo(),
      requestId: req.requestId,
      commentMonths: settings.current.commentMonths,
      hasScore: settings.current.tthcScore,
      needsFactor: false,
    } satisfies Express.Locals);
    next();
  };
}

/** The same address with another value of one parameter. */
function withParameter(url: string, name: string, value: string): string {
  const [path = '/', search = ''] = url.split('?');
  const parameters = new URLSearchParams(search);
  parameters.set(name, value);
  return `${path}?${parameters.toString()}`;
}
