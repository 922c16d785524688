import { writeFile } from 'node:fs/promises';
import { DEFAULT_QUESTIONNAIRE } from '../features/centres/known-place.js';
import { CommandError, type Command } from './command.js';
import { reasonOf } from './files.js';
import { columns } from './text.js';

const create: Command = {
  summary: "make a ticket for rating on a citizen's own phone, and a sheet with its QR code to print",
  options: {
    centre: { type: 'string', value: 'C', required: true, about: 'code of the centre' },
    counter: { type: 'string', value: 'X', about: 'a counter of it' },
    dossier: { type: 'string', value: 'D', about: 'code of a dossier: the ticket is for it alone, once' },
    procedure: { type: 'string', value: 'P', about: 'code of the procedure' },
    officer: { type: 'string', value: 'O', about: 'code of the officer' },
    questionnaire: { type: 'string', value: 'Q', about: `what it asks; ${DEFAULT_QUESTIONNAIRE} unless given` },
    days: { type: 'string', value: 'N', about: 'days it is good for; for a dossier 90, else no end unless given' },
    sheet: { type: 'string', value: 'FILE.svg', about: 'file to write the sheet to' },
  },
  async run({ open }, args) {
    const centre = args.required('centre');
    const days =
      args.text('days') === undefined ? {} : { days: args.wholeNumber('days', { or: 1, min: 1, max: 3650 }) };
    const { tickets } = await open();
    const said = Object.fromEntries(
      ['counter', 'dossier', 'procedure', 'officer', 'questionnaire'].flatMap((name) => {
        const value = args.text(name);
        return value === undefined ? [] : [[name, value] as const];
      }),
    );
    const { ticket, url, expiresAt } = await tickets.make({ centre, ...said, ...days });
    const sheet = args.text('sheet');
    if (sheet !== undefined) await writeSheet(sheet, await tickets.sheetOf(ticket));
    const data = { ticket, url, expiresAt: expiresAt?.toISOString() ?? null, sheet: sheet ?? null };
    const rows = [
      ['url:', url],
      ['expires:', data.expiresAt ?? 'when it is called back'],
      ...(sheet === undefined ? [] : [['sheet:', sheet]]),
    ];
    return { data, text: columns(rows) };
  },
};

const recall: Command = {
  summary: 'call back every ticket for everyone made so far for a centre; those for dossiers stay good',
  options: { centre: { type: 'string', value: 'C', required: true, about: 'code of the centre' } },
  async run({ open }, args) {
    const centre = args.required('centre');
    await (await open()).centres.recallTickets(centre);
    return { data: { centre, recalled: true }, text: `Tickets for everyone at ${centre} are called back.` };
  },
};

async function writeSheet(file: string, svg: string): Promise<void> {
  await writeFile(file, svg).catch((error: unknown) => {
    throw new CommandError(`${file} cannot be written: ${reasonOf(error)}.`);
  });
}

export const ticketCommands = { 'ticket create': create, 'ticket recall': recall };
