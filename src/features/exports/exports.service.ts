import type { Connection } from 'mongoose';
import { STREAM_LIMIT_MS } from '../../database/connect.js';
import { localTimestamp, type DayRange } from '../../domain/period.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import type { Scale } from '../../domain/scale.js';
import { NotFoundError } from '../../errors.js';
import type { ScopeSelection } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { Flag } from '../flags/flags.model.js';
import type { FlagService } from '../flags/flags.service.js';
import type { Filter, ReportRow, SatisfactionByScale, SatisfactionReport } from '../reports/reports.types.js';
import { responseCollection, type ResponseRecord } from '../responses/responses.model.js';
import { codebook } from './exports.codebook.js';
import { tableOf, type Cell, type Export, type Row } from './exports.tables.js';

export interface ResponseExportQuery {
  readonly range: DayRange;
  readonly scope: ScopeSelection;
  readonly questionnaire: string | undefined;
  readonly filter?: Filter | undefined;
}

/** Columns before the items (contract §3 Exports). */
export const RESPONSE_COLUMNS = [
  'id',
  'centre',
  'centre_name',
  'kiosk',
  'channel',
  'questionnaire',
  'version',
  'captured_at',
  'received_at',
  'day',
  'hour',
  'locale',
  'field',
  'procedure',
  'counter',
  'officer',
  'reasons',
  'comment',
  'flags',
] as const;

/** Between the reasons of one response, within their cell. */
export const REASON_SEPARATOR = ';';
export const SYNTHETIC_FLAG = 'demo';
const DEMOGRAPHIC_PREFIX = 'demo_';
const FLAG_SEPARATOR = ';';
/** Few enough that rows are gone again before the garbage collector takes them for lasting ones. */
const FLAGS_AT_ONCE = 250;
const CURSOR_BATCH = 500;

export class ExportService {
  constructor(
    private readonly connection: Connection,
    private readonly catalogue: CatalogueService,
    private readonly flags: FlagService,
  ) {}

  /** Every response of a scope and range, one row each, in constant memory; a dossier's code is never among it. */
  responses({ range, scope, questionnaire, filter }: ResponseExportQuery): Export {
    const versions = this.versionsOf(questionnaire);
    const items = codes(versions.map((version) => version.items));
    const demographics = codes(versions.map((version) => version.demographics));
    const names = new Map(scope.centres.map(({ code, name }) => [code, name]));
    const cursor = responseCollection(this.connection).find(
      {
        centre: { $in: scope.centres.map(({ code }) => code) },
        day: { $gte: range.from, $lte: range.to },
        ...(questionnaire === undefined ? {} : { questionnaire }),
        ...(filter ? { [filter.by]: filter.value } : {}),
      },
      { projection: { content: 0, pending: 0 }, maxTimeMS: STREAM_LIMIT_MS, batchSize: CURSOR_BATCH },
    );
    const cells = (response: ResponseRecord, flags: readonly Flag[]): Row => [
      ...responseCells(response, names, flags),
      ...items.map((item) => response.answers[item] ?? ''),
      ...demographics.map((code) => response.demographics?.[code] ?? ''),
    ];
    const columns = [...RESPONSE_COLUMNS, ...items, ...demographics.map((code) => DEMOGRAPHIC_PREFIX + code)];
    return {
      table: { name: 'responses', columns, rows: this.withFlags(cursor, cells) },
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

  /** The cells of responses as they come, with the flags of many looked up at once. */
  private async *withFlags(
    responses: AsyncIterable<ResponseRecord>,
    cells: (response: ResponseRecord, flags: readonly Flag[]) => Row,
  ): AsyncGenerator<readonly Row[]> {
    for await (const chunk of chunks(responses, FLAGS_AT_ONCE)) {
      const flags = await this.flags.of(chunk.map(({ _id }) => _id));
      yield chunk.map((response) => cells(response, flags.get(response._id.toString()) ?? []));
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

async function* chunks<T>(source: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const element of source) {
    chunk.push(element);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function responseCells(
  response: ResponseRecord,
  centreNames: ReadonlyMap<string, string>,
  flags: readonly Flag[],
): Cell[] {
  return [
    response._id.toString(),
    response.centre,
    centreNames.get(response.centre) ?? '',
    response.kiosk,
    response.channel,
    response.questionnaire,
    response.version,
    localTimestamp(response.capturedAt),
    localTimestamp(response.receivedAt),
    response.day,
    response.hour,
    response.locale ?? '',
    response.field ?? '',
    response.procedure ?? '',
    response.counter ?? '',
    response.officer ?? '',
    (response.reasons ?? []).join(REASON_SEPARATOR),
    response.comment ?? '',
    [...(response.synthetic ? [SYNTHETIC_FLAG] : []), ...flags].join(FLAG_SEPARATOR),
  ];
}

function satisfactionColumns(width: number): string[] {
  const levels = Array.from({ length: width }, (_, index) => `n${index + 1}`);
  const rates = ['very_satisfied', 'satisfied', 'neutral', 'dissatisfied', 'satisfied_low', 'satisfied_high'];
  return ['scale', 'key', 'label', 'responses', 'n', ...levels, ...rates];
}

function satisfactionCells(row: ReportRow, scale: Scale['id'], width: number): Cell[] {
  const { verySatisfied, satisfied, neutral, dissatisfied } = row.rates;
  const [low, high] = row.ci95.satisfied ?? [null, null];
  const rates = [verySatisfied, satisfied, neutral, dissatisfied, low, high].map((rate) => rate ?? '');
  const counts = Array.from({ length: width }, (_, index) => row.counts[index] ?? '');
  return [scale, row.key, row.label, row.responses, row.n, ...counts, ...rates];
}
