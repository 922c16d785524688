import { formatNumber } from '../../domain/format-vi.js';
import type { Lang, Translate } from '../../i18n/index.js';
import { pageOf } from '../paging.js';

/** A page in the browser shows at most this much of a table, so that a year by days is whole; its file has all of it. */
const ROWS_A_PAGE = 400;

/** The part of a table that is shown. */
export interface RowsShown<T> {
  readonly rows: readonly T[];
  /** Where they stand in their table, and where the others are; null where all are shown. */
  readonly pager: { readonly text: string; readonly previous: string | null; readonly next: string | null } | null;
}

interface Reader {
  readonly lang: Lang;
  readonly t: Translate;
}

/** The part of a table that the address asks for with `page`. */
export function rowsShown<T>(rows: readonly T[], address: URL, { lang, t }: Reader): RowsShown<T> {
  const asked = address.searchParams.get('page') ?? undefined;
  const { shown, from, to, total, previous, next } = pageOf(rows, asked, ROWS_A_PAGE, (page) =>
    withPage(address, page),
  );
  if (total === shown.length) return { rows, pager: null };
  const number = (n: number) => formatNumber(n, 0, lang);
  const text = t('figures.pager', { first: number(from), last: number(to), of: number(total) });
  return { rows: shown, pager: { text, previous, next } };
}

function withPage({ pathname, searchParams }: URL, page: number): string {
  const query = new URLSearchParams(searchParams);
  query.set('page', String(page));
  return `${pathname}?${query.toString()}`;
}
