import { createHash, randomBytes } from 'node:crypto';
import type { Connection, Model } from 'mongoose';
import type { Clock } from '../../clock.js';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import { ConflictError, NotFoundError, ValidationError } from '../../errors.js';
import type { KioskIdentity, Principal, Role } from './principal.js';
import { kioskOf, tokenModel, type TokenRecord } from './tokens.model.js';

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

export class TokenService {
  private readonly tokens: Model<TokenRecord>;

  constructor(
    connection: Connection,
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
    try {
      return await this.issue({ name, role, scope, ...identityFields(kiosk) });
    } catch (error) {
      if (isDuplicateKey(error)) throw new ConflictError('token-exists', `There is a token named ${name} already.`);
      throw error;
    }
  }

  /** A further token of a kiosk, for use by programs. */
  async createForKiosk(kiosk: KioskIdentity): Promise<string> {
    return this.issue({ role: 'kiosk', scope: kiosk.centre, ...identityFields(kiosk) });
  }

  /** The token of the device now standing at the kiosk; the device before it is signed out at once. */
  async createForDevice(kiosk: KioskIdentity): Promise<string> {
    const token = await this.issue({ role: 'kiosk', scope: kiosk.centre, ...identityFields(kiosk), device: true });
    await this.tokens.updateMany(
      { kiosk: kiosk.code, device: true, revokedAt: { $exists: false }, _id: { $ne: hashOf(token) } },
      { revokedAt: this.now() },
    );
    return token;
  }

  /** Who a token stands for; null when it is unknown or revoked. */
  async principal(token: string): Promise<Principal | null> {
    const record = await this.tokens.findById(hashOf(token)).lean();
    if (!record || record.revokedAt) return null;
    const kiosk = kioskOf(record);
    const name = record.name ?? `kiosk ${record.kiosk ?? ''}`;
    return { name, role: record.role, scope: record.scope, ...(kiosk ? { kiosk } : {}) };
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
    const { matchedCount } = await this.tokens.updateOne({ name }, { revokedAt: this.now() });
    if (matchedCount === 0) throw new NotFoundError(`There is no token named ${name}.`);
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
