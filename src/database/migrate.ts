import type { Connection } from 'mongoose';
import { READ_LIMIT_MS } from './connect.js';
import { Lease } from './lease.js';
import { migrations } from './migrations/index.js';

/** One numbered change of stored data, safe to run again after a crash in the middle. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  run(connection: Connection): Promise<void>;
}

interface MigrationRecord {
  _id: number;
  name: string;
  appliedAt: Date;
}

const LEASE_MS = 60_000;
const RETRY_MS = 250;

/**
 * Runs the migrations this database has not seen, in order, one process at a time; the others wait until it is done.
 */
export async function migrate(connection: Connection, steps: readonly Migration[] = migrations): Promise<void> {
  const applied = connection.collection<MigrationRecord>('migrations');
  const lease = new Lease(connection, 'migrations', LEASE_MS);
  while ((await applied.countDocuments({}, { maxTimeMS: READ_LIMIT_MS })) < steps.length) {
    if (!(await lease.take())) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      continue;
    }
    try {
      for (const step of steps) {
        if (await applied.findOne({ _id: step.number }, { maxTimeMS: READ_LIMIT_MS })) continue;
        await lease.take();
        await step.run(connection);
        await applied.insertOne({ _id: step.number, name: step.name, appliedAt: new Date() });
      }
    } finally {
      await lease.release();
    }
  }
}
