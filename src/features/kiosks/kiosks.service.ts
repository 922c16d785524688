import { randomInt } from 'node:crypto';
import type { Connection, Model } from 'mongoose';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import { ConflictError, NotFoundError, ValidationError } from '../../errors.js';
import type { AuditService } from '../audit/audit.service.js';
import type { TokenService } from '../access/tokens.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { CODE_PATTERN, CODE_RULE, type CentreService } from '../centres/centres.service.js';
import { DEFAULT_QUESTIONNAIRE, requireKnownPlace } from '../centres/known-place.js';
import { fieldErrors } from '../validation.js';
import { DEFAULT_SETTINGS, kioskModel, type KioskRecord, type KioskSettings, type LastSeen } from './kiosks.model.js';

/** Letters and digits that no one mistakes for another when reading them aloud. */
const PAIR_ALPHABET = '23456789ABCDEFGHJKMNPQRSTVWXYZ';
const PAIR_LENGTH = 8;
const PAIR_LIFETIME_MS = 7 * 24 * 3_600_000;

const newKiosk = z.strictObject({
  centre: z.string(),
  code: z.string().regex(CODE_PATTERN, `must be ${CODE_RULE}`),
  questionnaire: z.string().default(DEFAULT_QUESTIONNAIRE),
  counter: z.string().trim().min(1).max(64).optional(),
});
export type NewKiosk = z.input<typeof newKiosk>;

const seconds = (max: number) => z.int('must be whole seconds').min(0, 'must not be negative').max(max).optional();
/** The most seconds of each setting; the longest idle time still ends before a draft is taken for abandoned. */
export const SETTING_LIMITS = { idleSeconds: 75, thanksSeconds: 60, repeatSeconds: 60, flagSeconds: 600 } as const;

const newSettings = z.strictObject({
  idleSeconds: seconds(SETTING_LIMITS.idleSeconds),
  thanksSeconds: seconds(SETTING_LIMITS.thanksSeconds),
  repeatSeconds: seconds(SETTING_LIMITS.repeatSeconds),
  flagSeconds: seconds(SETTING_LIMITS.flagSeconds),
});
export type NewSettings = z.input<typeof newSettings>;

export interface Kiosk {
  readonly code: string;
  readonly centre: string;
  readonly questionnaire: string;
  readonly counter: string | null;
  readonly paused: boolean;
  readonly settings: KioskSettings;
  readonly lastSeen: LastSeen | null;
}

export interface PairingOffer {
  readonly code: string;
  readonly pairUrl: string;
}

/** What became of a pairing code that was entered. */
export type Pairing =
  | { readonly kind: 'paired'; readonly kiosk: string; readonly token: string }
  /** It has paired a device before, and would sign that one out. */
  | { readonly kind: 'used'; readonly kiosk: string; readonly code: string }
  /** Nobody gave it out, or it has expired. */
  | { readonly kind: 'unknown' };

export class KioskService {
  private readonly kiosks: Model<KioskRecord>;
  private readonly places: Parameters<typeof requireKnownPlace>[0];

  constructor(
    connection: Connection,
    centres: CentreService,
    catalogue: CatalogueService,
    private readonly tokens: TokenService,
    private readonly audit: AuditService,
    private readonly publicUrl: string,
    private readonly now: Clock,
  ) {
    this.kiosks = kioskModel(connection);
    this.places = { centres, catalogue };
  }

