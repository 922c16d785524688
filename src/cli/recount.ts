import type { TallyDifference } from '../features/tallies/tallies.service.js';
import type { Command } from './command.js';
import { columns, counted } from './text.js';

const recount: Command = {
  summary: 'recompute every tally from the stored responses and dossiers',
  options: {
    check: { type: 'boolean', about: 'only compare and print the differences; exit 1 if there are any' },
  },
  async run({ open }, args) {
    const check = args.flag('check');
    const { tallies, dossierTallies, now } = await open();
    const ofResponses = (await tallies.recount({ repair: !check })).map(formsOf);
    const ofDossiers = await dossierTallies.recount({ repair: !check });
    const differences = [...ofResponses, ...ofDossiers];
    if (!check) {
      await tallies.catchUp(now());
      await dossierTallies.catchUp();
    }
    const table = columns([['TALLY', 'STORED', 'RECOUNTED'], ...differences.map(asRow)]);
    const n = counted(differences.length, 'tally').replace(/tallys$/, 'tallies');
    if (differences.length === 0) return { data: { check, differences }, text: 'Every tally equals the recount.' };
    if (!check) return { data: { check, differences }, text: `${table}\nCorrected ${n}.` };
    return { data: { check, differences }, text: table, failure: `${n} not as recounted.` };
  },
};

export const recountCommands = { recount };

interface FormsDifference {
  readonly tally: string;
  /** Forms (of dossiers: those returned) counted; null where there is no such tally. Equal numbers differ in their answers. */
  readonly stored: number | null;
  readonly recounted: number | null;
}

function formsOf({ tally, stored, recounted }: TallyDifference): FormsDifference {
  return { tally, stored: stored?.forms ?? null, recounted: recounted?.forms ?? null };
}

function asRow({ tally, stored, recounted }: FormsDifference): string[] {
  return [tally, String(stored ?? '-'), String(recounted ?? '-')];
}
