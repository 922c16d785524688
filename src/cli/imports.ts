import { basename } from 'node:path';
import type { ImportKind, ImportTotals } from '../features/imports/file-imports.service.js';
import { openOtherIndexImport, type ImportFile } from '../features/imports/imports.files.js';
import { RejectedFile } from '../features/imports/imports.rejected.js';
import type { RejectedLine } from '../features/imports/imports.service.js';
import type { Services } from '../services.js';
import type { Command } from './command.js';
import { openInput, STDIN } from './files.js';

type Reject = (rejected: RejectedLine) => Promise<void>;

/** How the lines of one kind of file become what they stand for. */
interface Import {
  readonly summary: string;
  open(services: Services, source: AsyncIterable<unknown>, name: string): Promise<OpenedImport>;
  /** What makes the reports know of it. */
  settle?(services: Services): Promise<void>;
}

interface OpenedImport {
  readonly file: ImportFile;
  /** Stores the lines, refuses those that are wrong, and tells its counts from time to time. */
  readonly store: (reject: Reject, progress: (sofar: ImportTotals) => void) => Promise<ImportTotals>;
}

/** A command line is the administrator's, who may import everywhere. */
const EVERYWHERE = { scope: null };

const responses = importCommand({
  summary: 'store the responses of a CSV, XLSX or NDJSON file; - is standard input; refused lines go to FILE.rejected',
  open: openKind('responses'),
  settle: ({ tallies, now }) => tallies.catchUp(now()),
});

const dossiers = importCommand({
  summary: 'store the dossiers of a CSV, XLSX or NDJSON file; - is standard input; refused lines go to FILE.rejected',
  open: openKind('dossiers'),
  settle: ({ dossierTallies }) => dossierTallies.catchUp(),
});

const otherIndices = importCommand({
  summary: 'store the indices of a CSV, XLSX or NDJSON file that others publish; refused lines go to FILE.rejected',
  open: async (services, source, name) => {
    const file = await openOtherIndexImport(source, name);
    return { file, store: (reject) => services.otherIndices.importLines(file.lines, reject) };
  },
});

const counters = importCommand({
  summary: 'store the counters of a CSV, XLSX or NDJSON file, or their new names; refused lines go to FILE.rejected',
  open: openKind('counters'),
});

const units = importCommand({
  summary:
    'store new versions of units, as a resolution makes them, of a CSV, XLSX or NDJSON file; refused lines go to FILE.rejected',
  open: openKind('units'),
});

function openKind(kind: ImportKind): Import['open'] {
  return async ({ fileImports }, source, name) => {
    const opened = await fileImports.open(kind, source, name);
    const store: OpenedImport['store'] = (...told) => fileImports.store(EVERYWHERE, opened, ...told);
    return { file: opened.file, store };
  };
}

function importCommand(kind: Import): Command {
  return {
    summary: kind.summary,
    operands: { usage: 'FILE', min: 1, max: 1 },
    options: {},
    async run({ open, input, progress }, args) {
      const name = args.operand(0);
      const source = await openInput(name, input);
      const services = await open();
      const { file, store } = await kind.open(services, source, basename(name));
      const rejected = new RejectedFile(`${name === STDIN ? 'stdin' : name}.rejected`, file);
      const counts = await store(
        (line) => rejected.add(line),
        (sofar) => progress(countsText(sofar)),
      ).finally(() => rejected.close());
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
  'import counters': counters,
  'import units': units,
};

function whereRejected(path: string | null): string {
  return path === null ? '' : `\nThe lines not stored, with the reasons, are in ${path}.`;
}

/** "stored 3, duplicate 1, conflict 0, invalid 0" */
function countsText(counts: ImportTotals): string {
  return Object.entries(counts)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ');
}
