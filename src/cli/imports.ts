import { basename } from 'node:path';
import type { Facts } from '../features/audit/audit.model.js';
import type { AuditService } from '../features/audit/audit.service.js';
import type { CatalogueService } from '../features/catalogue/catalogue.service.js';
import type { DossierCounts } from '../features/imports/dossier-imports.service.js';
import { openDossierImport, openImport, openOtherIndexImport } from '../features/imports/imports.files.js';
import type { ImportCounts } from '../features/imports/imports.service.js';
import type { Command } from './command.js';
import { openInput, STDIN } from './files.js';
import { RejectedFile } from './rejected-file.js';

const responses: Command = {
  summary: 'store the responses of a CSV or NDJSON file; - is standard input; refused lines go to FILE.rejected',
  operands: { usage: 'FILE', min: 1, max: 1 },
  options: {},
  async run({ open, input, progress }, args) {
    const name = args.operand(0);
    const source = await openInput(name, input);
    const { audit, imports, tallies, catalogue, now } = await open();
    const file = await openImport(source, basename(name), itemCodes(catalogue));
    const rejected = new RejectedFile(`${name === STDIN ? 'stdin' : name}.rejected`, file);
    const counts = await recorded<ImportCounts>(audit, 'responses', (tell) =>
      imports
        .importResponses(
          file.lines,
          (line) => rejected.add(line),
          (sofar) => {
            tell(sofar);
            progress(countsText(sofar));
          },
        )
        .finally(() => rejected.close()),
    );
    await tallies.catchUp(now());
    const path = await rejected.close();
    return { data: { ...counts, rejected: path }, text: countsText(counts) + whereRejected(path) };
  },
};

const dossiers: Command = {
  summary: 'store the dossiers of a CSV or NDJSON file; - is standard input; refused lines go to FILE.rejected',
  operands: { usage: 'FILE', min: 1, max: 1 },
  options: {},
  async run({ open, input, progress }, args) {
    const name = args.operand(0);
    const source = await openInput(name, input);
    const { audit, dossierImports, dossierTallies } = await open();
    const file = await openDossierImport(source, basename(name));
    const rejected = new RejectedFile(`${name === STDIN ? 'stdin' : name}.rejected`, file);
    const counts = await recorded<DossierCounts>(audit, 'dossiers', (tell) =>
      dossierImports
        .importDossiers(
          file.lines,
          (line) => rejected.add(line),
          (sofar) => {
            tell(sofar);
            progress(dossierCountsText(sofar));
          },
        )
        .finally(() => rejected.close()),
    );
    await dossierTallies.catchUp();
    const path = await rejected.close();
    return { data: { ...counts, rejected: path }, text: dossierCountsText(counts) + whereRejected(path) };
  },
};

const otherIndices: Command = {
  summary: 'store the indices of a CSV or NDJSON file that others publish; refused lines go to FILE.rejected',
  operands: { usage: 'FILE', min: 1, max: 1 },
  options: {},
  async run({ open, input }, args) {
    const name = args.operand(0);
    const source = await openInput(name, input);
    const { otherIndices: service } = await open();
    const file = await openOtherIndexImport(source, basename(name));
    const rejected = new RejectedFile(`${name === STDIN ? 'stdin' : name}.rejected`, file);
    const counts = await service.importLines(file.lines, (line) => rejected.add(line)).finally(() => rejected.close());
    const path = await rejected.close();
    const { stored, updated, invalid } = counts;
    const text = `stored ${stored}, updated ${updated}, invalid ${invalid}`;
    return { data: { ...counts, rejected: path }, text: text + whereRejected(path) };
  },
};

export const importCommands = {
  'import indices': otherIndices,
  'import responses': responses,
  'import dossiers': dossiers,
};

/** Records an import with its counts: all of them, or those so far where it breaks off. */
function recorded<C extends ImportCounts | DossierCounts>(
  audit: AuditService,
  subject: string,
  run: (tell: (counts: C) => void) => Promise<C>,
): Promise<C> {
  let facts: Facts = {};
  const tell = (counts: C) => {
    facts = { ...counts };
  };
  const work = async () => {
    const counts = await run(tell);
    tell(counts);
    return counts;
  };
  return audit.change({ action: 'import', subject }, work, () => facts);
}

function whereRejected(path: string | null): string {
  return path === null ? '' : `\nThe lines not stored, with the reasons, are in ${path}.`;
}

function dossierCountsText({ stored, updated, unchanged, invalid }: DossierCounts): string {
  return `stored ${stored}, updated ${updated}, unchanged ${unchanged}, invalid ${invalid}`;
}

function countsText({ stored, duplicate, conflict, invalid }: ImportCounts): string {
  return `stored ${stored}, duplicate ${duplicate}, conflict ${conflict}, invalid ${invalid}`;
}

/** The codes of every item of every questionnaire: the columns that hold answers. */
function itemCodes(catalogue: CatalogueService): Set<string> {
  const versions = catalogue.questionnaires().flatMap(({ id }) => catalogue.versions(id));
  return new Set(versions.flatMap(({ items }) => items.map(({ code }) => code)));
}