  /**
   * Adds a kiosk to a centre and gives what a device or a program needs to become it.
   * @throws ValidationError, or ConflictError when the code is taken
   */
  async add(input: NewKiosk): Promise<{ code: string; token: string; pairUrl: string }> {
    const parsed = newKiosk.safeParse(input);
    if (!parsed.success) throw new ValidationError(fieldErrors(parsed.error));
    const { centre, code, questionnaire, counter } = parsed.data;
    await requireKnownPlace(this.places, { centre, questionnaire, counter });
    const pairCode = newPairCode();
    const record: KioskRecord = {
      _id: code,
      centre,
      questionnaire,
      ...(counter === undefined ? {} : { counter }),
      pairCode,
      pairCodeExpiresAt: new Date(this.now().getTime() + PAIR_LIFETIME_MS),
      createdAt: this.now(),
    };
    const after = { centre, questionnaire, counter: counter ?? null };
    return this.audit.change({ action: 'kiosk.add', subject: code, after }, async () => {
      if (await this.find(code)) throw taken(code);
      // First, while nobody knows it: a kiosk that is there has its token.
      const token = await this.tokens.createForKiosk({ centre, code });
      try {
        await this.kiosks.create(record);
      } catch (error) {
        throw isDuplicateKey(error) ? taken(code) : error;
      }
      return { code, token, pairUrl: this.pairUrl(pairCode) };
    });
  }

  async find(code: string): Promise<Kiosk | null> {
    const record = await this.kiosks.findById(code).lean();
    return record && asKiosk(record);
  }

  async ofCentre(centre: string): Promise<Kiosk[]> {
    return (await this.kiosks.find({ centre }).sort({ _id: 1 }).lean()).map(asKiosk);
  }

  /** The kiosks of these centres, by code. */
  async ofCentres(centres: readonly string[]): Promise<Kiosk[]> {
    const records = await this.kiosks
      .find({ centre: { $in: [...centres] } })
      .sort({ _id: 1 })
      .lean();
    return records.map(asKiosk);
  }

  /** The kiosks that show a questionnaire, by code. */
  async ofQuestionnaire(questionnaire: string): Promise<Kiosk[]> {
    return (await this.kiosks.find({ questionnaire }).sort({ _id: 1 }).lean()).map(asKiosk);
  }

  /** The pairing code that works now, if there is one. */
  async pairingOffer(code: string): Promise<PairingOffer | null> {
    const { pairCode } =
      (await this.kiosks.findOne({ _id: code, pairCodeExpiresAt: { $gt: this.now() } }).lean()) ?? {};
    return pairCode === undefined ? null : { code: pairCode, pairUrl: this.pairUrl(pairCode) };
  }

  /** A new pairing code for a kiosk; the old one stops working. */
  async offerPairing(code: string): Promise<PairingOffer> {
    const pairCode = newPairCode();
    const expiresAt = new Date(this.now().getTime() + PAIR_LIFETIME_MS);
    await this.known(code);
    const change = { $set: { pairCode, pairCodeExpiresAt: expiresAt }, $unset: { pairedAt: 1 as const } };
    await this.audit.change({ action: 'kiosk.code', subject: code }, () =>
      this.kiosks.updateOne({ _id: code }, change),
    );
    return { code: pairCode, pairUrl: this.pairUrl(pairCode) };
  }

  /**
   * Turns a pairing code into the token of the device that entered it; a device paired before is signed out. A code
   * that has paired a device already does so only when `replacing` it is wanted.
   */
  async pair(enteredCode: string, replacing = false): Promise<Pairing> {
    const pairCode = enteredCode.toUpperCase().replace(/[^0-9A-Z]/g, '');
    const now = this.now();
    const usable = { pairCode, pairCodeExpiresAt: { $gt: now } };
    const unused = replacing ? {} : { pairedAt: { $exists: false } };
    const record = await this.kiosks.findOne({ ...usable, ...unused }).lean();
    const token = record && (await this.pairOnce(record, pairCode, replacing));
    if (token) return { kind: 'paired', kiosk: record._id, token };
    const used = await this.kiosks.findOne(usable).lean();
    return used ? { kind: 'used', kiosk: used._id, code: pairCode } : { kind: 'unknown' };
  }

  /** The token of the device that is the kiosk from now on; null when another was faster. One write decides. */
  private async pairOnce({ _id, centre }: KioskRecord, pairCode: string, replacing: boolean): Promise<string | null> {
    const now = this.now();
    const open = { _id, pairCode, ...(replacing ? {} : { pairedAt: { $exists: false } }) };
    try {
      return await this.audit.change({ action: 'kiosk.pair', subject: _id }, async () => {
        const { token, id } = await this.tokens.createForDevice({ centre, code: _id });
        await this.tokens.replaceDevices(_id, now, async () => {
          const { matchedCount } = await this.kiosks.updateOne(open, { pairedAt: now, device: id });
          if (matchedCount === 0) throw new ConflictError('code-used', 'This code has paired a device already.');
        });
        return token;
      });
    } catch (error) {
      if (error instanceof ConflictError) return null;
      throw error;
    }
  }

