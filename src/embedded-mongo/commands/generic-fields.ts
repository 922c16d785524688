import { formatValue } from '../bson/format.js';
import { Doc, isNullish, isNumeric, typeName, type Value } from '../bson/values.js';
import { badValue, failedToParse, MongoError, typeMismatch } from '../errors.js';
import { isTruthy, toInteger, toNumber } from '../query/types.js';
import { checkPart, checkKind, shape } from './fields.js';

/** @throws MongoError when a field that any command may carry asks for what a standalone server does not do. */
export function checkGenericFields(name: string, body: Doc): void {
  checkTransaction(body);
  checkApi(name, body);
  checkWriteConcern(name, body.get('writeConcern'));
  checkReadConcern(name, body);
  checkReadPreference(body.get('$readPreference'));
  checkMaxTime(body.get('maxTimeMS'));
}

/** A standalone server has neither transactions nor retryable writes. */
function checkTransaction(body: Doc): void {
  if (body.has('txnNumber'))
    throw new MongoError(20, 'Transaction numbers are only allowed on a replica set member or mongos');
  if (body.has('autocommit'))
    throw new MongoError(72, "'autocommit' field requires a transaction number to also be specified");
}

function checkApi(name: string, body: Doc): void {
  const version = body.get('apiVersion');
  for (const field of ['apiStrict', 'apiDeprecationErrors']) {
    const value = body.get(field);
    if (value === undefined) continue;
    checkKind(`APIParametersFromClient.${field}`, value, 'bool');
    if (version === undefined)
      throw new MongoError(4886600, 'Provided apiStrict and/or apiDeprecationErrors without passing apiVersion');
  }
  if (version === undefined) return;
  checkKind('APIParametersFromClient.apiVersion', version, 'string');
  if (version !== '1') throw new MongoError(322, `Cannot accept API version ${formatValue(version)}`);
  if (isTruthy(body.get('apiStrict')) && OUTSIDE_API.has(name))
    throw new MongoError(323, `Provided apiStrict:true, but the command ${name} is not in API Version 1`);
}

/** Commands that are not part of MongoDB's stable API. */
const OUTSIDE_API = new Set([
  'distinct',
  'serverStatus',
  'buildInfo',
  'getParameter',
  'renameCollection',
  'collStats',
  'dbStats',
  'connectionStatus',
  'isMaster',
  'ismaster',
]);

/** Commands that only read and take no write concern. */
const WITHOUT_WRITE_CONCERN = new Set([
  ...['find', 'getMore', 'killCursors', 'count', 'distinct', 'explain'],
  ...['listCollections', 'listDatabases', 'listIndexes', 'ping', 'hello', 'buildInfo', 'collStats', 'dbStats'],
]);

const WRITE_CONCERN = shape({
  w: 'any',
  j: 'flag',
  fsync: 'flag',
  wtimeout: 'any',
  wElectionId: 'any',
  wOpTime: 'any',
  getLastError: 'any',
  provenance: 'string',
});

/** Whatever is asked for, a write is flushed before it is acknowledged; but it must be something that can be. */
function checkWriteConcern(name: string, concern: Value | undefined): void {
  if (concern === undefined) return;
  if (!(concern instanceof Doc))
    throw typeMismatch(`"writeConcern" had the wrong type. Expected object, found ${typeName(concern)}`);
  if (WITHOUT_WRITE_CONCERN.has(name)) throw new MongoError(72, 'Command does not support writeConcern');
  checkPart(concern, 'WriteConcernOptions', WRITE_CONCERN);
  const w = concern.get('w');
  if (isNumeric(w)) {
    const members = toNumber(w);
    if (!(members >= 0 && members <= 50))
      throw failedToParse(`w has to be a non-negative number and not greater than 50; found: ${members}`);
    if (members > 1) throw badValue("cannot use 'w' > 1 when a host is not replicated");
  } else if (typeof w === 'string' && w !== 'majority')
    throw badValue(`cannot use non-majority 'w' mode "${w}" when a host is not a member of a replica set`);
}

const LEVELS = ['local', 'majority', 'linearizable', 'available', 'snapshot'];
const READ_CONCERN = new Set(['level', 'provenance', 'afterOpTime', 'afterClusterTime', 'atClusterTime']);
/** Commands that read documents and so may ask for more than the local state. */
const WITH_READ_CONCERN = new Set(['find', 'aggregate', 'count', 'distinct', 'explain']);

/** One server's state is both local and that of the majority. */
function checkReadConcern(name: string, body: Doc): void {
  const concern = body.get('readConcern');
  if (isNullish(concern)) return;
  if (!(concern instanceof Doc)) throw failedToParse('readConcern field should be an object');
  const unknown = [...concern.keys()].find((key) => !READ_CONCERN.has(key));
  if (unknown !== undefined) throw new MongoError(72, `Unrecognized option in readConcern: ${unknown}`);
  const level = concern.get('level');
  if (level !== undefined) checkLevel(name, level, body);
  for (const time of ['afterClusterTime', 'atClusterTime'])
    if (concern.has(time)) throw new MongoError(20, `Cannot specify ${time} readConcern without replication enabled`);
}

function checkLevel(name: string, level: Value, body: Doc): void {
  if (typeof level !== 'string')
    throw typeMismatch(`"level" had the wrong type. Expected string, found ${typeName(level)}`);
  if (!LEVELS.includes(level))
    throw failedToParse(
      "readConcern.level must be either 'local', 'majority', 'linearizable', 'available', or 'snapshot'",
    );
  const refused = (reason: string): MongoError =>
    new MongoError(
      72,
      `Command ${name} does not support { readConcern: { level: "${level}", provenance: "clientSupplied" } } :: caused by :: ${reason}`,
    );
  if (!WITH_READ_CONCERN.has(name) && level !== 'local' && level !== 'available')
    throw refused('read concern not supported');
  if (level === 'linearizable' && writesOut(body))
    throw refused("$out cannot be used with a 'linearizable' read concern level");
  if (level === 'snapshot')
    throw new MongoError(123, 'node needs to be a replica set member to use readConcern: snapshot');
  if (level === 'linearizable') throw new MongoError(123, 'node needs to be a replica set member to use read concern');
}

function writesOut(body: Doc): boolean {
  const pipeline = body.get('pipeline');
  const last = Array.isArray(pipeline) ? pipeline.at(-1) : undefined;
  return last instanceof Doc && (last.has('$out') || last.has('$merge'));
}

const MODES = ['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'];

function checkReadPreference(preference: Value | undefined): void {
  if (preference === undefined) return;
  if (!(preference instanceof Doc))
    throw typeMismatch(`$readPreference has incorrect type: expected object but got ${typeName(preference)}`);
  const mode = preference.get('mode');
  if (typeof mode !== 'string' || !MODES.includes(mode))
    throw badValue(
      `Could not parse $readPreference mode '${formatValue(mode ?? null)}'. Only the modes 'primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', and 'nearest' are supported.`,
    );
}

function checkMaxTime(value: Value | undefined): void {
  if (isNullish(value)) return;
  if (!isNumeric(value)) throw badValue('maxTimeMS must be a number');
  const milliseconds = toInteger(value);
  if (milliseconds === undefined) throw badValue('maxTimeMS has non-integral value');
  if (milliseconds < 0 || milliseconds > 2 ** 31 - 1)
    throw badValue(`${milliseconds} value for maxTimeMS is out of range [0, 2147483647]`);
}
