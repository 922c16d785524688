import { dividedBy, type Fraction, plus, roundFraction, times, toFraction } from './decimal.js';
import type { Item, Questionnaire } from './questionnaire.js';
import { answerCount, percentage, RATE_DECIMALS, satisfiedCount, wilsonInterval } from './rates.js';
import { type Scale, zeroCounts } from './scale.js';
import type { LocalizedText } from './text.js';

export type IndexMethod = 'top2-pooled' | 'top2-mean';

/** An index in percent (2 decimals, null without answers), the answers behind it, and its 95 % interval. */
export interface IndexValue {
  n: number;
  value: number | null;
  ci95: [number, number] | null;
}

export interface FactorIndex extends IndexValue {
  code: string;
  name: LocalizedText;
}

export interface CriterionIndex {
  code: string;
  factor: string;
  text: LocalizedText;
  n: number;
  /** From the worst level to the best. */
  counts: number[];
  value: number | null;
}

/** The answer of `GET /reports/index` (contract §3), texts still in all languages. */
export interface IndexFigures {
  method: IndexMethod;
  overall: IndexValue;
  factors: FactorIndex[];
  criteria: CriterionIndex[];
}

/** Counts per item code, from the worst level to the best; an item nobody answered may be missing. */
export type CountsByItem = ReadonlyMap<string, readonly number[]>;

interface Tallied {
  item: Item;
  counts: readonly number[];
  n: number;
  satisfied: number;
}

/**
 * Index by pooling: 100 · Σ satisfied answers / Σ answers over the criteria, of a factor or of all (positive levels are
 * "satisfied", a neutral answer stays in the denominator, an unanswered item is in neither). The interval is Wilson's
 * on the pooled answers. RangeError if counts do not fit the scale. Source: domain.md §1.7, contract §3.
 */
export function pooledIndex(questionnaire: Questionnaire, scale: Scale, counts: CountsByItem): IndexFigures {
  return indexFigures('top2-pooled', questionnaire, scale, counts, (criteria) => {
    const { n, satisfied } = pool(criteria);
    return { n, value: percentage(satisfied, n), ci95: wilsonInterval(satisfied, n) };
  });
}

/**
 * Index by averaging: the plain mean of the unrounded criterion values, of a factor or of all, whatever their number of
 * answers; a criterion without answers is left out. `ci95` is null: Wilson's interval is for one proportion, and a mean
 * of proportions is not one. RangeError if counts do not fit the scale. Source: domain.md §1.7, contract §3.
 */
export function meanIndex(questionnaire: Questionnaire, scale: Scale, counts: CountsByItem): IndexFigures {
  return indexFigures('top2-mean', questionnaire, scale, counts, (criteria) => ({
    n: pool(criteria).n,
    value: meanPercentage(criteria.filter(({ n }) => n > 0)),
    ci95: null,
  }));
}

function indexFigures(
  method: IndexMethod,
  questionnaire: Questionnaire,
  scale: Scale,
  counts: CountsByItem,
  combine: (criteria: readonly Tallied[]) => IndexValue,
): IndexFigures {
  const tallied = questionnaire.items.map((item) => tally(item, scale, counts.get(item.code) ?? zeroCounts(scale)));
  return {
    method,
    overall: combine(tallied),
    factors: questionnaire.factors.map(({ code, name }) => ({
      code,
      name,
      ...combine(tallied.filter(({ item }) => item.factor === code)),
    })),
    criteria: tallied.map(({ item, counts: itemCounts, n, satisfied }) => ({
      code: item.code,
      factor: item.factor,
      text: item.text,
      n,
      counts: [...itemCounts],
      value: percentage(satisfied, n),
    })),
  };
}

function tally(item: Item, scale: Scale, counts: readonly number[]): Tallied {
  return { item, counts, n: answerCount(scale, counts), satisfied: satisfiedCount(scale, counts) };
}

function pool(criteria: readonly Tallied[]): { n: number; satisfied: number } {
  return criteria.reduce((sum, { n, satisfied }) => ({ n: sum.n + n, satisfied: sum.satisfied + satisfied }), {
    n: 0,
    satisfied: 0,
  });
}

/** Exact, because averaging rounded values can be a digit off. */
function meanPercentage(criteria: readonly Tallied[]): number | null {
  if (criteria.length === 0) return null;
  const sum = criteria
    .map(({ satisfied, n }): Fraction => ({ numerator: BigInt(satisfied), denominator: BigInt(n) }))
    .reduce(plus);
  return roundFraction(dividedBy(times(toFraction(100), sum), toFraction(criteria.length)), RATE_DECIMALS);
}
