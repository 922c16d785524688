import { UUID, type FindCursor } from 'mongodb';
import type { Connection } from 'mongoose';
import { STREAM_LIMIT_MS } from '../../database/connect.js';
import type { DayRange } from '../../domain/period.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import type { Scale } from '../../domain/scale.js';
import { NotFoundError } from '../../errors.js';
import type { CommentForm, ScopeSelection } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { Flag } from '../flags/flags.model.js';
import type { FlagService } from '../flags/flags.service.js';
import type { Filter, ReportRow, SatisfactionByScale, SatisfactionReport } from '../reports/reports.types.js';
import { StoredFields } from '../responses/responses.bytes.js';
import { responseCollection } from '../responses/responses.model.js';
import { codebook } from './exports.codebook.js';
import { levelCells, levelColumns, RATE_COLUMNS, rateCells } from './exports.figures.js';
import { addFlags, idOf, ResponseRows } from './exports.rows.js';
import { readAhead } from './read-ahead.js';
import { tableOf, type Cell, type Export, type Row } from './exports.tables.js';

export interface ResponseExportQuery {
  readonly range: DayRange;
  readonly scope: ScopeSelection;
  readonly questionnaire: string | undefined;
  readonly filter?: Filter | undefined;
  readonly comments: CommentForm;
}

/** Few enough that rows are gone again before the garbage collector takes them for lasting ones. */
const CURSOR_BATCH = 250;

export class ExportService {
  constructor(
    private readonly connection: Connection,
    private readonly catalogue: CatalogueService,
    private readonly flags: FlagService,
  ) {}

  /** Every response of a scope and range, one row each, in constant memory; a dossier's code is never among it. */
  responses({ range, scope, questionnaire, filter, comments }: ResponseExportQuery): Export {
    const versions = this.versionsOf(questionnaire);
    const items = codes(versions.map((version) => version.items));
    const demographics = codes(versions.map((version) => version.demographics));
    const names = new Map(scope.centres.map(({ code, name }) => [code, name]));
    const found = responseCollection(this.connection).find(
      {
        centre: { $in: scope.centres.map(({ code }) => code) },
        day: { $gte: range.from, $lte: range.to },
        ...(questionnaire === undefined ? {} : { questionnaire }),
        ...(filter ? { [filter.by]: filter.value } : {}),
      },
      { raw: true, maxTimeMS: STREAM_LIMIT_MS, batchSize: CURSOR_BATCH },
    );
    const rows = new ResponseRows(items, demographics, names, comments);
    return {
      table: { name: 'responses', columns: rows.columns, rows: this.rowsOf(found, rows) },
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

  /** The rows of responses as they come: while one batch is written, the next is read. */
  private async *rowsOf(found: FindCursor, rows: ResponseRows): AsyncGenerator<readonly Row[]> {
    for await (const { responses, flags } of readAhead(this.withFlags(found))) {
      yield responses.map((response) => {
        const row = rows.row(response);
        const noted = flags.size > 0 ? flags.get(idOf(row)) : undefined;
        if (noted) addFlags(row, noted);
        return row;
      });
    }
  }

  private async *withFlags(found: FindCursor): AsyncGenerator<FlaggedBatch> {
    try {
      while (await found.hasNext()) {
        const responses = found.readBufferedDocuments().map(bytesOf);
        yield { responses, flags: await this.flags.of(responses.map(idIn)) };
      }
    } finally {
      await found.close();
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

/** Responses as they are stored, with the flags of those that have any, by id. */
interface FlaggedBatch {
  readonly responses: readonly Buffer[];
  readonly flags: ReadonlyMap<string, readonly Flag[]>;
}

/** What a cursor gives that was asked for raw documents. */
function bytesOf(document: unknown): Buffer {
  if (!(document instanceof Uint8Array)) throw new TypeError('The driver gave an object instead of its bytes');
  return Buffer.from(document.buffer, document.byteOffset, document.byteLength);
}

function idIn(response: Buffer): UUID {
  for (const field = new StoredFields(response); field.advance();)
    if (field.name === '_id') return new UUID(field.uuid());
  throw new TypeError('A stored response has no _id');
}

function satisfactionColumns(width: number): string[] {
  return ['scale', 'key', 'label', 'responses', 'n', ...levelColumns(width), ...RATE_COLUMNS];
}

function satisfactionCells(row: ReportRow, scale: Scale['id'], width: number): Cell[] {
  return [scale, row.key, row.label, row.responses, row.n, ...levelCells(row, width), ...rateCells(row)];
}
