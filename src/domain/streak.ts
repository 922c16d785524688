/**
 * Consecutive years in the top group, counted back from `upTo` (default: the latest year known). A year that is missing
 * or was not in the group ends the run. 0 when `upTo` itself was not in the group. Source: domain.md §6.1 (17).
 */
export function topStreak(inTopByYear: ReadonlyMap<number, boolean>, upTo = Math.max(...inTopByYear.keys())): number {
  let years = 0;
  while (inTopByYear.get(upTo - years) === true) years += 1;
  return years;
}
