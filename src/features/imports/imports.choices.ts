import { foldText } from '../../domain/fold.js';
import { textIn, type LocalizedText } from '../../domain/text.js';
import { UNIT_KINDS } from '../catalogue/catalogue.model.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { COLUMN_TEXTS } from '../exports/exports.codebook.js';
import { DEMOGRAPHIC_PREFIX } from '../exports/exports.rows.js';
import type { ImportKind } from './file-imports.service.js';
import {
  centreColumns,
  counterColumns,
  dossierColumns,
  PASSED_OVER,
  responseColumns,
  unitColumns,
  type ColumnMapping,
} from './imports.columns.js';

/** Something that a column of a file can stand for. */
export interface ColumnChoice {
  /** Name of the column in our own files. */
  readonly column: string;
  readonly text: LocalizedText;
  readonly isRequired: boolean;
}

const CENTRE: LocalizedText = { vi: 'Mã trung tâm', en: 'Code of the centre' };
const DOSSIER: LocalizedText = { vi: 'Mã hồ sơ (chỉ lưu mã băm)', en: 'Code of the dossier (only its hash is kept)' };
type ColumnTexts = readonly (readonly [column: string, text: LocalizedText])[];
const DOSSIER_TEXTS: ColumnTexts = [
  ['code', DOSSIER],
  ['centre', CENTRE],
  ['receivedAt', { vi: 'Ngày tiếp nhận', en: 'Received on' }],
  ['dueAt', { vi: 'Ngày hẹn trả', en: 'Due on' }],
  ['returnedAt', { vi: 'Ngày trả kết quả; trống nếu chưa trả', en: 'Returned on; blank while it is open' }],
  ['procedure', { vi: 'Mã thủ tục hành chính', en: 'Code of the procedure' }],
  ['field', { vi: 'Lĩnh vực', en: 'Field of the procedure' }],
  ['officer', { vi: 'Mã công chức', en: 'Code of the officer' }],
];

const CENTRE_TEXTS: ColumnTexts = [
  ['code', CENTRE],
  ['name', { vi: 'Tên trung tâm', en: 'Name of the centre' }],
  ['unit', { vi: 'Mã đơn vị', en: 'Code of the unit' }],
  ['level', { vi: 'Cấp: province hoặc commune; trống là cấp của đơn vị', en: 'Level; blank: that of the unit' }],
];
const COUNTER_TEXTS: ColumnTexts = [
  ['centre', CENTRE],
  ['counter', { vi: 'Mã quầy', en: 'Code of the counter' }],
  ['name', { vi: 'Tên quầy', en: 'Name of the counter' }],
];
const UNIT_TEXTS: ColumnTexts = [
  ['code', { vi: 'Mã đơn vị: 2 số (tỉnh) hoặc 5 số (xã)', en: 'Code of the unit: 2 digits (province) or 5 (commune)' }],
  ['name', { vi: 'Tên đơn vị, không kèm loại', en: 'Name of the unit, without its kind' }],
  ['kind', { vi: `Loại: ${UNIT_KINDS.join(', ')}`, en: `Kind: ${UNIT_KINDS.join(', ')}` }],
  ['parent', { vi: 'Mã tỉnh; trống nếu là tỉnh', en: 'Code of the province; blank for a province' }],
  ['valid_from', { vi: 'Từ ngày (2026-09-01)', en: 'From (2026-09-01)' }],
  ['valid_to', { vi: 'Đến ngày; trống nếu còn hiệu lực', en: 'To; blank while in force' }],
  ['decree', { vi: 'Văn bản', en: 'Instrument' }],
];

/** What the columns of a file of one kind can stand for. */
export function columnChoices(kind: ImportKind, catalogue: CatalogueService): ColumnChoice[] {
  const kinds = {
    responses: () => ({ texts: responseTexts(catalogue), columns: responseColumns(new Set()) }),
    dossiers: () => ({ texts: DOSSIER_TEXTS, columns: dossierColumns }),
    centres: () => ({ texts: CENTRE_TEXTS, columns: centreColumns }),
    counters: () => ({ texts: COUNTER_TEXTS, columns: counterColumns }),
    units: () => ({ texts: UNIT_TEXTS, columns: unitColumns }),
  };
  const { texts, columns } = kinds[kind]();
  const required = columns.missing([]);
  return [...texts].map(([column, text]) => ({ column, text, isRequired: required.includes(column) }));
}

/** The choices of responses: the columns of an export, in the order they have there. */
function responseTexts(catalogue: CatalogueService): Map<string, LocalizedText> {
  const versions = catalogue.questionnaires().flatMap(({ id }) => [...catalogue.versions(id)].reverse());
  const own = COLUMN_TEXTS.filter(([column]) => !PASSED_OVER.has(column));
  const items = versions.flatMap((version) => version.items.map(({ code, text }) => [code, text] as const));
  const demographics = versions.flatMap((version) =>
    version.demographics.map(({ code, text }) => [DEMOGRAPHIC_PREFIX + code, text] as const),
  );
  const all = new Map<string, LocalizedText>([...own, ['dossier', DOSSIER]]);
  // The newest version of a question names it.
  for (const [column, text] of [...items, ...demographics]) if (!all.has(column)) all.set(column, text);
  return all;
}

/** What the columns of a file most likely stand for: what was said of them before, else what they are named after. */
export function suggestedMapping(
  header: readonly string[],
  choices: readonly ColumnChoice[],
  remembered: ColumnMapping,
): ColumnMapping {
  const taken = new Set<string>();
  const take = (column: string | undefined) => {
    if (column === undefined || taken.has(column)) return '';
    taken.add(column);
    return column;
  };
  return new Map(
    header.map((name) => {
      const known = remembered.get(name);
      const isChoice = choices.some(({ column }) => column === known);
      return [name, take(known === '' || isChoice ? known : named(name, choices))];
    }),
  );
}

function named(name: string, choices: readonly ColumnChoice[]): string | undefined {
  const wanted = plain(name);
  const names = ({ column, text }: ColumnChoice) => [column, text.vi, textIn(text, 'en')].map(plain);
  return choices.find((choice) => names(choice).includes(wanted))?.column;
}

/** `received_at`, `receivedAt` and `Received at` are one name. */
function plain(name: string): string {
  return foldText(name).replace(/[^\p{Letter}\p{Number}]/gu, '');
}
