import type { Principal, Role } from '../../src/features/access/principal.js';
import { TooManyError } from '../../src/features/access/account-limit.js';
import type { Services } from '../../src/services.js';

/** A centre with one kiosk, and what a device needs to be that kiosk. */
export interface Site {
  readonly centre: string;
  readonly kiosk: string;
  readonly token: string;
  /** The path that pairs a browser with the kiosk. */
  readonly pairPath: string;
}

export interface SiteOptions {
  readonly centre?: string;
  readonly name?: string;
  readonly unit?: string;
  readonly questionnaire?: string;
  readonly counter?: string;
}

/** Adds a centre of Quảng Ninh, unless another unit is named, with the kiosk `<centre>-K1`. */
export async function addSite({ centres, kiosks }: Services, options: SiteOptions = {}): Promise<Site> {
  const { centre = 'TT1', name = `Trung tâm ${centre}`, unit = '22', ...device } = options;
  await centres.add({ code: centre, name, unit });
  const { code, token, pairUrl } = await kiosks.add({ centre, code: `${centre}-K1`, ...device });
  return { centre, kiosk: code, token, pairPath: new URL(pairUrl).pathname };
}

let tokens = 0;

/** A token of a person's or program's role; without a scope it covers everything. */
export async function staffToken(
  services: Services,
  role: Exclude<Role, 'kiosk'>,
  scope: string | null = null,
): Promise<string> {
  tokens += 1;
  return services.tokens.create({ name: `${role}-${tokens}`, role, scope });
}

/** Takes every export that an account may begin now. */
export async function exhaustExports({ exportLimit }: Services, by: Pick<Principal, 'name' | 'role'>): Promise<void> {
  for (let taken = 0; taken < exportLimit.most; taken += 1) {
    await exportLimit.take(by).catch((error: unknown) => {
      if (!(error instanceof TooManyError)) throw error;
    });
  }
}
