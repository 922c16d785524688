import { auditCommands } from './audit.js';
import { centreCommands } from './centres.js';
import { databaseCommands } from './databases.js';
import { demoCommands } from './demo.js';
import { exportCommands } from './exports.js';
import { helpCommand, type CommandTable } from './help.js';
import { importCommands } from './imports.js';
import { kioskCommands } from './kiosks.js';
import { localeCommands } from './locales.js';
import { recountCommands } from './recount.js';
import { retentionCommands } from './retention.js';
import { ticketCommands } from './tickets.js';
import { tokenCommands } from './tokens.js';
import { userCommands } from './users.js';
import { webhookCommands } from './webhooks.js';

/** Every command of `sipas` (contract §2), by the one or two words of its name. */
export const commands: CommandTable = {
  ...userCommands,
  ...tokenCommands,
  ...centreCommands,
  ...kioskCommands,
  ...ticketCommands,
  ...importCommands,
  ...exportCommands,
  ...localeCommands,
  ...recountCommands,
  ...auditCommands,
  ...webhookCommands,
  ...retentionCommands,
  ...databaseCommands,
  ...demoCommands,
  help: helpCommand(() => commands),
};
