import { formatPercent } from '../../domain/format-vi.js';
import type { Lang } from '../../i18n/index.js';
import type { Trend } from './figures.views.js';
import type { ReportRow } from './reports.types.js';

const WIDTH = 720;
const HEIGHT = 220;
const AXIS = { grid: 60, ticks: 52, labels: HEIGHT - 8 } as const;
const EDGE = { left: 64, right: 24, top: 12, bottom: 32 };

/** The satisfied rate of rows in time as a line over its interval; months without answers break neither, they are left out. */
export function trendOf(rows: readonly ReportRow[], text: string, lang: Lang): Trend | null {
  const known = rows.flatMap(({ rates, ci95 }, index) =>
    rates.satisfied === null || !ci95.satisfied ? [] : [{ index, value: rates.satisfied, interval: ci95.satisfied }],
  );
  if (known.length < 2) return null;
  const lowest = Math.min(...known.map(({ interval }) => interval[0]));
  const floor = Math.max(0, Math.floor(lowest / 10) * 10);
  const step = (WIDTH - EDGE.left - EDGE.right) / Math.max(1, rows.length - 1);
  const x = (index: number) => round(EDGE.left + index * step);
  const y = (value: number) =>
    round(EDGE.top + ((100 - value) / (100 - floor || 1)) * (HEIGHT - EDGE.top - EDGE.bottom));
  const path = (points: readonly { index: number; value: number }[]) =>
    points.map(({ index, value }) => `${x(index)},${y(value)}`).join(' ');
  const upper = known.map(({ index, interval }) => ({ index, value: interval[1] }));
  const lower = known.map(({ index, interval }) => ({ index, value: interval[0] })).reverse();
  return {
    text,
    width: WIDTH,
    height: HEIGHT,
    line: path(known),
    band: path([...upper, ...lower]),
    points: known.map(({ index, value }) => ({ x: x(index), y: y(value) })),
    axis: AXIS,
    labels: rows.map(({ key }, index) => ({ x: x(index), text: `${key.slice(5)}/${key.slice(2, 4)}` })),
    ticks: [floor, (floor + 100) / 2, 100].map((value) => ({ y: y(value), text: formatPercent(value, 0, lang) })),
  };
}

function round(coordinate: number): number {
  return Math.round(coordinate * 10) / 10;
}
