import { Doc, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import type { Operator } from '../expression/compile.js';
import { isNumeric } from '../bson/values.js';
import { toNumber } from '../query/types.js';
import { namedFields } from '../expression/arguments.js';
import { compileAccumulator } from './accumulators.js';
import { percentileRanks, percentiles } from './percentiles.js';

const VALUE = 'value';

/** An accumulator as an expression: over the elements of the one array given, or over the arguments. */
const summary: Operator = (argument, scope, name) => {
  const parts = scope.compileList(argument);
  const accumulator = compileAccumulator(name, Doc.from([[name, `$${VALUE}`]]), scope);
  const single = !Array.isArray(argument) || argument.length === 1;
  return (root) => {
    const values = parts.map((part) => part(root));
    const [only] = values;
    const gathering = accumulator();
    for (const value of single && Array.isArray(only) ? only : values) {
      gathering.add(value === undefined ? Doc.from() : Doc.from([[VALUE, value]]));
    }
    return gathering.result();
  };
};

const percentile: Operator = (argument, scope, name) => {
  const fields = namedFields(name, argument, name === '$median' ? ['input', 'method'] : ['input', 'p', 'method']);
  if (fields.get('method') !== 'approximate')
    throw new MongoError(2, "Currently only 'approximate' can be used as percentile 'method'.");
  const input = scope.compile(fields.get('input') ?? null);
  const ranks = scope.compile(fields.get('p') ?? [0.5]);
  return (root) => {
    const value = input(root);
    const list: readonly (Value | undefined)[] = Array.isArray(value) ? value : [value];
    const numbers = list.flatMap((item) => (isNumeric(item) ? [toNumber(item)] : []));
    const found = percentiles(numbers, percentileRanks(ranks(root)));
    return name === '$median' ? (found[0] ?? null) : found;
  };
};

export const summaryOperators: Readonly<Record<string, Operator>> = {
  $sum: summary,
  $avg: summary,
  $min: summary,
  $max: summary,
  $stdDevPop: summary,
  $stdDevSamp: summary,
  $percentile: percentile,
  $median: percentile,
};
