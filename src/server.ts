import { createServer } from 'node:http';
import pino from 'pino';
import { createApp } from './app.js';
import { systemClock } from './clock.js';
import { ConfigError, readConfig, type Config } from './config.js';
import { openDatabase } from './database/open.js';
import { firstStart } from './features/first-start.js';
import { limitHeapGrowth } from './heap.js';
import { startJobs } from './jobs.js';
import { createServices } from './services.js';
import { Readiness } from './web/setUpHealth.js';

/** How long requests under way may take to end when the server stops. */
const DRAIN_MS = 10_000;
const STOP_LIMIT_MS = 30_000;

async function main(): Promise<void> {
  limitHeapGrowth();
  const config = readConfig(process.env);
  const log = pino({ level: config.logLevel }, pino.destination({ fd: 2, sync: false }));
  const database = await openDatabase(config);
  const services = await createServices(database.connection, config, systemClock);
  const readiness = new Readiness(database.connection);
  const server = createServer(createApp({ services, config, readiness, log }));
  await listen(server, config);
  const jobs = startJobs(services, config, log);
  await firstStart(services, config, (line) => console.log(line));

  const stop = async () => {
    readiness.stop();
    // Whatever hangs, what was accepted is on disk: the next start goes on from there.
    setTimeout(() => fail(new Error('The server did not stop in time and was ended.')), STOP_LIMIT_MS).unref();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    const patience = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    await closed;
    clearTimeout(patience);
    await jobs.stop();
    await services.audit.settled();
    await database.close();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stop().then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
    });
  }
}

function listen(server: ReturnType<typeof createServer>, { host, port }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const problem = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on: ${error.message}`;
      reject(new ConfigError(`PORT must be a free port, but ${host}:${port} ${problem}.`));
    });
    server.listen(port, host, resolve);
  });
}

function fail(error: unknown): never {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

main().catch(fail);
