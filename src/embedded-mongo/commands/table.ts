import { MongoError, typeMismatch } from '../errors.js';
import {
  create,
  collMod,
  drop,
  dropDatabase,
  listCollections,
  listDatabases,
  renameCollection,
} from './collections.js';
import type { Handler } from './command.js';
import { explain, explainCommand } from './explain.js';
import { findAndModify } from './find-and-modify.js';
import { createIndexes, dropIndexes, listIndexes } from './indexes.js';
import { aggregate, count, distinct, find, getMore, killCursors } from './read.js';
import * as info from './server-info.js';
import { insert, remove, update } from './write.js';

const explainedOrRun: Handler = (request) => {
  const asked = request.body.get('explain');
  if (asked !== undefined && typeof asked !== 'boolean') throw typeMismatch('explain must be a boolean');
  return asked === true ? explainCommand(request, false) : aggregate(request);
};

/** All commands by name; names are matched exactly as MongoDB does. */
export const COMMANDS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['hello', info.hello],
  ['isMaster', info.isMaster],
  ['ismaster', info.isMaster],
  ['ping', info.nothing],
  ['buildInfo', info.buildInfo],
  ['buildinfo', info.buildInfo],
  ['getParameter', info.getParameter],
  ['connectionStatus', info.connectionStatus],
  ['serverStatus', info.serverStatus],
  ['whatsmyuri', info.whatsMyUri],
  ['hostInfo', info.hostInfo],
  ['getLog', info.getLog],
  ['getCmdLineOpts', info.getCmdLineOpts],
  ['collStats', info.collStats],
  ['dbStats', info.dbStats],
  ['endSessions', info.nothing],
  ['startSession', info.startSession],
  ['refreshSessions', info.nothing],
  ['killSessions', info.nothing],
  ['killAllSessions', info.nothing],
  ['killAllSessionsByPattern', info.nothing],
  ['bulkWrite', info.bulkWrite],
  ['logout', info.nothing],
  ['fsync', info.nothing],
  ['commitTransaction', info.transactionCommand],
  ['abortTransaction', info.transactionCommand],
  ['replSetGetStatus', info.replicaSetOnly],
  ['insert', insert],
  ['update', update],
  ['delete', remove],
  ['findAndModify', findAndModify],
  ['findandmodify', findAndModify],
  ['find', find],
  ['getMore', getMore],
  ['killCursors', killCursors],
  ['aggregate', explainedOrRun],
  ['count', count],
  ['explain', explain],
  ['distinct', distinct],
  ['create', create],
  ['drop', drop],
  ['dropDatabase', dropDatabase],
  ['renameCollection', renameCollection],
  ['collMod', collMod],
  ['listCollections', listCollections],
  ['listDatabases', listDatabases],
  ['createIndexes', createIndexes],
  ['dropIndexes', dropIndexes],
  ['deleteIndexes', dropIndexes],
  ['listIndexes', listIndexes],
]);

/** @throws MongoError 59 when there is no such command. */
export function findCommand(name: string): Handler {
  const handler = COMMANDS.get(name);
  if (!handler) throw new MongoError(59, `no such command: '${name}'`);
  return handler;
}
