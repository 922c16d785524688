import { rmSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { systemClock } from '../clock.js';
import { criteriaExport } from '../features/exports/exports.criteria.js';
import { DELIMITER_NAMES } from '../features/exports/exports.csv.js';
import { bytesOf, FORMATS } from '../features/exports/exports.formats.js';
import { exportFacts } from '../features/exports/exports.facts.js';
import { counting, type Export } from '../features/exports/exports.tables.js';
import { GROUPINGS } from '../features/reports/reports.types.js';
import { checkReportQuery, type ReportQuery } from '../features/reports/reports.validators.js';
import type { Services } from '../services.js';
import type { Arguments } from './arguments.js';
import { CommandError, UsageError, type Command, type Context, type Option } from './command.js';
import { reasonOf } from './files.js';
import { knownScope } from './scope.js';
import { counted } from './text.js';

const QUERY_OPTIONS = {
  from: { type: 'string', value: 'DAY', about: 'first day, such as 2026-11-01' },
  to: { type: 'string', value: 'DAY', about: 'last day, included; without any range, this month so far' },
  period: { type: 'string', value: 'P', about: '2026, 2026-H1, 2026-9M, 2026-Q4, 2026-11, 2026-W47 or 2026-11-22' },
  scope: { type: 'string', value: 'CODE', about: 'unit or centre, with everything below it' },
  unit: { type: 'string', value: 'CODE', about: 'a unit' },
  centre: { type: 'string', value: 'CODE', about: 'a centre' },
  questionnaire: { type: 'string', value: 'Q', about: 'one questionnaire only' },
} as const satisfies Record<string, Option>;

const OUTPUT_OPTIONS = {
  format: { type: 'string', value: FORMATS.join('|'), about: 'csv unless given' },
  delimiter: { type: 'string', value: 'D', about: `of a CSV: ${DELIMITER_NAMES.join(' or ')}; a comma unless given` },
  out: { type: 'string', value: 'FILE', about: 'file to write when complete; else standard output' },
} as const satisfies Record<string, Option>;

const responses: Command = {
  summary: 'write the responses of a range as CSV or XLSX',
  options: { ...QUERY_OPTIONS, ...OUTPUT_OPTIONS },
  run: (context, args) =>
    // Who commands the machine can read the database itself; what is exported can be imported again as it was.
    writeExport(context, args, async ({ exports }, query, scope) =>
      exports.responses({ ...query, scope, comments: 'as-written' }),
    ),
};

const satisfaction: Command = {
  summary: 'write a satisfaction report as CSV or XLSX',
  options: {
    ...QUERY_OPTIONS,
    groupBy: { type: 'string', value: 'G', about: `${GROUPINGS.join(', ')}; centre unless given` },
    ...OUTPUT_OPTIONS,
  },
  run: (context, args) =>
    writeExport(context, args, async ({ exports, reports, tallies, now }, query, scope) => {
      await tallies.catchUp(now());
      return exports.satisfaction(await reports.satisfaction({ ...query, scope }));
    }),
};

const criteria: Command = {
  summary: 'write the answers by unit, factor and criterion as CSV or XLSX',
  options: { ...QUERY_OPTIONS, ...OUTPUT_OPTIONS },
  run: (context, args) =>
    writeExport(context, args, async ({ criteria: service, tallies, now }, { range, questionnaire }, scope) => {
      await tallies.catchUp(now());
      return criteriaExport(await service.criteria({ range, scope, questionnaire }));
    }),
};

export const exportCommands = {
  'export responses': responses,
  'export satisfaction': satisfaction,
  'export criteria': criteria,
};

type Scope = Parameters<Services['exports']['responses']>[0]['scope'];
type MakeExport = (services: Services, query: ReportQuery, scope: Scope) => Promise<Export>;

async function writeExport(context: Context, args: Arguments, make: MakeExport) {
  const format = args.oneOf('format', FORMATS) ?? 'csv';
  const delimiter = args.oneOf('delimiter', DELIMITER_NAMES);
  if (format !== 'csv' && delimiter !== undefined) throw new UsageError('--delimiter is for --format csv.');
  const file = args.text('out');
  if (args.flag('json') && file === undefined) throw new UsageError('--json needs --out FILE.');
  const query = await readQuery(args);
  const services = await context.open();
  const wholeScope = await knownScope(services, args.text('scope'));
  const scope = await services.scopes.select({ scope: wholeScope }, query);
  const made = await make(services, query, scope);
  const bytes = (rows: Export) => bytesOf(rows, format, delimiter ?? ',');
  let rows = 0;
  const watched = counting(made, (sofar) => {
    rows = sofar;
    if (file !== undefined) context.progress(counted(rows, 'row'));
  });
  const event = { action: 'export', subject: made.table.name, after: exportFacts(query, scope.code) } as const;
  const write = () =>
    file === undefined ? writeToReader(bytes(watched), context.output) : writeToFile(bytes(watched), file);
  await services.audit.change(event, write, () => ({ rows }));
  if (file === undefined) return null;
  const { from, to } = query.range;
  return { data: { file, rows, from, to }, text: `Wrote ${counted(rows, 'row')} of ${from} to ${to} to ${file}.` };
}

/** @throws UsageError naming the option that is wrong */
async function readQuery(args: Arguments): Promise<ReportQuery> {
  const names = [...Object.keys(QUERY_OPTIONS), 'groupBy'];
  const given = Object.fromEntries(names.map((name) => [name, args.text(name) ?? '']));
  const checked = await checkReportQuery(given, systemClock());
  if (checked.ok) return checked.query;
  throw new UsageError(checked.errors.map(({ path, message }) => `--${path}: ${message}`).join('; '));
}

/** A reader that has seen enough, such as `head`, ends an export without complaint. */
async function writeToReader(bytes: Readable, output: Context['output']): Promise<void> {
  try {
    await pipeline(bytes, output, { end: false });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) throw error;
  }
}

/** Writes beside the file and puts it in its place when complete, so that a part never looks like the whole. */
async function writeToFile(bytes: Readable, file: string): Promise<void> {
  const temporary = `${file}.${process.pid}.part`;
  const refuse = (error: unknown): never => {
    throw new CommandError(`${file} cannot be written: ${reasonOf(error)}.`);
  };
  const handle = await open(temporary, 'wx').catch(refuse);
  // Also when a signal ends the process half way.
  const discard = () => rmSync(temporary, { force: true });
  process.once('exit', discard);
  try {
    await pipeline(bytes, handle.createWriteStream({ flush: true }));
    await rename(temporary, file).catch(refuse);
  } finally {
    discard();
    process.off('exit', discard);
  }
}
