import { Error as MongooseErrors } from 'mongoose';
import { systemClock } from '../clock.js';
import { readConfig } from '../config.js';
import { openDatabaseBesideServer, type Database } from '../database/open.js';
import { createServices, type Services } from '../services.js';
import { CommandError } from './command.js';

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** The database as one command uses it: opened when first asked for, closed at the end and by signals too. */
export class Session {
  private database: Database | undefined;
  private closing: Promise<void> | undefined;
  private signalled: number | undefined;

  /** @throws ConfigError, CommandError when no database answers, and what an embedded database in use throws */
  async open(): Promise<Services> {
    const config = readConfig(process.env);
    this.database = await openDatabaseBesideServer(config).catch((error: unknown) => {
      if (!(error instanceof MongooseErrors.MongooseServerSelectionError)) throw error;
      throw new CommandError(`the database does not answer: ${error.message}`);
    });
    this.closeOnSignals();
    return createServices(this.database.connection, config, systemClock);
  }

  close(): Promise<void> {
    this.closing ??= this.database?.close() ?? Promise.resolve();
    return this.closing;
  }

  /** The exit code of the signal that ends this session, if one does. */
  interruption(): number | undefined {
    return this.signalled;
  }

  private closeOnSignals(): void {
    for (const [signal, exitCode] of Object.entries(SIGNALS)) {
      process.once(signal, () => {
        this.signalled = exitCode;
        void this.close().finally(() => process.exit(exitCode));
      });
    }
  }
}
