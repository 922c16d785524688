import { basename } from 'node:path';
import type { Facts } from '../features/audit/audit.model.js';
import type { AuditService } from '../features/audit/audit.service.js';
import type { CatalogueService } from '../features/catalogue/catalogue.service.js';
import {
  openDossierImport,
  openImport,
  openOtherIndexImport,
  type ImportFile,
} from '../features/imports/imports.files.js';
import type { RejectedLine } from '../features/imports/imports.service.js';
import type { Services } from '../services.js';
import type { Command } from './command.js';
import { openInput, STDIN } from './files.js';
import { RejectedFile } from './rejected-file.js';

type Counts = Readonly<Record<string, number>>;
type Reject = (rejected: RejectedLine) => Promise<void>;

/** How the lines of one kind of file become what they stand for. */
interface Import {
  readonly summary: string;
  open(services: Services, source: AsyncIterable<unknown>, name: string): Promise<ImportFile>;
  /** Stores the lines, refuses those that are wrong, and tells its counts from time to time. */
  store(services: Services, file: ImportFile, reject: Reject, progress: (sofar: Counts) => void): Promise<Counts>;
  /** What makes the reports know of it. */
  settle?(services: Services): Promise<void>;
}

const responses = importCommand({
  summary: 'store the responses of a CSV or NDJSON file; - is standard input; refused lines go to FILE.rejected',
  open: ({ catalogue }, source, name) => openImport(source, name, itemCodes(catalogue)),
  store: ({ audit, imports }, { lines }, reject, progress) =>
    recorded(audit, 'responses', progress, (tell) => imports.importResponses(lines, reject, tell)),
  settle: ({ tallies, now }) => tallies.catchUp(now()),
});

const dossiers = importCommand({
  summary: 'store the dossiers of a CSV or NDJSON file; - is standard input; refused lines go to FILE.rejected',
  open: (_services, source, name) => openDossierImport(source, name),
  store: ({ audit, dossierImports }, { lines }, reject, progress) =>
    recorded(audit, 'dossiers', progress, (tell) => dossierImports.importDossiers(lines, reject, tell)),
  settle: ({ dossierTallies }) => dossierTallies.catchUp(),
});

const otherIndices = importCommand({
  summary: 'store the indices of a CSV or NDJSON file that others publish; refused lines go to FILE.rejected',
  open: (_services, source, name) => openOtherIndexImport(source, name),
  store: (services, { lines }, reject) => services.otherIndices.importLines(lines, reject),
});

function importCommand(kind: Import): Command {
  return {
    summary: kind.summary,
    operands: { usage: 'FILE', min: 1, max: 1 },
    options: {},
    async run({ open, input, progress }, args) {
      const name = args.operand(0);
      const source = await openInput(name, input);
      const services = await open();
      const file = await kind.open(services, source, basename(name));
      const rejected = new RejectedFile(`${name === STDIN ? 'stdin' : name}.rejected`, file);
      const counts = await kind
        .store(
          services,
          file,
          (line) => rejected.add(line),
          (sofar) => progress(countsText(sofar)),
        )
        .finally(() => rejected.close());
      await kind.settle?.(services);
      const path = await rejected.close();
      return { data: { ...counts, rejected: path }, text: countsText(counts) + whereRejected(path) };
    },
  };
}

export const importCommands = {
  'import indices': otherIndices,
  'import responses': responses,
  'import dossiers': dossiers,
};

/** Records an import with its counts: all of them, or those so far where it breaks off. */
function recorded(
  audit: AuditService,
  subject: string,
  progress: (sofar: Counts) => void,
  run: (tell: (sofar: Counts) => void) => Promise<Counts>,
): Promise<Counts> {
  let facts: Facts = {};
  const work = async () => {
    const counts = await run((sofar) => {
      facts = { ...sofar };
      progress(sofar);
    });
    facts = { ...counts };
    return counts;
  };
  return audit.change({ action: 'import', subject }, work, () => facts);
}

function whereRejected(path: string | null): string {
  return path === null ? '' : `\nThe lines not stored, with the reasons, are in ${path}.`;
}

/** "stored 3, duplicate 1, conflict 0, invalid 0" */
function countsText(counts: Counts): string {
  return Object.entries(counts)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ');
}

/** The codes of every item of every questionnaire: the columns that hold answers. */
function itemCodes(catalogue: CatalogueService): Set<string> {
  const versions = catalogue.questionnaires().flatMap(({ id }) => catalogue.versions(id));
  return new Set(versions.flatMap(({ items }) => items.map(({ code }) => code)));
}
