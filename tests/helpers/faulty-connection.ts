import type { Connection } from 'mongoose';

/** When the connection breaks: before the database got the operation, after it did, or half-way through a bulk write. */
export type Breaking = 'before' | 'after' | 'halfway';

export class BrokenConnectionError extends Error {}

const WRITES_AND_READS = [
  ...['find', 'findOne', 'distinct', 'updateOne', 'updateMany', 'bulkWrite', 'findOneAndUpdate'],
  ...['replaceOne', 'deleteOne', 'insertOne', 'insertMany'],
];

/** A connection that works until its `at`-th operation (from 1), which breaks, as do all after it: a crash. */
export function breakingConnection(connection: Connection, at: number, how: Breaking): Connection {
  let operations = 0;
  return withOperations(connection, (name, run, args) => {
    operations += 1;
    if (operations < at) return run(args);
    // A cursor is not sent before it is read, so a find can only break before.
    if (operations > at || how === 'before' || name === 'find') throw new BrokenConnectionError();
    return breakAfter(run(how === 'halfway' && name === 'bulkWrite' ? half(args) : args));
  });
}

/** A connection on which `meanwhile` runs once, before the `nth` write of that name is sent: a process that stalls. */
export function pausingConnection(
  connection: Connection,
  { operation, nth = 1 }: { operation: string; nth?: number },
  meanwhile: () => Promise<void>,
): Connection {
  let seen = 0;
  return withOperations(connection, (name, run, args) => {
    if (name === operation) seen += 1;
    return name === operation && seen === nth ? meanwhile().then(() => run(args)) : run(args);
  });
}

function half([writes, ...rest]: unknown[]): unknown[] {
  return [Array.isArray(writes) ? writes.slice(0, Math.ceil(writes.length / 2)) : writes, ...rest];
}

async function breakAfter(result: unknown): Promise<never> {
  await result;
  throw new BrokenConnectionError();
}

type Operation = (name: string, run: (args: unknown[]) => unknown, args: unknown[]) => unknown;

function withOperations(connection: Connection, perform: Operation): Connection {
  return new Proxy(connection, {
    get: (target, property) =>
      property === 'collection'
        ? (name: string) => watched(target.collection(name), perform)
        : Reflect.get(target, property, target),
  });
}

function watched<T extends object>(collection: T, perform: Operation): T {
  return new Proxy(collection, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target);
      if (typeof member !== 'function' || !WRITES_AND_READS.includes(String(property))) return member;
      return (...args: unknown[]) => perform(String(property), (given) => Reflect.apply(member, target, given), args);
    },
  });
}
