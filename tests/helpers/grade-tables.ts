import type { OfficeVersion } from '../../src/features/catalogue/grade-tables.model.js';

/** A version of a grade table with these limits and labels, as an office makes it. */
export function officeVersion(from: string, labels: Readonly<Record<number, string>>): OfficeVersion {
  const bands = Object.entries(labels).map(([min, vi]) => ({ min: Number(min), label: { vi } }));
  return { from, name: 'Bảng của tỉnh', source: 'QĐ 12', status: 'sourced', bands: bands.reverse() };
}
