import { auditCollection, type AuditRecord } from '../../src/features/audit/audit.model.js';
import { AuditService } from '../../src/features/audit/audit.service.js';
import { NotFoundError } from '../../src/errors.js';
import { NOON, openTestApp, TEST_SECRET, type TestApp } from '../helpers/app.js';

let sipas: TestApp;
let audit: AuditService;

beforeEach(async () => {
  sipas = await openTestApp();
  ({ audit } = sipas.services);
});
afterEach(() => sipas.close());

const entries = () => auditCollection(sipas.services.connection);
const noteMany = async (writers: readonly AuditService[], each: number) => {
  const notes = writers.flatMap((writer, index) =>
    Array.from({ length: each }, (_, turn) => writer.note({ action: 'sign-in', subject: `${index}-${turn}` }, 'done')),
  );
  await Promise.all(notes);
};

describe('the chain of entries', () => {
  it('does not fork when several processes write at once, and loses none', async () => {
    const others = Array.from(
      { length: 3 },
      () => new AuditService(sipas.services.connection, TEST_SECRET, () => NOON),
    );
    await noteMany([audit, ...others], 10);
    expect(await audit.verify()).toMatchObject({ entries: 40, problems: [], head: { number: 40 } });
    const subjects = await entries().distinct('subject');
    expect(subjects).toHaveLength(40);
  });

  it.each<[string, (all: ReturnType<typeof entries>) => Promise<unknown>, string]>([
    ['a changed field', (all) => all.updateOne({ _id: 3 }, { $set: { subject: 'x' } }), 'Entry 3 was changed.'],
    [
      'a changed address',
      (all) => all.updateOne({ _id: 3 }, { $set: { 'actor.address': 'x' } }),
      'Entry 3 was changed.',
    ],
    ['another time', (all) => all.updateOne({ _id: 3 }, { $set: { at: new Date(0) } }), 'Entry 3 was changed.'],
    ['a removed entry', (all) => all.deleteOne({ _id: 2 }), 'Entries 2 to 2 are missing.'],
    ['the first one removed', (all) => all.deleteOne({ _id: 1 }), 'Entries 1 to 1 are missing.'],
    [
      'entries taken off the end',
      (all) => all.deleteMany({ _id: { $gt: 3 } }),
      'Entries after 3 were removed: the chain went on to 5.',
    ],
  ])('shows %s', async (_, tamper, problem) => {
    await noteMany([audit], 5);
    await tamper(entries());
    expect((await audit.verify()).problems).toContain(problem);
  });

  it('shows an entry that was written without the secret of the installation', async () => {
    await noteMany([audit], 2);
    await noteMany([new AuditService(sipas.services.connection, 'another secret', () => NOON)], 1);
    expect((await audit.verify()).problems).toEqual(['Entry 3 was changed.']);
  });

  it('shows an end that was taken off and written anew', async () => {
    await noteMany([audit], 4);
    const head = await sipas.services.connection.collection('audit_head').findOne({});
    await entries().deleteMany({ _id: { $gt: 3 } });
    await audit.note({ action: 'export', subject: 'in its place' }, 'done');
    await sipas.services.connection.collection('audit_head').replaceOne({ _id: head!._id }, head!);
    expect((await audit.verify()).problems).toEqual([
      'Entry 4 is not the one that was written: the head of the chain has another seal.',
    ]);
  });
});

describe('a change', () => {
  const event = { action: 'centre.add', subject: 'TT1' } as const;
  const stored = () => entries().find({}).sort({ _id: 1 }).toArray();
  const outcomes = async () => (await stored()).map(({ outcome }: AuditRecord) => outcome);

  it('is recorded before it is made, and again when it is done', async () => {
    const seen = await audit.change(event, () => outcomes());
    expect(seen).toEqual(['intended']);
    expect(await outcomes()).toEqual(['intended', 'done']);
  });

  it('that is refused is recorded as such', async () => {
    await expect(audit.change(event, () => Promise.reject(new NotFoundError()))).rejects.toThrow(NotFoundError);
    expect(await audit.list({}, 10)).toMatchObject([{ subject: 'TT1', outcome: 'refused' }]);
  });

  it('is not made when it cannot be recorded', async () => {
    const work = jest.fn();
    await sipas.services.connection.db!.command({
      collMod: 'audit',
      validator: { subject: { $ne: 'TT1' } },
    });
    await expect(audit.change(event, work)).rejects.toThrow();
    expect(work).not.toHaveBeenCalled();
  });

  it('that is under way is waited for until it is recorded', async () => {
    const end = await new Promise<() => void>((begun) => {
      void audit.change(event, () => new Promise<void>((ended) => begun(ended)));
    });
    const settled = audit.settled();
    end();
    await settled;
    expect(await outcomes()).toEqual(['intended', 'done']);
  });

  it('whose end nobody saw is shown as unknown', async () => {
    await new Promise<void>((begun) => {
      void audit.change(event, () => {
        begun();
        return new Promise(() => undefined);
      });
    });
    expect(await audit.list({}, 10)).toMatchObject([{ outcome: 'unknown' }]);
  });
});
