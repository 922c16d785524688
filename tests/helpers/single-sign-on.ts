import pino from 'pino';
import type { OidcConfig, RequireTotp } from '../../src/config.js';
import { NOON, openTestApp, uniqueUri, type TestApp } from './app.js';
import type { LocalProvider } from './local-provider.js';
import { PASSWORD, type Visitor } from './pages.js';

export const BEGIN = '/login/oidc';
export const REFUSED = 'Chưa đăng nhập được bằng cách này';

/** An installation with single sign-on, and what it logged. */
export type SignOnApp = TestApp & { readonly logged: readonly string[] };

/** One where lan's account is for whoever is called lan at the provider; `admin` has a password alone. */
export async function openWithSignOn(
  oidc: OidcConfig | undefined,
  requireTotp: RequireTotp = 'none',
): Promise<SignOnApp> {
  const logged: string[] = [];
  const log = pino({ level: 'info' }, { write: (line) => void logged.push(line) });
  const sipas = await openTestApp(NOON, uniqueUri(), '/nonexistent', { requireTotp, oidc, log });
  const { accounts, identities } = sipas.services;
  await accounts.add({ username: 'admin', role: 'admin', scope: null, password: PASSWORD });
  await accounts.add({ username: 'lan', role: 'viewer', scope: null, password: PASSWORD });
  await identities.setName('lan', 'lan');
  return { ...sipas, logged };
}

/** Where a browser is sent that chooses single sign-on. */
export async function begin(browser: Visitor): Promise<string> {
  const { status, headers } = await browser.get(BEGIN);
  expect(status).toBe(303);
  return String(headers['location']);
}

/** The way of a whole sign-in, to the answer to the return. */
export async function enter(browser: Visitor, provider: LocalProvider, login: string) {
  return browser.get(await provider.signIn(await begin(browser), login));
}

export const isIn = async (browser: Visitor) => (await browser.get('/reports')).status === 200;

/** What the audit has of the last try to sign in. */
export async function lastSignIn({ services }: TestApp) {
  const [entry] = await services.audit.list({ action: 'sign-in' }, 1);
  return entry && { subject: entry.subject, outcome: entry.outcome, after: entry.after };
}
