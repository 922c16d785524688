import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from '../connect.js';
import type { Migration } from '../migrate.js';

interface Named {
  readonly _id: string;
}

/** Drafts say themselves where they come from; those begun under the version before named only their kiosk. */
export const draftPlaces: Migration = {
  number: 4,
  name: 'draft-places',
  async run(connection: Connection) {
    const drafts = connection.collection<Named & { readonly kiosk: string }>('drafts');
    const old = await drafts.find({ place: { $exists: false } }, { maxTimeMS: READ_LIMIT_MS }).toArray();
    for (const { _id, kiosk } of old) {
      const found = await connection
        .collection<Named & { readonly centre: string; readonly counter?: string }>('kiosks')
        .findOne({ _id: kiosk }, { maxTimeMS: READ_LIMIT_MS });
      if (!found) continue;
      const errand = found.counter === undefined ? {} : { counter: found.counter };
      const origin = { centre: found.centre, kiosk, channel: 'kiosk' };
      await drafts.updateOne({ _id }, { $set: { place: kiosk, origin, errand, flags: [] }, $unset: { kiosk: 1 } });
    }
  },
};
