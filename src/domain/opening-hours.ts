import { localDay, localTimestamp, weekday } from './period.js';

/** When a centre is open, the same on each of its days. Times are local, 'HH:MM', the end not included. */
export interface OpeningHours {
  /** 1 = Monday … 7 = Sunday. */
  readonly days: readonly number[];
  readonly spans: readonly { readonly from: string; readonly to: string }[];
}

/** What most one-stop centres keep: Monday to Friday, with a pause at noon. */
export const USUAL_HOURS: OpeningHours = {
  days: [1, 2, 3, 4, 5],
  spans: [
    { from: '07:30', to: '11:30' },
    { from: '13:30', to: '17:00' },
  ],
};

/** Whether a centre with these hours is open at an instant. RangeError for an invalid Date. */
export function isOpen({ days, spans }: OpeningHours, instant: Date): boolean {
  const time = localTimestamp(instant).slice(11, 16);
  return days.includes(weekday(localDay(instant))) && spans.some(({ from, to }) => from <= time && time < to);
}