  /** Notes what a device says of itself. */
  async noteSeen(code: string, seen: Omit<LastSeen, 'at'>): Promise<void> {
    await this.kiosks.updateOne({ _id: code }, { lastSeen: { ...seen, at: this.now() } });
  }

  /** Changes the settings that are named. @throws ValidationError, NotFoundError */
  async configure(code: string, settings: NewSettings): Promise<void> {
    const parsed = newSettings.safeParse(settings);
    if (!parsed.success) throw new ValidationError(fieldErrors(parsed.error));
    const given = Object.entries(parsed.data);
    const before = { ...(await this.known(code)).settings };
    const after = { ...before, ...Object.fromEntries(given) };
    const change = Object.fromEntries(given.map(([name, value]) => [`settings.${name}`, value] as const));
    await this.audit.change({ action: 'kiosk.settings', subject: code, before, after }, () =>
      this.kiosks.updateOne({ _id: code }, { $set: change }),
    );
  }

  /** Lets a kiosk show another questionnaire from its device's next contact on. @throws ValidationError, NotFoundError */
  async setQuestionnaire(code: string, questionnaire: string): Promise<void> {
    const { centre, questionnaire: present } = await this.known(code);
    await requireKnownPlace(this.places, { centre, questionnaire });
    const change = { before: { questionnaire: present }, after: { questionnaire } };
    await this.audit.change({ action: 'kiosk.questionnaire', subject: code, ...change }, () =>
      this.kiosks.updateOne({ _id: code }, { questionnaire }),
    );
  }

  /** Lets a kiosk rest, or go on; its device shows it at its next contact. @throws NotFoundError */
  async setPaused(code: string, paused: boolean): Promise<void> {
    await this.known(code);
    await this.audit.change({ action: paused ? 'kiosk.pause' : 'kiosk.resume', subject: code }, () =>
      this.kiosks.updateOne({ _id: code }, { paused }),
    );
  }

  /** Signs the kiosk's device out at once and takes back an open pairing code; answers given so far stay. */
  async unpair(code: string): Promise<void> {
    await this.known(code);
    await this.audit.change({ action: 'kiosk.unpair', subject: code }, async () => {
      // One write decides: a kiosk that looks unpaired has no device that still works.
      const closed = { pairCode: 1, pairCodeExpiresAt: 1, pairedAt: 1, lastSeen: 1 } as const;
      await this.tokens.replaceDevices(code, this.now(), async () => {
        await this.kiosks.updateOne({ _id: code }, { $set: { device: null }, $unset: closed });
      });
    });
  }

  /** @throws NotFoundError */
  private async known(code: string): Promise<Kiosk> {
    const kiosk = await this.find(code);
    if (!kiosk) throw new NotFoundError(`There is no kiosk ${code}.`);
    return kiosk;
  }

  private pairUrl(pairCode: string): string {
    return `${this.publicUrl}/kiosk/pair/${pairCode}`;
  }
}

function asKiosk({ _id, centre, questionnaire, counter, paused, settings, lastSeen }: KioskRecord): Kiosk {
  return {
    code: _id,
    centre,
    questionnaire,
    counter: counter ?? null,
    paused: paused ?? false,
    settings: { ...DEFAULT_SETTINGS, ...settings },
    lastSeen: lastSeen ?? null,
  };
}

function taken(code: string): ConflictError {
  return new ConflictError('kiosk-exists', `There is a kiosk ${code} already.`);
}

function newPairCode(): string {
  return Array.from({ length: PAIR_LENGTH }, () => PAIR_ALPHABET.charAt(randomInt(PAIR_ALPHABET.length))).join('');
}
