import { parseHours, timesText } from '../domain/opening-hours.js';
import { localDay } from '../domain/period.js';
import { ValidationError, type FieldError } from '../errors.js';
import { CENTRE_LEVELS } from '../features/centres/centres.model.js';
import { unguarded } from '../features/exports/exports.csv.js';
import { ImportFileError } from '../features/imports/imports.errors.js';
import { BROKEN_QUOTE, openTable } from '../features/imports/imports.files.js';
import { CommandError, UsageError, type Command } from './command.js';
import { openInput } from './files.js';
import { counted } from './text.js';

const REQUIRED_COLUMNS = ['code', 'name', 'unit'];
const COLUMNS = [...REQUIRED_COLUMNS, 'level'];
/** More wrong cells than this are counted, not listed. */
const LISTED_ERRORS = 50;

const add: Command = {
  summary: 'add a centre',
  options: {
    code: { type: 'string', value: 'C', required: true, about: 'code of the centre' },
    name: { type: 'string', value: 'N', required: true, about: 'its name' },
    unit: { type: 'string', value: 'UNITCODE', required: true, about: 'code of the unit it belongs to' },
    level: { type: 'string', value: CENTRE_LEVELS.join('|'), about: "its level; without it, the unit's" },
  },
  async run({ open }, args) {
    const [code, name, unit] = [args.required('code'), args.required('name'), args.required('unit')];
    const level = args.oneOf('level', CENTRE_LEVELS);
    const { centres } = await open();
    const centre = await centres.add({ code, name, unit, ...(level === undefined ? {} : { level }) });
    return {
      data: centre,
      text: `Added centre ${centre.code}, ${centre.name} (${centre.level}, unit ${centre.unit}).`,
    };
  },
};

const importFile: Command = {
  summary: `add the centres of a CSV with the columns ${COLUMNS.join(',')}, or none when one is wrong`,
  operands: { usage: 'FILE.csv', min: 1, max: 1 },
  options: {},
  async run({ open, input }, args) {
    const rows = await readCentres(await openInput(args.operand(0), input));
    const { centres } = await open();
    try {
      const result = await centres.addAll(rows.map(({ cells }) => cells));
      const data = { added: result.added.length, present: result.present.length };
      return { data, text: `Added ${counted(data.added, 'centre')}; ${data.present} were there already.` };
    } catch (error) {
      if (error instanceof ValidationError) throw wrongRows(error.errors, rows);
      throw error;
    }
  },
};

const hours: Command = {
  summary: 'show or say when a centre is open; ratings at its kiosks at other times are flagged out-of-hours',
  operands: { usage: 'CODE', min: 1, max: 1 },
  options: {
    days: { type: 'string', value: 'D', about: 'such as 1-5 or 1,3,6; 1 = Monday … 7 = Sunday' },
    times: { type: 'string', value: 'T', about: 'such as 07:30-11:30,13:30-17:00' },
    clear: { type: 'boolean', about: 'forget the hours; no rating is flagged any more' },
  },
  async run({ open }, args) {
    const code = args.operand(0);
    const [days, times] = [args.text('days'), args.text('times')];
    const given = days === undefined && times === undefined ? undefined : parseHours(days ?? '', times ?? '');
    if (given === null)
      throw new UsageError('--days and --times must both say when it is open, such as 1-5 and 07:30-17:00.');
    if (given && args.flag('clear')) throw new UsageError('Give hours or --clear, not both.');
    const { centres } = await open();
    if (!(await centres.find(code))) throw new CommandError(`there is no centre ${code}.`);
    if (given || args.flag('clear')) await centres.setHours(code, given ?? null);
    const said = (await centres.hoursOf([code])).get(code) ?? null;
    const text = said
      ? `${code} is open on days ${said.days.join(', ')} at ${timesText(said)}.`
      : `${code} has not said its hours.`;
    return { data: { code, hours: said }, text };
  },
};

const close: Command = {
  summary: 'close a centre, or merge it into another; its answers and reports stay as they are',
  operands: { usage: 'CODE', min: 1, max: 1 },
  options: {
    on: { type: 'string', value: 'DAY', about: 'its last day of work, such as 2026-06-30; without it, today' },
    into: { type: 'string', value: 'CODE', about: 'the centre that goes on with its work' },
  },
  async run({ open }, args) {
    const code = args.operand(0);
    const successor = args.text('into');
    const { centres, now } = await open();
    const on = args.text('on') ?? localDay(now());
    await centres.close(code, { on, ...(successor === undefined ? {} : { successor }) });
    const into = successor === undefined ? '' : `; ${successor} goes on with its work`;
    return { data: { code, on, successor: successor ?? null }, text: `${code} is closed after ${on}${into}.` };
  },
};

const reopen: Command = {
  summary: 'let a closed centre work again; its successor is forgotten',
  operands: { usage: 'CODE', min: 1, max: 1 },
  options: {},
  async run({ open }, args) {
    const code = args.operand(0);
    await (await open()).centres.reopen(code);
    return { data: { code }, text: `${code} is at work again.` };
  },
};

export const centreCommands = {
  'centre close': close,
  'centre reopen': reopen,
  'centre add': add,
  'centre import': importFile,
  'centre hours': hours,
};

interface CentreRow {
  readonly number: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** @throws ImportFileError when it is no such CSV */
async function readCentres(source: NodeJS.ReadableStream): Promise<CentreRow[]> {
  const { header, rows } = await openTable(source);
  const missing = REQUIRED_COLUMNS.filter((column) => !header.includes(column));
  if (missing.length > 0)
    throw new ImportFileError('columns-missing', `The CSV lacks the columns ${missing.join(', ')}.`);
  const unknown = header.filter((column) => !COLUMNS.includes(column));
  if (unknown.length > 0) {
    throw new ImportFileError('columns-unknown', `The CSV has columns that are not known: ${unknown.join(', ')}.`);
  }
  const read: CentreRow[] = [];
  for await (const row of rows) {
    const { number } = row;
    if ('broken' in row) throw new ImportFileError('row', `Row ${number} ${BROKEN_QUOTE}.`);
    const { cells } = row;
    if (cells.length !== header.length) {
      throw new ImportFileError('row', `Row ${number} has ${cells.length} cells, the header has ${header.length}.`);
    }
    const entries = header.map((column, index) => [column, unguarded(cells[index] ?? '').trim()] as const);
    read.push({
      number,
      cells: Object.fromEntries(entries.filter(([column, cell]) => column !== 'level' || cell !== '')),
    });
  }
  return read;
}

/** Names every wrong cell by its row, as a spreadsheet counts, and its column. */
function wrongRows(errors: readonly FieldError[], rows: readonly CentreRow[]): CommandError {
  const lines = errors.slice(0, LISTED_ERRORS).map(({ path, message }) => {
    const [, index = '', column = ''] = /^\[(\d+)\]\.(.*)$/.exec(path) ?? [];
    return `  row ${rows[Number(index)]?.number ?? '?'}, ${column}: ${message}`;
  });
  const more = errors.length > lines.length ? [`  and ${errors.length - lines.length} more`] : [];
  return new CommandError([`nothing was added, ${counted(errors.length, 'error')}:`, ...lines, ...more].join('\n'));
}
