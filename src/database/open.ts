import { connect } from 'node:net';
import type { Connection } from 'mongoose';
import { ConfigError, type Config } from '../config.js';
import {
  DataDirInUseError,
  embeddedMongoSocket,
  startEmbeddedMongo,
  type EmbeddedMongo,
  type EmbeddedMongoOptions,
} from '../embedded-mongo/index.js';
import { connectDatabase } from './connect.js';
import { createIndexes } from './indexes.js';
import { clearLeases } from './lease.js';
import { migrate } from './migrate.js';

/** An open database, ready for use. */
export interface Database {
  readonly connection: Connection;
  close(): Promise<void>;
}

type DatabaseConfig = Pick<Config, 'mongodbUri' | 'dataDir' | 'embeddedPort'>;

/**
 * Opens the database of this installation: the MongoDB of `MONGODB_URI`, else the embedded one in the data directory,
 * with indexes made and migrations run.
 */
export async function openDatabase(config: DatabaseConfig): Promise<Database> {
  if (config.mongodbUri !== undefined) return prepare(await connectDatabase(config.mongodbUri));
  const engine = await startEngine({
    dataDir: config.dataDir,
    ...(config.embeddedPort === undefined ? {} : { port: config.embeddedPort }),
  });
  return openEmbedded(engine);
}

/**
 * The same for a command beside the server: a running server's embedded database is used through its socket,
 * and only when none runs is the database opened here, under a name of its own so that nobody connects to a
 * process that is about to end.
 */
export async function openDatabaseBesideServer(config: DatabaseConfig): Promise<Database> {
  if (config.mongodbUri !== undefined) return prepare(await connectDatabase(config.mongodbUri));
  const socket = embeddedMongoSocket(config.dataDir);
  if (socket !== undefined && (await answers(socket))) {
    return prepare(await connectDatabase(`mongodb://${encodeURIComponent(socket)}/?directConnection=true`));
  }
  return openEmbedded(await startEngine({ dataDir: config.dataDir, socketName: 'command.sock' }));
}

/** @throws ConfigError when the data directory cannot be used, and what a damaged data file throws */
async function startEngine(options: EmbeddedMongoOptions): Promise<EmbeddedMongo> {
  try {
    return await startEmbeddedMongo(options);
  } catch (error) {
    if (error instanceof DataDirInUseError) {
      throw new ConfigError(`SIPAS_DATA_DIR must be a directory of its own. ${error.message}`);
    }
    if (error instanceof Error && /^E[A-Z]+: /.test(error.message)) {
      throw new ConfigError(`SIPAS_DATA_DIR must be a directory this user can write: ${error.message}.`);
    }
    throw error;
  }
}

async function openEmbedded(engine: EmbeddedMongo): Promise<Database> {
  const connection = await connectDatabase(engine.uri);
  await clearLeases(connection);
  const database = await prepare(connection);
  return {
    connection,
    async close() {
      await database.close();
      await engine.close();
    },
  };
}

/** A connection that is left open would keep a command that fails from ending. */
async function prepare(connection: Connection): Promise<Database> {
  try {
    await createIndexes(connection);
    await migrate(connection);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return { connection, close: () => connection.close() };
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
