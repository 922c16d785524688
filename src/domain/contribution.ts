/** Answers of one group in one period: how many, and how many of them satisfied. */
export interface GroupAnswers {
  readonly n: number;
  readonly satisfied: number;
}

/** What one group did to the change of the whole's satisfied rate. */
export interface Contribution {
  readonly key: string;
  readonly before: GroupAnswers;
  readonly after: GroupAnswers;
  /** In percentage points, not rounded; those of all groups add up to the change. */
  readonly points: number;
}

const NONE: GroupAnswers = { n: 0, satisfied: 0 };

/**
 * Which groups explain the change of the satisfied rate between two periods. With R₀ the rate of the whole before, and
 * w and r a group's share of the answers and its rate: w₁(r₁ − R₀) − w₀(r₀ − R₀). It holds both that the group's own
 * rate changed and that its share did: a good group that grew lifts the whole. The sum over the groups is R₁ − R₀,
 * because the rates weigh to R₁ and R₀. Own derivation from the weighted mean. Largest effect first; empty when one of
 * the periods has no answers.
 */
export function contributions(
  before: ReadonlyMap<string, GroupAnswers>,
  after: ReadonlyMap<string, GroupAnswers>,
): Contribution[] {
  const [all, now] = [total(before), total(after)];
  if (all.n === 0 || now.n === 0) return [];
  const base = all.satisfied / all.n;
  const effect = ({ n, satisfied }: GroupAnswers, whole: number) => (satisfied - n * base) / whole;
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((key): Contribution => {
      const [was, is] = [before.get(key) ?? NONE, after.get(key) ?? NONE];
      return { key, before: was, after: is, points: 100 * (effect(is, now.n) - effect(was, all.n)) };
    })
    .sort((a, b) => Math.abs(b.points) - Math.abs(a.points) || (a.key < b.key ? -1 : 1));
}

function total(groups: ReadonlyMap<string, GroupAnswers>): GroupAnswers {
  return [...groups.values()].reduce(
    (sum, { n, satisfied }) => ({ n: sum.n + n, satisfied: sum.satisfied + satisfied }),
    NONE,
  );
}
