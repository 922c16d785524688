import { createHash, randomBytes } from 'node:crypto';
import type { Connection, Model } from 'mongoose';
import type { Clock } from '../../clock.js';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import type { AuditService } from '../audit/audit.service.js';
import { ConflictError, NotFoundError, ValidationError } from '../../errors.js';
import type { KioskIdentity, Principal, Role } from './principal.js';
import { kioskDevices, kioskOf, tokenModel, type TokenRecord } from './tokens.model.js';

export interface NewToken {
  readonly name: string;
  readonly role: Role;
  readonly scope: string | null;
  /** Required of a kiosk's token. */
  readonly kiosk?: KioskIdentity;
}

/** What may be told of a token afterwards. */
export interface TokenSummary {
  readonly name: string;
  readonly role: Role;
  readonly scope: string | null;
  readonly createdAt: string;
  readonly revoked: boolean;
}

/** Shorter than anyone can notice after revoking a token. */
const REMEMBERED_MS = 200;

export class TokenService {
  private readonly remembered = new Map<string, Promise<Principal | null>>();
  private readonly tokens: Model<TokenRecord>;

  constructor(
    private readonly connection: Connection,
    private readonly audit: AuditService,
    private readonly now: Clock,
  ) {
    this.tokens = tokenModel(connection);
  }

  /**
   * Makes an API token and gives it, this once: only its hash is kept.
   * @throws ConflictError when the name is taken
   */
  async create({ name, role, scope, kiosk }: NewToken): Promise<string> {
    if (role === 'kiosk' && !kiosk) {
      throw new ValidationError([{ path: 'scope', message: 'a kiosk token needs the code of a centre or kiosk' }]);
    }
    const after = { role, scope, ...(kiosk && kiosk.code !== '' ? { kiosk: kiosk.code } : {}) };
    return this.audit.change({ action: 'token.create', subject: name, after }, async () => {
      try {
        return await this.issue({ name, role, scope, ...identityFields(kiosk) });
      } catch (error) {
        if (isDuplicateKey(error)) throw new ConflictError('token-exists', `There is a token named ${name} already.`);
        throw error;
      }
    });
  }

  /** A further token of a kiosk, for use by programs. */
  async createForKiosk(kiosk: KioskIdentity): Promise<string> {
    return this.issue({ role: 'kiosk', scope: kiosk.centre, ...identityFields(kiosk) });
  }

  /** A token for a device; it works once the kiosk names it by its id. */
  async createForDevice(kiosk: KioskIdentity): Promise<{ readonly token: string; readonly id: string }> {
    const token = await this.issue({ role: 'kiosk', scope: kiosk.centre, ...identityFields(kiosk), device: true });
    return { token, id: hashOf(token) };
  }

  /**
   * Lets a kiosk name another device, or none, and ends the tokens given to its devices before an instant; as it names
   * them no more, they work no more anyway.
   */
  async replaceDevices(kiosk: string, before: Date, name: () => Promise<void>): Promise<void> {
    try {
      await name();
      await this.revokeDevices(kiosk, before);
    } finally {
      this.remembered.clear();
    }
  }

  private async revokeDevices(kiosk: string, before: Date): Promise<void> {
    await this.tokens.updateMany(
      { kiosk, device: true, revokedAt: { $exists: false }, createdAt: { $lt: before } },
      { revokedAt: this.now() },
    );
  }

  /**
   * Who a token stands for; null when it is unknown or revoked. Requests of one device come in bursts, so an answer is
   * used again for {@link REMEMBERED_MS}: a token revoked by another process works that much longer at most.
   */
  async principal(token: string): Promise<Principal | null> {
    const hash = hashOf(token);
    const remembered = this.remembered.get(hash);
    if (remembered) return remembered;
    const lookup = this.lookUp(hash);
    this.remembered.set(hash, lookup);
    const forget = () => {
      if (this.remembered.get(hash) === lookup) this.remembered.delete(hash);
    };
    setTimeout(forget, REMEMBERED_MS).unref();
    lookup.catch(forget);
    return lookup;
  }

  private async lookUp(hash: string): Promise<Principal | null> {
    const record = await this.tokens.findById(hash).lean();
    if (!record || record.revokedAt) return null;
    if (record.device && !(await this.isDeviceOf(record))) return null;
    const kiosk = kioskOf(record);
    const name = record.name ?? `kiosk ${record.kiosk ?? ''}`;
    return { name, role: record.role, scope: record.scope, ...(kiosk ? { kiosk } : {}) };
  }

  /** A kiosk names its device, so that one write replaces it; one paired under an older release is not named. */
  private async isDeviceOf({ _id, kiosk = '' }: TokenRecord): Promise<boolean> {
    const named = await kioskDevices(this.connection).findOne({ _id: kiosk }, { maxTimeMS: READ_LIMIT_MS });
    return named?.device === undefined || named.device === _id;
  }

  async list(): Promise<TokenSummary[]> {
    const records = await this.tokens
      .find({ name: { $exists: true } })
      .sort({ name: 1 })
      .lean();
    return records.map(({ name = '', role, scope, createdAt, revokedAt }) => ({
      name,
      role,
      scope,
      createdAt: createdAt.toISOString(),
      revoked: revokedAt !== undefined,
    }));
  }

  /** @throws NotFoundError when there is no token of that name */
  async revoke(name: string): Promise<void> {
    if (!(await this.tokens.exists({ name }))) throw new NotFoundError(`There is no token named ${name}.`);
    try {
      await this.audit.change({ action: 'token.revoke', subject: name }, async () => {
        await this.tokens.updateOne({ name, revokedAt: { $exists: false } }, { revokedAt: this.now() });
      });
    } finally {
      this.remembered.clear();
    }
  }

  private async issue(fields: Omit<TokenRecord, '_id' | 'createdAt'>): Promise<string> {
    const token = `sipas_${randomBytes(32).toString('base64url')}`;
    await this.tokens.create({ _id: hashOf(token), ...fields, createdAt: this.now() });
    return token;
  }
}

function identityFields(kiosk: KioskIdentity | undefined): Partial<Pick<TokenRecord, 'centre' | 'kiosk'>> {
  if (!kiosk) return {};
  return { centre: kiosk.centre, ...(kiosk.code === '' ? {} : { kiosk: kiosk.code }) };
}

/** A token holds 256 random bits, so a plain hash keeps it secret; looking up by hash leaks nothing by its timing. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
