import { withQuery, type Values } from './reports.tabs.js';

/** How the rows of a table are ordered: by a column, named in the address as `sort=n`, or `sort=-n` for the other way. */
interface Sorting {
  readonly by: string;
  readonly descending: boolean;
}

/** What heads a column that rows can be ordered by. */
export interface SortLink {
  readonly href: string;
  /** How the rows are ordered by it now; null when they are not. */
  readonly order: 'ascending' | 'descending' | null;
}

/** Vietnamese words in their own order, and numbers within names by their value. */
const { compare } = new Intl.Collator('vi', { numeric: true });

/**
 * Rows in the order the address asks for; in their own where it asks for none, or for a column this table does not have.
 * @param valueOf what a row has in a column: undefined where there is no such column, null where the row has no figure
 */
export function sortRows<T>(
  rows: readonly T[],
  { sort }: Values,
  valueOf: (row: T, by: string) => string | number | null | undefined,
): readonly T[] {
  const sorting = sortingOf(sort);
  const first = rows[0];
  if (!sorting || first === undefined || valueOf(first, sorting.by) === undefined) return rows;
  const { by, descending } = sorting;
  return [...rows].sort((a, b) => compareValues(valueOf(a, by) ?? null, valueOf(b, by) ?? null, descending ? -1 : 1));
}

/** The link that orders rows by a column; names begin from A, figures from the highest, and a second press turns round. */
export function sortLink(by: string, path: string, values: Values): SortLink {
  const now = sortingOf(values['sort']);
  const descending = now?.by === by ? !now.descending : by !== LABEL;
  const sort = descending ? `-${by}` : by;
  const names = Object.keys(values).filter((name) => name !== 'sort' && name !== 'page');
  return {
    href: withQuery(path, { ...values, sort }, [...names, 'sort']),
    order: now?.by === by ? (now.descending ? 'descending' : 'ascending') : null,
  };
}

/** The first column: what a row is about. */
export const LABEL = 'label';

function sortingOf(text: string | undefined): Sorting | null {
  if (!text) return null;
  return text.startsWith('-') ? { by: text.slice(1), descending: true } : { by: text, descending: false };
}

/** Rows without a figure come last, whichever way. */
function compareValues(a: string | number | null, b: string | number | null, direction: 1 | -1): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : compare(String(a), String(b));
  return direction * order;
}
