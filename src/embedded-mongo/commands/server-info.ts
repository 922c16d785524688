import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Binary, Doc, double, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import { integerValue, asText } from '../query/types.js';
import { OK, type Handler, type Request } from './command.js';

const VERSION = '7.0.15';

/** Greeting of a standalone mongod. */
export const hello: Handler = (request) => greeting(request, 'isWritablePrimary');
export const isMaster: Handler = (request) => greeting(request, 'ismaster');

function greeting(request: Request, role: string): Doc {
  return OK({
    ...(request.body.get('helloOk') === true ? { helloOk: true } : {}),
    [role]: true,
    maxBsonObjectSize: 16777216,
    maxMessageSizeBytes: 48000000,
    maxWriteBatchSize: 100000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: request.connectionId,
    minWireVersion: 0,
    maxWireVersion: 21,
    readOnly: false,
  });
}

export const nothing: Handler = () => OK();

/** MongoDB 8.0's command for several collections at once, which 7.0 knows by name only. */
export const bulkWrite: Handler = () => {
  throw new MongoError(115, 'BulkWrite may not be run without featureFlagBulkWriteCommand enabled');
};

export const startSession: Handler = () =>
  OK({ id: Doc.of({ id: new Binary(randomBytes(16), 4) }), timeoutMinutes: 30 });

export const buildInfo: Handler = () =>
  OK({
    version: VERSION,
    gitVersion: 'embedded',
    modules: [],
    allocator: 'system',
    javascriptEngine: 'none',
    sysInfo: 'deprecated',
    versionArray: [7, 0, 15, 0],
    openssl: Doc.of({ running: 'disabled' }),
    bits: 64,
    debug: false,
    maxBsonObjectSize: 16777216,
    storageEngines: ['lmdb'],
  });

const PARAMETERS: Readonly<Record<string, Value>> = {
  featureCompatibilityVersion: Doc.of({ version: '7.0' }),
  authenticationMechanisms: [],
  enableTestCommands: false,
  ttlMonitorSleepSecs: 60,
  requireApiVersion: false,
};

export const getParameter: Handler = ({ body }) => {
  if (body.get('getParameter') === '*') return OK(PARAMETERS);
  const found = Object.entries(PARAMETERS).filter(([name]) => body.has(name));
  if (found.length === 0) throw new MongoError(72, 'no option found to get');
  return OK(Object.fromEntries(found));
};

export const connectionStatus: Handler = () =>
  OK({ authInfo: Doc.of({ authenticatedUsers: [], authenticatedUserRoles: [] }) });

export const serverStatus: Handler = ({ engine }) => {
  const uptime = (Date.now() - engine.startedAt) / 1000;
  const memory = process.memoryUsage();
  const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
  return OK({
    host: hostname(),
    version: VERSION,
    process: 'mongod',
    pid: BigInt(process.pid),
    uptime: double(Math.floor(uptime)),
    uptimeMillis: BigInt(Math.floor(uptime * 1000)),
    localTime: new Date(),
    connections: Doc.of({ current: engine.connections, available: 1000 }),
    opcounters: Doc.of(Object.fromEntries([...engine.counters].map(([name, n]) => [name, integerValue(n)]))),
    mem: Doc.of({ bits: 64, resident: megabytes(memory.rss), supported: true }),
    metrics: Doc.of({ cursor: Doc.of({ open: Doc.of({ total: BigInt(engine.cursors.size) }) }) }),
    storageEngine: Doc.of({ name: 'lmdb', persistent: true, supportsCommittedReads: true }),
  });
};

export const whatsMyUri: Handler = () => OK({ you: '127.0.0.1:0' });
export const hostInfo: Handler = () => OK({ system: Doc.of({ hostname: hostname(), currentTime: new Date() }) });
export const getLog: Handler = ({ body }) => {
  if (body.get('getLog') === '*') return OK({ names: ['global', 'startupWarnings'] });
  return OK({ totalLinesWritten: 0, log: [] });
};
export const getCmdLineOpts: Handler = () => OK({ argv: [], parsed: Doc.of({}) });

export const collStats: Handler = ({ engine, database, body }) => {
  const name = body.get('collStats') ?? body.get('collstats');
  const collection = engine.catalog.find(database, asText(name));
  return OK({
    ns: `${database}.${asText(name)}`,
    size: integerValue(collection?.bytes ?? 0),
    count: integerValue(collection?.count ?? 0),
    ...(collection && collection.count > 0 ? { avgObjSize: Math.floor(collection.bytes / collection.count) } : {}),
    storageSize: integerValue(collection?.bytes ?? 0),
    nindexes: collection?.indexes.length ?? 0,
    capped: false,
    scaleFactor: 1,
  });
};

export const dbStats: Handler = ({ engine, database }) => {
  const own = [...engine.catalog.collections].filter((collection) => collection.database === database);
  const total = (pick: (c: (typeof own)[number]) => number): Value =>
    integerValue(own.reduce((sum, c) => sum + pick(c), 0));
  return OK({
    db: database,
    collections: BigInt(own.length),
    views: BigInt([...engine.catalog.views].filter((view) => view.database === database).length),
    objects: total((c) => c.count),
    dataSize: total((c) => c.bytes),
    storageSize: total((c) => c.bytes),
    indexes: total((c) => c.indexes.length),
    ...(own.length > 0 ? { avgObjSize: averageOf(own) } : {}),
    scaleFactor: 1n,
  });
};

const averageOf = (collections: readonly { count: number; bytes: number }[]): Value => {
  const [count, bytes] = [collections.reduce((n, c) => n + c.count, 0), collections.reduce((n, c) => n + c.bytes, 0)];
  return double(count > 0 ? bytes / count : 0);
};

export const transactionCommand: Handler = () => {
  throw new MongoError(20, 'Transaction numbers are only allowed on a replica set member or mongos');
};

export const replicaSetOnly: Handler = () => {
  throw new MongoError(76, 'not running with --replSet');
};
