import { formatNumber } from '../../domain/format-vi.js';
import type { Period } from '../../domain/period.js';
import { textIn } from '../../domain/text.js';
import { INDICATORS } from '../../domain/tthc-score.js';
import type { FieldError } from '../../errors.js';
import type { Lang, Translate } from '../../i18n/index.js';
import { rangeText } from '../reports/reports.names.js';
import { SCORE_PATH, withQuery } from '../reports/reports.tabs.js';
import type { TextInput, FormError } from '../request-input.js';
import type { ShownScore } from './tthc-score.service.js';
import { COLUMNS, fieldOf, type ScoreColumn } from './tthc-score.validators.js';
import { isComputed } from './tthc-score.views.js';

export const ENTRY_PATH = '/admin/tthc-score';
/** What a score is of. */
export const PLACE_AND_PERIOD = ['period', 'unit', 'centre'] as const;

/** Locals of `tthc-score/tthc-score`. */
export interface EntryPage {
  readonly action: string;
  readonly scopeName: string;
  readonly periodText: string;
  readonly hidden: readonly { readonly name: string; readonly value: string }[];
  readonly rows: readonly EntryRow[];
  /** Whether who is signed in may appraise this place. */
  readonly mayAppraise: boolean;
  readonly errors: readonly FormError[];
  readonly done: string;
  readonly back: string;
}

interface EntryRow {
  readonly label: string;
  readonly rule: string;
  readonly cells: readonly EntryCell[];
}

/** A field or, where nobody who is signed in enters anything, a text. */
interface EntryCell {
  readonly text: string;
  readonly field: {
    readonly name: string;
    readonly label: string;
    readonly value: string;
    readonly wrong: boolean;
  } | null;
}

export interface EntryInput {
  readonly score: ShownScore;
  readonly period: Period;
  readonly scopeName: string;
  readonly place: TextInput;
  readonly mayAppraise: boolean;
  /** What was typed, where it was refused. */
  readonly typed: TextInput | null;
  readonly errors: readonly FieldError[];
  readonly stored: boolean;
  readonly lang: Lang;
  readonly t: Translate;
}

/** The form in which points are entered. */
export function entryPage(input: EntryInput): EntryPage {
  const { period, place, errors, lang, t } = input;
  const address: TextInput = { ...place, period: period.key };
  const labels = new Map(
    COLUMNS.flatMap((column) => INDICATORS.map((_, index) => [fieldOf(column, index), labelOf(column, index, t)])),
  );
  return {
    action: ENTRY_PATH,
    scopeName: input.scopeName,
    periodText: rangeText(period.range, period.key, lang, t),
    hidden: PLACE_AND_PERIOD.map((name) => ({ name, value: address[name] ?? '' })),
    rows: INDICATORS.map(({ name, rule }, index) => ({
      label: `${index + 1}. ${textIn(name, lang)}`,
      rule: textIn(rule, lang),
      cells: COLUMNS.map((column) => entryCell(column, index, input)),
    })),
    mayAppraise: input.mayAppraise,
    errors: errors.map(({ path }) => ({
      field: path,
      message: t('score.error.points', { field: labels.get(path) ?? path }),
    })),
    done: input.stored ? t('score.done') : '',
    back: withQuery(SCORE_PATH, address, PLACE_AND_PERIOD),
  };
}

function labelOf(column: ScoreColumn, index: number, t: Translate): string {
  return t('score.fieldOf', { column: t(`score.${column}`), n: index + 1 });
}

function entryCell(column: ScoreColumn, index: number, input: EntryInput): EntryCell {
  const { score, mayAppraise, typed, errors, lang, t } = input;
  const written = (points: number | null) => (points === null ? '' : formatNumber(points, 2, lang));
  if (column === 'self' && isComputed(index, score.dossiers)) {
    const from = t('score.computed', { n: formatNumber(score.dossiers.returned, 0, lang) });
    return { text: `${written(score.self.points[index] ?? null)} (${from})`, field: null };
  }
  const points = written(score.entered[column][index] ?? null);
  if (column === 'appraised' && !mayAppraise) return { text: points === '' ? '—' : points, field: null };
  const name = fieldOf(column, index);
  const value = typed ? (typed[name] ?? '') : points;
  const wrong = errors.some(({ path }) => path === name);
  return { text: '', field: { name, label: labelOf(column, index, t), value, wrong } };
}
