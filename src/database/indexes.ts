import type { IndexDescription } from 'mongodb';
import type { Connection } from 'mongoose';

const TALLY_INDEXES: readonly IndexDescription[] = [
  { name: 'centre_period', key: { centre: 1, kind: 1, period: 1 } },
  { name: 'period', key: { kind: 1, period: 1 } },
];

/**
 * Every index, in one place. What must be unique is either `_id` or starts with the collection's shard key
 * (`responses` on {centre, day}, `tallies` and `dossier_tallies` on {centre, period}, `dossier_marks` and `dossiers` on hashed _id), so it survives sharding.
 */
const INDEXES: Readonly<Record<string, readonly IndexDescription[]>> = {
  units: [
    { name: 'code_validity', key: { code: 1, validFrom: 1 }, unique: true },
    { name: 'parent', key: { parent: 1, code: 1 } },
  ],
  questionnaires: [{ name: 'id_version', key: { id: 1, version: 1 }, unique: true }],
  centres: [
    { name: 'unit', key: { unit: 1 } },
    { name: 'successor', key: { 'closed.successor': 1 }, sparse: true },
  ],
  kiosks: [
    { name: 'centre', key: { centre: 1 } },
    { name: 'pair_code', key: { pairCode: 1 }, unique: true, sparse: true },
  ],
  tokens: [
    { name: 'name', key: { name: 1 }, unique: true, sparse: true },
    { name: 'kiosk', key: { kiosk: 1 }, sparse: true },
  ],
  responses: [
    { name: 'centre_day', key: { centre: 1, day: 1 } },
    // Holds only what is not yet counted, so finding it stays cheap at any number of responses.
    { name: 'pending', key: { pending: 1, receivedAt: 1 }, partialFilterExpression: { pending: true } },
    // Holds only what retention may have to remove.
    { name: 'comment_day', key: { day: 1 }, partialFilterExpression: { comment: { $exists: true } } },
    // Lets `demo` refuse a database with real responses without scanning it.
    { name: 'synthetic', key: { synthetic: 1 }, sparse: true },
  ],
  dossier_marks: [{ name: 'created', key: { createdAt: 1 } }],
  dossiers: [
    // Holds only what the tallies do not have yet.
    { name: 'pending', key: { pending: 1 }, partialFilterExpression: { pending: { $exists: true } } },
    { name: 'counted_centre', key: { 'counted.centre': 1 } },
    { name: 'synthetic', key: { synthetic: 1 }, sparse: true },
  ],
  accounts: [
    { name: 'link', key: { 'link.hash': 1 }, sparse: true },
    { name: 'identity_name', key: { 'identity.name': 1 }, unique: true, sparse: true },
    { name: 'identity', key: { 'identity.subject': 1, 'identity.issuer': 1 }, unique: true, sparse: true },
  ],
  sign_in_attempts: [{ name: 'kept', key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
  sign_in_known: [{ name: 'kept', key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
  sessions: [
    { name: 'username', key: { 'session.username': 1 }, sparse: true },
    // Named as the library that keeps sessions would name it.
    { name: 'expires_1', key: { expires: 1 }, expireAfterSeconds: 0 },
  ],
  audit: [
    { name: 'outcome', key: { of: 1 }, sparse: true },
    { name: 'at', key: { at: 1 } },
    { name: 'actor', key: { 'actor.name': 1, _id: -1 } },
    { name: 'subject', key: { subject: 1, _id: -1 } },
  ],
  drafts: [{ name: 'due', key: { dueAt: 1 } }],
  dossier_tallies: TALLY_INDEXES,
  tallies: TALLY_INDEXES,
  export_jobs: [
    { name: 'owner', key: { owner: 1, requestedAt: -1 } },
    { name: 'state', key: { state: 1, requestedAt: 1 } },
    { name: 'expires', key: { expiresAt: 1 } },
  ],
  webhook_deliveries: [
    { name: 'due', key: { webhook: 1, dueAt: 1 } },
    // What was given up can still be looked at for a while.
    { name: 'kept', key: { createdAt: 1 }, expireAfterSeconds: 30 * 86_400 },
  ],
  account_counts: [{ name: 'kept', key: { until: 1 }, expireAfterSeconds: 0 }],
  errands: [
    { name: 'kiosk', key: { kiosk: 1, boundAt: -1 } },
    { name: 'bound', key: { boundAt: 1 } },
    // Longer than any kiosk is offline; what comes later still counts, bound to nothing.
    { name: 'kept', key: { until: 1 }, expireAfterSeconds: 60 * 86_400 },
  ],
};

/** Creates what is missing; an index that is there already costs nothing. */
export async function createIndexes(connection: Connection): Promise<void> {
  const made = Object.entries(INDEXES).map(([collection, indexes]) =>
    connection.collection(collection).createIndexes([...indexes]),
  );
  await Promise.all(made);
}
