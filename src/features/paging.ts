/** One page of a list, with where the pages beside it are. */
export interface PageOf<T> {
  readonly shown: readonly T[];
  /** Numbers, from 1, of the first and the last item shown; 0 of none. */
  readonly from: number;
  readonly to: number;
  readonly total: number;
  readonly previous: string | null;
  readonly next: string | null;
}

/**
 * The page of a list that is asked for: the first where that is no number of a page, the last where there are fewer.
 * @param addressOf where the page of a number is
 */
export function pageOf<T>(
  items: readonly T[],
  asked: string | undefined,
  size: number,
  addressOf: (page: number) => string,
): PageOf<T> {
  const last = Math.max(1, Math.ceil(items.length / size));
  const page = /^[1-9]\d{0,5}$/.test(asked ?? '') ? Math.min(Number(asked), last) : 1;
  const start = (page - 1) * size;
  const shown = items.slice(start, start + size);
  return {
    shown,
    from: shown.length === 0 ? 0 : start + 1,
    to: start + shown.length,
    total: items.length,
    previous: page > 1 ? addressOf(page - 1) : null,
    next: page < last ? addressOf(page + 1) : null,
  };
}

/** The address of a page of a list, with those of its filters that are in use. */
export function listAddress(path: string, filters: Readonly<Record<string, string>>, page: number): string {
  const used = Object.entries({ ...filters, page: page === 1 ? '' : String(page) }).filter(([, value]) => value !== '');
  const query = new URLSearchParams(used).toString();
  return query === '' ? path : `${path}?${query}`;
}
