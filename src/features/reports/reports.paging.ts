import { formatNumber } from '../../domain/format-vi.js';
import type { Lang, Translate } from '../../i18n/index.js';

/** A page in the browser shows at most this much of a table, so that a year by days is whole; its file has all of it. */
const ROWS_A_PAGE = 400;

/** Where the rows shown stand in their table, and the ways to the others: '' at either end. */
export interface Pager {
  readonly text: string;
  readonly previous: string;
  readonly next: string;
}

/** What can be shown in parts. */
export interface Paged<T> {
  readonly rows: readonly T[];
  /** Null where all rows are shown. */
  readonly pager: Pager | null;
}

interface Reader {
  readonly lang: Lang;
  readonly t: Translate;
}

/**
 * The part of a table that the address asks for with `page`, counted from 1: the first where it asks for none, the last
 * where it asks for more than there are.
 */
export function pageOf<T>(rows: readonly T[], address: URL, { lang, t }: Reader): Paged<T> {
  const pages = Math.ceil(rows.length / ROWS_A_PAGE);
  if (pages <= 1) return { rows, pager: null };
  const asked = address.searchParams.get('page') ?? '';
  const page = Math.min(pages, /^[1-9]\d{0,5}$/.test(asked) ? Number(asked) : 1);
  const before = (page - 1) * ROWS_A_PAGE;
  const shown = rows.slice(before, before + ROWS_A_PAGE);
  const href = (other: number) => {
    if (other < 1 || other > pages) return '';
    const query = new URLSearchParams(address.searchParams);
    query.set('page', String(other));
    return `${address.pathname}?${query.toString()}`;
  };
  const [first = '', last = '', of = ''] = [before + 1, before + shown.length, rows.length].map((n) =>
    formatNumber(n, 0, lang),
  );
  const text = t('figures.pager', { first, last, of });
  return { rows: shown, pager: { text, previous: href(page - 1), next: href(page + 1) } };
}
