import type { Connection } from 'mongoose';
import type { Settings } from '../../config.js';
import { READ_LIMIT_MS } from '../../database/connect.js';
import { isDuplicateKey } from '../../database/duplicate-key.js';
import { ConflictError } from '../../errors.js';
import type { AuditService } from '../audit/audit.service.js';

/** All that administrators have set, in one document: each change is one write. */
interface StoredSettings {
  readonly _id: 'settings';
  /** Counts the changes; a change names the one it was made to. */
  readonly revision: number;
  readonly values: Partial<Settings>;
}

export const SETTINGS = [
  'commentMonths',
  'dossierMonths',
  'requireTotp',
  'tthcScore',
] as const satisfies readonly (keyof Settings)[];

/** The settings as they are now, with what a form needs to change them. */
export interface SettingsState {
  readonly current: Settings;
  /** 0: nothing was ever set. */
  readonly revision: number;
  /** Named by the environment, so that no page changes them. */
  readonly fixed: readonly (keyof Settings)[];
}

/**
 * What an office decides. What the environment names wins, then what an administrator has set, then the default. Every
 * process keeps the settings in memory: the one that changes them reads them again at once, others within ten seconds.
 */
export class SettingsService {
  private stored: StoredSettings | null = null;

  constructor(
    private readonly connection: Connection,
    private readonly given: { readonly fixed: Partial<Settings>; readonly defaults: Settings },
    private readonly audit: AuditService,
  ) {}

  get current(): Settings {
    return this.effective(this.stored);
  }

  /** Reads what was set since. */
  async refresh(): Promise<void> {
    this.stored = await this.read();
  }

  /** The settings as the database has them. */
  async state(): Promise<SettingsState> {
    const stored = await this.read();
    return {
      current: this.effective(stored),
      revision: stored?.revision ?? 0,
      fixed: SETTINGS.filter((name) => this.given.fixed[name] !== undefined),
    };
  }

  /**
   * Sets what differs from what is; what the environment names stays as it is named there.
   * @param revision which state was changed
   * @throws ConflictError when somebody else has changed the settings since
   */
  async change(revision: number, wanted: Partial<Settings>): Promise<void> {
    const stored = await this.read();
    if ((stored?.revision ?? 0) !== revision) throw changedMeanwhile();
    const before = this.effective(stored);
    const changed = changedSettings(before, { ...wanted, ...this.given.fixed });
    const names = SETTINGS.filter((name) => changed[name] !== undefined);
    if (names.length === 0) return;
    const record = { _id: 'settings', revision: revision + 1, values: { ...stored?.values, ...changed } } as const;
    const event = {
      action: 'settings.change',
      subject: '',
      before: Object.fromEntries(names.map((name) => [name, before[name]])),
      after: changed,
    } as const;
    await this.audit.change(event, () => this.write(record));
    await this.refresh();
  }

  private async write(record: StoredSettings): Promise<void> {
    if (record.revision > 1) {
      const { matchedCount } = await this.collection().replaceOne(
        { _id: record._id, revision: record.revision - 1 },
        record,
      );
      if (matchedCount === 0) throw changedMeanwhile();
      return;
    }
    try {
      await this.collection().insertOne(record);
    } catch (error) {
      throw isDuplicateKey(error) ? changedMeanwhile() : error;
    }
  }

  private effective(stored: StoredSettings | null): Settings {
    return { ...this.given.defaults, ...stored?.values, ...this.given.fixed };
  }

  private read(): Promise<StoredSettings | null> {
    return this.collection().findOne({ _id: 'settings' }, { maxTimeMS: READ_LIMIT_MS });
  }

  private collection() {
    return this.connection.collection<StoredSettings>('settings');
  }
}

/** Those of the wanted settings that are not so already. */
export function changedSettings(before: Settings, wanted: Partial<Settings>): Partial<Settings> {
  const { commentMonths, dossierMonths, requireTotp, tthcScore } = wanted;
  return {
    ...(commentMonths === undefined || commentMonths === before.commentMonths ? {} : { commentMonths }),
    ...(dossierMonths === undefined || dossierMonths === before.dossierMonths ? {} : { dossierMonths }),
    ...(requireTotp === undefined || requireTotp === before.requireTotp ? {} : { requireTotp }),
    ...(tthcScore === undefined || tthcScore === before.tthcScore ? {} : { tthcScore }),
  };
}

function changedMeanwhile(): ConflictError {
  return new ConflictError('settings-changed', 'Somebody has changed the settings since.');
}
