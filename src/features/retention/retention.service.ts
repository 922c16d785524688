import type { Filter } from 'mongodb';
import type { Connection } from 'mongoose';
import type { Clock } from '../../clock.js';
import type { RetentionRules } from '../../config.js';
import { READ_LIMIT_MS, STREAM_LIMIT_MS } from '../../database/connect.js';
import { Lease } from '../../database/lease.js';
import { localDay, monthsBefore } from '../../domain/period.js';
import type { AuditService } from '../audit/audit.service.js';
import type { SettingsService } from '../settings/settings.service.js';
import {
  dossierMarkCollection,
  responseCollection,
  type DossierMark,
  type ResponseRecord,
} from '../responses/responses.model.js';

/** What was kept longer than the rules say, or was removed for it. */
export interface Expired {
  /** Comments of responses captured before this local day. */
  readonly commentsBefore: string;
  readonly comments: number;
  /** Marks of dossiers rated before this local day. */
  readonly dossiersBefore: string;
  readonly dossiers: number;
}

const LEASE_MS = 30_000;
/** So many that a change is short, and so few that a crash loses little. */
const AT_ONCE = 1000;

/**
 * Removes what could lead to a person once it was kept for as long as the rules say: comments, and the keyed hashes by
 * which a dossier is rated once. Answers and tallies stay, so figures stay as they were and a recount finds them right.
 */
export class RetentionService {
  private readonly lease: Lease;

  constructor(
    private readonly connection: Connection,
    private readonly settings: SettingsService,
    private readonly audit: AuditService,
    private readonly now: Clock,
  ) {
    this.lease = new Lease(connection, 'retention', LEASE_MS);
  }

  get rules(): RetentionRules {
    const { commentMonths, dossierMonths } = this.settings.current;
    return { commentMonths, dossierMonths };
  }

  /** What {@link apply} would remove now, by other rules if they are given. */
  async due(rules = this.rules): Promise<Expired> {
    const { commentsBefore, dossiersBefore } = this.limits(rules);
    const limit = { maxTimeMS: STREAM_LIMIT_MS };
    return {
      commentsBefore,
      comments: await this.responses().countDocuments(commentedBefore(commentsBefore), limit),
      dossiersBefore,
      dossiers: await this.marks().countDocuments(markedBefore(dossiersBefore), limit),
    };
  }

  /** Removes it, one process at a time; recorded where there is anything. Safe to break off and to begin again. */
  apply(): Promise<Expired> {
    return this.lease.hold(async () => {
      // What is removed is gone: a longer time that another process was told counts from that moment.
      await this.settings.refresh();
      const due = await this.due();
      if (due.comments === 0 && due.dossiers === 0) return due;
      const { commentsBefore, dossiersBefore } = due;
      let removed = { comments: 0, dossiers: 0 };
      const event = { action: 'retention', subject: '', after: { commentsBefore, dossiersBefore } } as const;
      const work = async () => {
        const comments = await this.removeComments(commentsBefore);
        const { deletedCount } = await this.marks().deleteMany(markedBefore(dossiersBefore));
        removed = { comments, dossiers: deletedCount };
      };
      await this.audit.change(event, work, () => removed);
      return { ...due, ...removed };
    });
  }

  private async removeComments(before: string): Promise<number> {
    let removed = 0;
    for (;;) {
      const found = await this.responses()
        .find(commentedBefore(before), { projection: { _id: 1 }, limit: AT_ONCE, maxTimeMS: READ_LIMIT_MS })
        .toArray();
      if (found.length === 0) return removed;
      const ids = found.map(({ _id }) => _id);
      const { modifiedCount } = await this.responses().updateMany({ _id: { $in: ids } }, { $unset: { comment: 1 } });
      removed += modifiedCount;
    }
  }

  private limits({ commentMonths, dossierMonths }: RetentionRules) {
    const today = localDay(this.now());
    return {
      commentsBefore: monthsBefore(today, commentMonths),
      dossiersBefore: monthsBefore(today, dossierMonths),
    };
  }

  private responses() {
    return responseCollection(this.connection);
  }

  private marks() {
    return dossierMarkCollection(this.connection);
  }
}

function commentedBefore(day: string): Filter<ResponseRecord> {
  return { comment: { $exists: true }, day: { $lt: day } };
}

function markedBefore(day: string): Filter<DossierMark> {
  return { createdAt: { $lt: new Date(`${day}T00:00:00+07:00`) } };
}
