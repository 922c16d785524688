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
  config: Pick<Config, 'adminPassword' | 'publicUrl'>,
  say: (line: string) => void,
): Promise<void> {
  say(`SIPAS is running at ${config.publicUrl}`);
  if (!(await services.accounts.isEmpty())) return;
  // Of several instances that start at once, one prepares.
  const lease = new Lease(services.connection, 'first-start', LEASE_MS);
  if (!(await lease.take())) return;
  await prepare(services, config, say);
  await lease.release();
}

async function prepare(
  { accounts, centres, kiosks }: FirstStartServices,
  { adminPassword, publicUrl }: Pick<Config, 'adminPassword' | 'publicUrl'>,
  say: (line: string) => void,
): Promise<void> {
  if (!(await centres.find(SAMPLE_CENTRE.code))) await centres.add(SAMPLE_CENTRE);
  const kiosk = (await kiosks.find(SAMPLE_KIOSK))
    ? await kiosks.offerPairing(SAMPLE_KIOSK)
    : await kiosks.add({ centre: SAMPLE_CENTRE.code, code: SAMPLE_KIOSK });
  // The account comes last: a start that broke off before it begins again from the top.
  const password = adminPassword ?? randomBytes(12).toString('base64url');
  await accounts.add({ username: 'admin', role: 'admin', scope: null, password });
  say(`Kiosk:    ${kiosk.pairUrl}`);
  say(`Sign in:  ${publicUrl}/login`);
  say(
    `          user admin, password ${adminPassword === undefined ? `${password}  (shown once)` : 'from SIPAS_ADMIN_PASSWORD'}`,
  );
}
