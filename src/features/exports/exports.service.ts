import { UUID } from 'mongodb';
import type { Connection } from 'mongoose';
import { STREAM_LIMIT_MS } from '../../database/connect.js';
import { storedBatches, type StoredBatch } from '../../database/stored-batches.js';
import { StoredFields, UUID_BYTES } from '../../database/stored-fields.js';
import type { DayRange } from '../../domain/period.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import type { Scale } from '../../domain/scale.js';
import { NotFoundError } from '../../errors.js';
import type { CommentForm, ScopeSelection } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { Flag } from '../flags/flags.model.js';
import type { FlagService } from '../flags/flags.service.js';
import {
  withValues,
  type Filters,
  type ReportRow,
  type SatisfactionByScale,
  type SatisfactionReport,
} from '../reports/reports.types.js';
import { responseCollection } from '../responses/responses.model.js';
import { codebook } from './exports.codebook.js';
import { levelCells, levelColumns, RATE_COLUMNS, rateCells } from './exports.figures.js';
import { CsvBytes } from './csv-bytes.js';
import type { DelimiterName } from './exports.csv.js';
import { ResponseRow } from './exports.rows.js';
import { readAhead } from './read-ahead.js';
import { tableOf, type Batch, type Cell, type Export, type Row } from './exports.tables.js';

export interface ResponseExportQuery {
  readonly range: DayRange;
  readonly scope: ScopeSelection;
  readonly questionnaire: string | undefined;
  readonly filters?: Filters;
  readonly comments: CommentForm;
}

/** Few enough that rows are gone again before the garbage collector takes them for lasting ones. */
const BATCH = 500;

export class ExportService {
  constructor(
    private readonly connection: Connection,
    private readonly catalogue: CatalogueService,
    private readonly flags: FlagService,
  ) {}

  /** Every response of a scope and range, one row each, in constant memory; a dossier's code is never among it. */
  responses({ range, scope, questionnaire, filters = [], comments }: ResponseExportQuery): Export {
    const versions = this.versionsOf(questionnaire);
    const items = codes(versions.map((version) => version.items));
    const demographics = codes(versions.map((version) => version.demographics));
    const names = new Map(scope.centres.map(({ code, name }) => [code, name]));
    const found = storedBatches(this.connection, {
      collection: responseCollection(this.connection).collectionName,
      filter: {
        centre: { $in: scope.centres.map(({ code }) => code) },
        day: { $gte: range.from, $lte: range.to },
        ...(questionnaire === undefined ? {} : { questionnaire }),
        ...withValues(filters),
      },
      batchSize: BATCH,
      maxTimeMS: STREAM_LIMIT_MS,
    });
    const row = new ResponseRow(items, demographics, names, comments);
    return {
      table: { name: 'responses', columns: row.columns, batches: this.batchesOf(found, row) },
      notes: [codebook(versions, (scale) => this.catalogue.scale(scale))],
    };
  }

  /** The rows of a satisfaction report, each scale under its own name, the total of each scale last. */
  satisfaction(report: SatisfactionReport | SatisfactionByScale): Export {
    const reports = 'byScale' in report ? Object.values(report.byScale) : [report];
    const scales = reports.map(({ scale }) => this.catalogue.scale(scale));
    const width = Math.max(...scales.map(({ levels }) => levels.length));
    const rows = reports.flatMap(({ rows: groups, total, scale }) =>
      [...groups, total].map((row) => satisfactionCells(row, scale, width)),
    );
    return { table: tableOf('satisfaction', satisfactionColumns(width), rows), notes: [] };
  }

  /** Responses as they come: while some are written, the flags of the next are looked up, and those after them read. */
  private async *batchesOf(found: AsyncGenerator<StoredBatch>, row: ResponseRow): AsyncGenerator<Batch> {
    for await (const batch of readAhead(this.withFlags(readAhead(found)))) yield new ResponseBatch(batch, row);
  }

  private async *withFlags(batches: AsyncIterable<StoredBatch>): AsyncGenerator<FlaggedBatch> {
    for await (const { bytes, starts } of batches) {
      yield { bytes, starts, flags: await this.flags.of(starts.map((start) => idAt(bytes, start))) };
    }
  }

  /** One questionnaire in all its versions, or all of them. @throws NotFoundError when there is none of that id */
  private versionsOf(id: string | undefined): readonly Questionnaire[] {
    const ids = id === undefined ? this.catalogue.questionnaires().map((questionnaire) => questionnaire.id) : [id];
    const versions = ids.flatMap((known) => this.catalogue.versions(known));
    if (versions.length === 0) throw new NotFoundError(`There is no questionnaire ${id ?? ''}.`);
    return versions;
  }
}

/** Each code once, in the order of the lists. */
function codes(lists: readonly (readonly { readonly code: string }[])[]): string[] {
  return [...new Set(lists.flat().map(({ code }) => code))];
}

/** Responses with the flags of those that have any, by id. */
interface FlaggedBatch extends StoredBatch {
  readonly flags: ReadonlyMap<string, readonly Flag[]>;
}

class ResponseBatch implements Batch {
  constructor(
    private readonly batch: FlaggedBatch,
    private readonly row: ResponseRow,
  ) {}

  get length(): number {
    return this.batch.starts.length;
  }

  rows(): readonly Row[] {
    return this.batch.starts.map((start) => this.read(start).cells());
  }

  csv(delimiter: DelimiterName): Buffer {
    const csv = new CsvBytes(delimiter);
    for (const start of this.batch.starts) this.read(start).writeCsv(csv);
    return csv.written();
  }

  private read(start: number): ResponseRow {
    const { bytes, flags } = this.batch;
    return this.row.read(bytes, start, flags.size === 0 ? [] : flags.get(idAt(bytes, start).toString()));
  }
}

/** The id of the response that begins there. */
function idAt(bytes: Buffer, start: number): UUID {
  for (const field = new StoredFields(bytes, start); field.advance();) {
    if (field.name === '_id') return new UUID(bytes.subarray(field.uuidStart, field.uuidStart + UUID_BYTES));
  }
  throw new TypeError('A stored response has no _id');
}

function satisfactionColumns(width: number): string[] {
  return ['scale', 'key', 'label', 'responses', 'n', ...levelColumns(width), ...RATE_COLUMNS];
}

function satisfactionCells(row: ReportRow, scale: Scale['id'], width: number): Cell[] {
  return [scale, row.key, row.label, row.responses, row.n, ...levelCells(row, width), ...rateCells(row)];
}
