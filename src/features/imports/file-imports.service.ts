import { createHash } from 'node:crypto';
import type { Principal } from '../access/principal.js';
import type { Facts } from '../audit/audit.model.js';
import type { AuditService } from '../audit/audit.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { CentreImportService } from './centre-imports.service.js';
import type { DossierImportService } from './dossier-imports.service.js';
import type { ColumnMapping } from './imports.columns.js';
import {
  openCentreImport,
  openCounterImport,
  openDossierImport,
  openImport,
  openUnitImport,
  type ImportFile,
} from './imports.files.js';
import type { ImportService, RejectedLine } from './imports.service.js';

/** What files of a common form hold. */
export const IMPORT_KINDS = ['responses', 'dossiers', 'centres', 'counters', 'units'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** How many lines came to which end. */
export type ImportTotals = Readonly<Record<string, number>>;

/** A file ready to be imported. */
export interface OpenImport {
  readonly kind: ImportKind;
  readonly name: string;
  readonly file: ImportFile;
  /** SHA-256 of what was read so far, hex: of the whole file once its lines are. */
  readonly sha256: () => string;
}

/** Takes in files of responses, dossiers, centres, counters and units, for pages and commands alike; safe to repeat. */
export class FileImportService {
  constructor(
    private readonly responses: ImportService,
    private readonly dossiers: DossierImportService,
    private readonly centres: CentreImportService,
    private readonly catalogue: CatalogueService,
    private readonly audit: AuditService,
  ) {}

  /**
   * @param name of the file, which says its format where its content does not
   * @param mapping what its columns stand for, where they are named otherwise
   * @throws ImportFileError when it cannot be read as a whole
   */
  async open(
    kind: ImportKind,
    source: AsyncIterable<unknown>,
    name: string,
    mapping?: ColumnMapping,
  ): Promise<OpenImport> {
    const hash = createHash('sha256');
    const hashed = async function* () {
      for await (const chunk of source) {
        if (chunk instanceof Uint8Array) hash.update(chunk);
        yield chunk;
      }
    };
    const openers = {
      responses: () => openImport(hashed(), name, this.itemCodes(), mapping),
      dossiers: () => openDossierImport(hashed(), name, mapping),
      centres: () => openCentreImport(hashed(), name, mapping),
      counters: () => openCounterImport(hashed(), name, mapping),
      units: () => openUnitImport(hashed(), name, mapping),
    };
    const file = await openers[kind]();
    return { kind, name, file, sha256: () => hash.copy().digest('hex') };
  }

  /** Stores the lines and records it with their counts: all of them, or those so far where it breaks off. */
  async store(
    sender: Pick<Principal, 'scope'>,
    { kind, name, file, sha256 }: OpenImport,
    reject: (rejected: RejectedLine) => Promise<void>,
    progress: (sofar: ImportTotals) => void = () => undefined,
  ): Promise<ImportTotals> {
    let facts: Facts = {};
    const tell = (sofar: ImportTotals) => {
      facts = { ...sofar };
      progress(sofar);
    };
    const importer = {
      responses: () => this.responses.importResponses(sender, file.lines, reject, tell),
      dossiers: () => this.dossiers.importDossiers(sender, file.lines, reject, tell),
      centres: () => this.centres.importCentres(sender, file.lines, reject, tell),
      counters: () => this.centres.importCounters(sender, file.lines, reject, tell),
      units: () => this.centres.importUnits(sender, file.lines, reject, tell),
    };
    const work = async (): Promise<ImportTotals> => {
      const counts = await importer[kind]();
      facts = { ...counts, sha256: sha256() };
      return counts;
    };
    return this.audit.change({ action: 'import', subject: kind, after: { file: name } }, work, () => facts);
  }

  /** The codes of every item of every questionnaire: the columns that hold answers. */
  private itemCodes(): Set<string> {
    const versions = this.catalogue.questionnaires().flatMap(({ id }) => this.catalogue.versions(id));
    return new Set(versions.flatMap(({ items }) => items.map(({ code }) => code)));
  }
}
