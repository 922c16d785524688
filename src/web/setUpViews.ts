import { join } from 'node:path';
import type { Express, RequestHandler } from 'express';
import { resolveLang, translator, type Lang, type Translate } from '../i18n/index.js';
import { localAddress } from './paths.js';
import { assetAddresses } from './setUpStatic.js';

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how Express lets its locals be typed
  namespace Express {
    /** What every view may use. */
    interface Locals {
      lang: Lang;
      t: Translate;
      asset: (name: string) => string;
      langUrl: (lang: Lang) => string;
      account: { username: string; role: string } | null;
      csrfToken: string;
      /** The database holds synthetic responses: every page says so. */
      demo: boolean;
      requestId: string;
    }
  }
}

const LANG_COOKIE = 'lang';

/** EJS, and what every view may use. `isDemo` tells whether the figures are synthetic. */
export function setUpViews(app: Express, root: string, isDemo: () => Promise<boolean>): RequestHandler {
  app.set('view engine', 'ejs');
  app.set('views', join(root, 'views'));
  app.enable('view cache');
  const asset = assetAddresses(join(root, 'public'));
  return async (req, res, next) => {
    const asked = req.query['lang'];
    const lang = resolveLang(asked, cookieLang(req.get('cookie')));
    // A script that fetches a page to keep it, as the kiosk's does, chooses no language for whoever stands there.
    const isFetched = req.get('sec-fetch-dest') === 'empty';
    if (asked === lang && !isFetched) res.cookie(LANG_COOKIE, lang, { sameSite: 'lax', secure: req.secure });
    Object.assign(res.locals, {
      lang,
      t: translator(lang),
      asset,
      langUrl: (other: Lang) => withLang(localAddress(req.originalUrl), other),
      account: null,
      csrfToken: '',
      demo: await isDemo(),
      requestId: req.requestId,
    } satisfies Express.Locals);
    next();
  };
}

function cookieLang(cookies: string | undefined): string | undefined {
  return /(?:^|;\s*)lang=(\w+)/.exec(cookies ?? '')?.[1];
}

/** The same address in another language. */
function withLang(url: string, lang: Lang): string {
  const [path = '/', search = ''] = url.split('?');
  const parameters = new URLSearchParams(search);
  parameters.set('lang', lang);
  return `${path}?${parameters.toString()}`;
}
