import { readConfig, type Config } from '../config.js';
import { backupEmbedded, checkEmbedded, moveEmbedded } from '../database/maintenance.js';
import { CommandError, UsageError, type Command } from './command.js';
import { columns, counted } from './text.js';

const check: Command = {
  summary: 'verify the embedded database: every index against its documents',
  options: {},
  async run() {
    const report = await checkEmbedded(embeddedConfig());
    const table = columns([
      ['COLLECTION', 'DOCUMENTS', 'BYTES', 'INDEXES'],
      ...report.collections.map(({ namespace, documents, bytes, indexes }) => {
        return [namespace, String(documents), String(bytes), String(indexes.length)];
      }),
    ]);
    if (report.ok) return { data: report, text: `${table}\nThe database is sound.` };
    const failure = `${counted(report.problems.length, 'problem')} found.`;
    return { data: report, text: [table, ...report.problems].join('\n'), failure };
  },
};

const backup: Command = {
  summary: 'copy the embedded database into an empty directory, also while the server runs',
  operands: { usage: 'DIR', min: 1, max: 1 },
  options: {},
  async run(_context, args) {
    const report = await backupEmbedded(embeddedConfig(), args.operand(0));
    const { file, bytes, documents } = report;
    return { data: report, text: `Copied ${counted(documents, 'document')}, ${bytes} bytes, to ${file}.` };
  },
};

const move: Command = {
  summary: 'copy the embedded database to a MongoDB server and verify the copy; stop the server first',
  options: {
    to: { type: 'string', value: 'MONGODB_URI', required: true, about: 'the MongoDB to copy to' },
  },
  async run({ progress }, args) {
    const target = args.required('to');
    if (!/^mongodb(\+srv)?:\/\//.test(target)) throw new UsageError('--to must be a mongodb:// connection string.');
    const config = embeddedConfig();
    const collections = await moveEmbedded(config, target, (name, n) => progress(`${name}: ${n}`));
    const table = columns([
      ['COLLECTION', 'DOCUMENTS', 'SHA256'],
      ...collections.map(({ name, documents, checksum }) => [name, String(documents), checksum.slice(0, 16)]),
    ]);
    const next =
      'Both sides are equal. Start the server with MONGODB_URI and, so that sessions and dossier marks stay valid,\n' +
      `with SIPAS_SECRET set to the content of ${config.dataDir}/secret, unless it is set already.`;
    return { data: { collections }, text: `${table}\n${next}` };
  },
};

export const databaseCommands = { 'db check': check, 'db backup': backup, 'db move': move };

/** The configuration of an embedded installation. @throws CommandError when a MongoDB server is set */
function embeddedConfig(): Config {
  const config = readConfig(process.env);
  if (config.mongodbUri === undefined) return config;
  throw new CommandError('MONGODB_URI is set: this command is about the embedded database.');
}
