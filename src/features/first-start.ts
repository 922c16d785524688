import { randomBytes } from 'node:crypto';
import type { Connection } from 'mongoose';
import type { Config } from '../config.js';
import { Lease } from '../database/lease.js';
import type { AccountService } from './accounts/accounts.service.js';
import type { CentreService } from './centres/centres.service.js';
import type { KioskService } from './kiosks/kiosks.service.js';

const SAMPLE_CENTRE = {
  code: 'MAU',
  name: 'Trung tâm Phục vụ hành chính công (mẫu)',
  unit: '22',
  level: 'province',
} as const;
const SAMPLE_KIOSK = 'MAU-1';

const LEASE_MS = 30_000;

type FirstStartConfig = Pick<Config, 'adminPassword' | 'publicUrl'>;

export interface FirstStartServices {
  readonly connection: Connection;
  readonly accounts: AccountService;
  readonly centres: CentreService;
  readonly kiosks: KioskService;
}

/**
 * Prepares an empty installation: the account `admin`, a sample centre and its kiosk; says what was made and where.
 * An installation that has an account is left as it is.
 */
export async function firstStart(
  services: FirstStartServices,
  config: FirstStartConfig,
  say: (text: string) => void,
): Promise<void> {
  const made = (await services.accounts.isEmpty()) ? await prepareOnce(services, config) : [];
  say([`SIPAS is running at ${config.publicUrl}`, ...made].join('\n'));
}

/** Of several instances that start at once, one prepares. */
async function prepareOnce(services: FirstStartServices, config: FirstStartConfig): Promise<string[]> {
  const lease = new Lease(services.connection, 'first-start', LEASE_MS);
  if (!(await lease.take())) return [];
  const made = await prepare(services, config);
  await lease.release();
  return made;
}

async function prepare(
  { accounts, centres, kiosks }: FirstStartServices,
  { adminPassword, publicUrl }: FirstStartConfig,
): Promise<string[]> {
  if (!(await centres.find(SAMPLE_CENTRE.code))) await centres.add(SAMPLE_CENTRE);
  const kiosk = (await kiosks.find(SAMPLE_KIOSK))
    ? await kiosks.offerPairing(SAMPLE_KIOSK)
    : await kiosks.add({ centre: SAMPLE_CENTRE.code, code: SAMPLE_KIOSK });
  // The account comes last: a start that broke off before it begins again from the top.
  const password = adminPassword ?? randomBytes(12).toString('base64url');
  await accounts.add({ username: 'admin', role: 'admin', scope: null, password });
  const shown = adminPassword === undefined ? `${password}  (shown once)` : 'from SIPAS_ADMIN_PASSWORD';
  return [`Kiosk:    ${kiosk.pairUrl}`, `Sign in:  ${publicUrl}/login`, `          user admin, password ${shown}`];
}
