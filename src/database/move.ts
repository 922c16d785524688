import { createHash } from 'node:crypto';
import type { ObjectId } from 'mongodb';
import type { Connection } from 'mongoose';
import { STREAM_LIMIT_MS } from './connect.js';
import { createIndexes } from './indexes.js';

/** One collection as it now is on both sides. */
export interface MovedCollection {
  readonly name: string;
  readonly documents: number;
  /** sha256 over all documents in the order of their ids. */
  readonly checksum: string;
}

/** What arrived is not what was sent; the source is as it was. */
export class MoveError extends Error {}

/** A document of any kind; its id is compared and written, never looked into. */
interface Identified {
  readonly _id: ObjectId;
}

/** Rights of running processes: worth nothing elsewhere. */
const LEFT_BEHIND = new Set(['leases']);
const BATCH = 1000;

/**
 * Copies every document of one database to another, each under its id, then compares both sides byte by byte. It may
 * be run again after a break: what is there already is written again as it is.
 * @throws MoveError when the target holds other documents than the source afterwards
 */
export async function moveDatabase(
  source: Connection,
  target: Connection,
  progress: (collection: string, documents: number) => void,
): Promise<MovedCollection[]> {
  await createIndexes(target);
  const moved: MovedCollection[] = [];
  for (const name of await collectionNames(source)) {
    await copy(source, target, name, (documents) => progress(name, documents));
    const [sent, arrived] = [await fingerprint(source, name), await fingerprint(target, name)];
    if (sent.checksum !== arrived.checksum) {
      throw new MoveError(
        `Collection ${name} has ${sent.documents} documents here and ${arrived.documents} there, and they differ. ` +
          'Is the target a database of its own, and does nothing else write to it?',
      );
    }
    moved.push({ name, ...sent });
  }
  return moved;
}

async function collectionNames(source: Connection): Promise<string[]> {
  const collections = (await source.db?.listCollections({}, { nameOnly: true }).toArray()) ?? [];
  return collections
    .map(({ name }) => name)
    .filter((name) => !LEFT_BEHIND.has(name))
    .sort();
}

async function copy(
  source: Connection,
  target: Connection,
  name: string,
  progress: (documents: number) => void,
): Promise<void> {
  // Values stay in the BSON type they have: an int stays an int, a double a double.
  const exact = { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true };
  const [from, to] = [source.collection<Identified>(name), target.collection<Identified>(name)];
  let batch: Identified[] = [];
  let copied = 0;
  const write = async () => {
    if (batch.length === 0) return;
    const writes = batch.map((document) => {
      return { replaceOne: { filter: { _id: document._id }, replacement: document, upsert: true } };
    });
    await to.bulkWrite(writes, { ordered: false });
    copied += batch.length;
    batch = [];
    progress(copied);
  };
  for await (const document of from.find({}, { ...exact, maxTimeMS: STREAM_LIMIT_MS })) {
    batch.push(document);
    if (batch.length === BATCH) await write();
  }
  await write();
}

async function fingerprint(connection: Connection, name: string): Promise<Omit<MovedCollection, 'name'>> {
  const hash = createHash('sha256');
  let documents = 0;
  const sorted = connection.collection(name).find({}, { raw: true, sort: { _id: 1 }, maxTimeMS: STREAM_LIMIT_MS });
  for await (const document of sorted) {
    const bytes: unknown = document;
    if (!Buffer.isBuffer(bytes)) throw new TypeError('A raw document is bytes');
    hash.update(bytes);
    documents += 1;
  }
  return { documents, checksum: hash.digest('hex') };
}
