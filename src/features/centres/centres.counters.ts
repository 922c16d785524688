import type { Model } from 'mongoose';
import { z } from 'zod';
import { ConflictError, NotFoundError } from '../../errors.js';
import type { AuditService } from '../audit/audit.service.js';
import { checked, typedLine } from '../validation.js';
import type { KeptCentres } from './centres.kept.js';
import type { CentreRecord, Counter } from './centres.model.js';

/** More counters than any centre has. */
export const COUNTERS_MAX = 500;

const code = typedLine(64);
const name = typedLine(100);
const counter = z.strictObject({ code, name });
const naming = z.strictObject({ name });

/** The counters of centres. Each change is one write to one centre, so it is there as a whole or not at all. */
export class CentreCounters {
  constructor(
    private readonly centres: Model<CentreRecord>,
    private readonly kept: KeptCentres,
    private readonly audit: AuditService,
  ) {}

  /** The counters of a centre in the order they were added, closed ones among them; none of a centre unknown. */
  async of(centre: string): Promise<readonly Counter[]> {
    return (await this.centres.findById(centre, { counters: 1 }).lean())?.counters ?? [];
  }

  /**
   * Adds a counter. Its code is what kiosks, tickets and responses call it, so it may be any text that one of them has.
   * @throws ValidationError, NotFoundError, or ConflictError when the code is taken or there is no room
   */
  async add(centre: string, input: { readonly code: string; readonly name: string }): Promise<void> {
    const added = checked(counter, input);
    await this.requireCentre(centre);
    const event = { action: 'counter.add', subject: centre, after: { ...added } } as const;
    await this.audit.change(event, async () => {
      const hasRoom = { 'counters.code': { $ne: added.code }, [`counters.${COUNTERS_MAX - 1}`]: { $exists: false } };
      const { matchedCount } = await this.kept.change(() =>
        this.centres.updateOne({ _id: centre, ...hasRoom }, { $push: { counters: added } }),
      );
      if (matchedCount > 0) return;
      throw (await this.of(centre)).some((one) => one.code === added.code)
        ? new ConflictError('counter-exists', `There is a counter ${added.code} already.`)
        : new ConflictError('counters-full', `A centre has at most ${COUNTERS_MAX} counters.`);
    });
  }

  /** Adds a counter, or gives the one that has its code its name. @throws as {@link add} does */
  async put(
    centre: string,
    input: { readonly code: unknown; readonly name: unknown },
  ): Promise<'stored' | 'updated' | 'unchanged'> {
    const wanted = checked(counter, input);
    const present = (await this.of(centre)).find(({ code: one }) => one === wanted.code);
    if (present?.name === wanted.name) return 'unchanged';
    if (!present) {
      await this.add(centre, wanted);
      return 'stored';
    }
    await this.rename(centre, wanted.code, wanted.name);
    return 'updated';
  }

  /** Gives a counter another name; its code stays, since responses refer to it. @throws ValidationError, NotFoundError */
  async rename(centre: string, code: string, newName: string): Promise<void> {
    const { name } = checked(naming, { name: newName });
    const before = await this.known(centre, code);
    const event = { action: 'counter.change', subject: centre, ...facts(before, { ...before, name }) } as const;
    await this.audit.change(event, () =>
      this.kept.change(() =>
        this.centres.updateOne({ _id: centre, 'counters.code': code }, { $set: { 'counters.$.name': name } }),
      ),
    );
  }

  /** Closes a counter, or opens it again: a closed one is not offered to kiosks and tickets. @throws NotFoundError */
  async setClosed(centre: string, code: string, closed: boolean): Promise<void> {
    const before = await this.known(centre, code);
    const action = closed ? 'counter.close' : 'counter.reopen';
    await this.audit.change({ action, subject: centre, ...facts(before, { ...before, closed }) }, () =>
      this.kept.change(() =>
        this.centres.updateOne({ _id: centre, 'counters.code': code }, { $set: { 'counters.$.closed': closed } }),
      ),
    );
  }

  private async known(centre: string, code: string): Promise<Counter> {
    const found = (await this.of(centre)).find((one) => one.code === code);
    if (!found) throw new NotFoundError(`There is no counter ${code} in the centre ${centre}.`);
    return found;
  }

  private async requireCentre(centre: string): Promise<void> {
    if (!(await this.centres.exists({ _id: centre }))) throw new NotFoundError(`There is no centre ${centre}.`);
  }
}

/** @throws ValidationError */
function facts(before: Counter, after: Counter) {
  const plain = ({ code: key, name: text, closed = false }: Counter) => ({ code: key, name: text, closed });
  return { before: plain(before), after: plain(after) };
}
