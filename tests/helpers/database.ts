import { EJSON } from 'bson';
import { UUID } from 'mongodb';
import type { Connection } from 'mongoose';
import { responseCollection, type ResponseRecord } from '../../src/features/responses/responses.model.js';

/** What requests may change; the rest of the catalogue is left out, as are leases and sessions, which come and go. */
const CHANGEABLE = [
  'responses',
  'dossiers',
  'dossier_marks',
  'dossier_tallies',
  'drafts',
  'errands',
  'export_jobs',
  'flags',
  'tallies',
  'tally_state',
  'accounts',
  'tokens',
  'centres',
  'kiosks',
  'questionnaires',
  'office_grade_tables',
  'office_units',
  'settings',
] as const;

/** Every document that a request could have changed, as text: equal texts are an unchanged database. */
export async function contents(connection: Connection): Promise<string> {
  const parts = await Promise.all(
    CHANGEABLE.map(async (name) => {
      const documents = await connection.collection(name).find({}, { maxTimeMS: 10_000 }).sort({ _id: 1 }).toArray();
      return `${name}\n${documents.map((document) => EJSON.stringify(document)).join('\n')}`;
    }),
  );
  return parts.join('\n\n');
}

/** Every document of every collection, as text, to look for what must not be there. */
export async function everything(connection: Connection): Promise<string> {
  const collections = (await connection.db?.listCollections().toArray()) ?? [];
  const parts = await Promise.all(
    collections.map(async ({ name }) => {
      const documents = await connection.collection(name).find({}, { maxTimeMS: 10_000 }).toArray();
      return `${name}\n${documents.map((document) => EJSON.stringify(document)).join('\n')}`;
    }),
  );
  return parts.join('\n\n');
}

/** The responses stored under an id: one or none. */
export async function storedResponses(connection: Connection, id: string): Promise<ResponseRecord[]> {
  return responseCollection(connection)
    .find({ _id: new UUID(id) }, { maxTimeMS: 10_000 })
    .toArray();
}
