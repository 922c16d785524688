import { textIn } from '../../domain/text.js';
import { formatNumber } from '../../domain/format-vi.js';
import type { Lang, MessageKey, Translate } from '../../i18n/index.js';
import { IMPORT_KINDS, type ImportKind } from './file-imports.service.js';
import type { ColumnChoice } from './imports.choices.js';
import type { ColumnMapping } from './imports.columns.js';
import type { FileProblem, ImportFileError } from './imports.errors.js';
import { KEPT_MINUTES, type Upload } from './imports.spool.js';
import { XLSX_MAX_MB } from './imports.xlsx.js';

export const IMPORTS_PATH = '/imports';
/** Largest file that a page takes; commands take any size. */
export const UPLOAD_MAX_MB = XLSX_MAX_MB;

interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** How a page is worded. */
export interface Wording {
  readonly lang: Lang;
  readonly t: Translate;
}

const KIND_KEYS = {
  responses: 'imports.responses',
  dossiers: 'imports.dossiers',
  centres: 'imports.centres',
  counters: 'imports.counters',
  units: 'imports.units',
} as const satisfies Record<ImportKind, MessageKey>;

/** Locals of `imports/upload`: where a file is chosen. */
export function uploadPage(chosen: ImportKind, errors: readonly FieldProblem[], { t }: Wording) {
  return {
    kinds: IMPORT_KINDS.map((value) => ({ value, label: t(KIND_KEYS[value]), checked: value === chosen })),
    fileHint: t('imports.fileHint', { mb: UPLOAD_MAX_MB, minutes: KEPT_MINUTES }),
    errors,
  };
}

/** Name of the form field in which a column of the file is said to stand for something. */
export function columnField(index: number): string {
  return `column-${index}`;
}

/** Locals of `imports/preview`: the first rows, and what each column stands for. */
export function previewPage(
  { id, kind, name, format, header, rows }: Upload,
  choices: readonly ColumnChoice[],
  mapping: ColumnMapping,
  errors: readonly FieldProblem[],
  { lang, t }: Wording,
) {
  const required = choices.filter(({ isRequired }) => isRequired).map(({ text }) => textIn(text, lang));
  return {
    action: `${IMPORTS_PATH}/${id}`,
    kind: t(KIND_KEYS[kind]),
    name,
    isTable: format !== 'ndjson',
    rowNumbers: rows.map(({ number }) => t('imports.row', { n: number })),
    lines: format === 'ndjson' ? rows.map(({ cells }) => cells.join('')) : [],
    requiredText: t('imports.required', { columns: required.join('; ') }),
    columns: header.map((column, index) => ({
      column,
      field: columnField(index),
      cells: rows.map(({ cells }) => cells[index] ?? ''),
      choices: choices.map((choice) => ({
        value: choice.column,
        label: `${choice.column} – ${textIn(choice.text, lang)}`,
        selected: mapping.get(column) === choice.column,
      })),
    })),
    errors,
  };
}

const COUNT_KEYS: Readonly<Record<string, MessageKey>> = {
  stored: 'imports.stored',
  updated: 'imports.updated',
  unchanged: 'imports.unchanged',
  duplicate: 'imports.duplicate',
  conflict: 'imports.conflict',
  invalid: 'imports.invalid',
};

/** Locals of `imports/result`: what became of the lines; null counts while that is not known yet. */
export function resultPage({ id, kind, name, result }: Upload, { lang, t }: Wording) {
  const counts = Object.entries(result?.counts ?? {}).flatMap(([outcome, count]) => {
    const key = COUNT_KEYS[outcome];
    return key ? [{ label: t(key), count: formatNumber(count, 0, lang) }] : [];
  });
  return {
    kind: t(KIND_KEYS[kind]),
    name,
    counts: result ? counts : null,
    sha256: result?.sha256 ?? '',
    rejected: result?.hasRejected ? `${IMPORTS_PATH}/${id}/rejected` : '',
    rejectedHint: t('imports.rejectedHint', { minutes: KEPT_MINUTES }),
  };
}

const PROBLEM_KEYS = {
  empty: 'imports.error.empty',
  'too-many-columns': 'imports.error.tooManyColumns',
  'broken-header': 'imports.error.brokenHeader',
  'columns-twice': 'imports.error.columnsTwice',
  'columns-unknown': 'imports.error.columnsUnknown',
  'columns-missing': 'imports.error.columnsMissing',
  row: 'imports.error.brokenHeader',
  'not-xlsx': 'imports.error.notXlsx',
  'xlsx-large': 'imports.error.xlsxLarge',
} as const satisfies Record<FileProblem, MessageKey>;

/** What is wrong with a file as a whole, in words. */
export function fileProblemText({ problem, columns }: ImportFileError, { t }: Wording): string {
  return t(PROBLEM_KEYS[problem], { columns: columns.join(', ') });
}
