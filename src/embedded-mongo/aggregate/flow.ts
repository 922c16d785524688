import { Doc, isNumeric, type Value } from '../bson/values.js';
import { formatValue } from '../bson/format.js';
import { MongoError } from '../errors.js';
import { PAUSE, slice } from '../query/execute.js';
import { compileFilter } from '../query/matcher.js';
import { parseSort, Sorter } from '../query/sort.js';
import { toNumber } from '../query/types.js';
import { groupStage } from './group.js';
import type { Stage, StageCompiler } from './stage.js';

export const matchStage: StageCompiler = (argument, { query }) => {
  if (!(argument instanceof Doc)) throw new MongoError(15959, 'the match filter must be an expression in an object');
  const predicate = compileFilter(argument, query);
  return function* (input) {
    for (const doc of input) if (doc === PAUSE || predicate(doc)) yield doc;
  };
};

export const sortStage: StageCompiler = (argument, { query }) => {
  if (!(argument instanceof Doc)) throw new MongoError(15973, 'the $sort key specification must be an object');
  if (argument.size === 0) throw new MongoError(15976, '$sort stage must have at least one sort key');
  const order = parseSort(argument);
  return function* (input) {
    const sorter = new Sorter<Doc>(order, Infinity, query.compareText);
    for (const doc of input) {
      if (doc === PAUSE) yield doc;
      else sorter.add(doc, doc);
    }
    yield* sorter.sorted();
  };
};

/** The argument of $limit or $skip. */
export function stageCount(name: '$limit' | '$skip', argument: Value): number {
  if (!isNumeric(argument))
    throw new MongoError(
      name === '$limit' ? 5107201 : 5107200,
      `invalid argument to ${name} stage: Expected a number in: ${name}: ${formatValue(argument)}`,
    );
  const n = toNumber(argument);
  if (!Number.isInteger(n)) {
    throw new MongoError(
      name === '$limit' ? 2107201 : 5107200,
      `invalid argument to ${name} stage: Expected an integer: ${name}`,
    );
  }
  if (name === '$limit' && n === 0) throw new MongoError(15958, 'the limit must be positive');
  if (n < 0)
    throw new MongoError(
      name === '$limit' ? 5107201 : 5107200,
      `invalid argument to ${name} stage: Expected a non-negative number in: ${name}: ${n}`,
    );
  return n;
}

export const limitStage: StageCompiler = (argument) => {
  const n = stageCount('$limit', argument);
  return (input) => slice(input, 0, n);
};

export const skipStage: StageCompiler = (argument) => {
  const n = stageCount('$skip', argument);
  return (input) => slice(input, n, 0);
};

export const countStage: StageCompiler = (argument) => {
  if (typeof argument !== 'string' || argument === '')
    throw new MongoError(40156, 'the count field must be a non-empty string');
  if (argument.startsWith('$')) throw new MongoError(40158, 'the count field cannot be a $-prefixed path');
  if (argument.includes('.')) throw new MongoError(40160, "the count field cannot contain '.'");
  return function* (input) {
    let count = 0;
    for (const doc of input) {
      if (doc === PAUSE) yield doc;
      else count++;
    }
    if (count > 0) yield Doc.from([[argument, count]]);
  };
};

/** Runs stages one after another. */
export const chain =
  (stages: readonly Stage[]): Stage =>
  (input) =>
    stages.reduce((stream, stage) => stage(stream), input);

export const sortByCountStage: StageCompiler = (argument, context) => {
  const counted = typeof argument === 'string' ? argument : argument instanceof Doc ? argument.first()?.[0] : undefined;
  if (counted?.startsWith('$') !== true)
    throw new MongoError(
      argument instanceof Doc ? 40147 : typeof argument === 'string' ? 40148 : 40149,
      'the sortByCount field must be defined as a $-prefixed path or an expression inside an object',
    );
  return chain([
    groupStage(
      Doc.from([
        ['_id', argument],
        ['count', Doc.of({ $sum: 1 })],
      ]),
      context,
    ),
    sortStage(Doc.of({ count: -1 }), context),
  ]);
};

export const sampleStage: StageCompiler = (argument) => {
  if (!(argument instanceof Doc)) throw new MongoError(28745, 'the $sample stage specification must be an object');
  const size = argument.get('size');
  if (!isNumeric(size)) throw new MongoError(28746, 'size argument to $sample must be a number');
  const wanted = toNumber(size);
  if (wanted < 0) throw new MongoError(28747, 'size argument to $sample must not be negative');
  return function* (input) {
    const kept: Doc[] = [];
    let seen = 0;
    for (const doc of input) {
      if (doc === PAUSE) {
        yield doc;
        continue;
      }
      seen++;
      // Every document has the same chance to be among those kept.
      if (kept.length < wanted) kept.push(doc);
      else {
        const place = Math.floor(Math.random() * seen);
        if (place < wanted) kept[place] = doc;
      }
    }
    yield* kept;
  };
};

export const redactStage: StageCompiler = (argument, { scope }) => {
  const decide = scope.compile(argument);
  const redact = (doc: Doc): Doc | undefined => {
    const decision = decide(doc);
    if (decision === '$$KEEP') return doc;
    if (decision === '$$PRUNE') return undefined;
    if (decision !== '$$DESCEND') {
      throw new MongoError(17053, '$redact must return either of the special values $$PRUNE, $$KEEP, or $$DESCEND');
    }
    const result = Doc.from();
    for (const [key, value] of doc.entries()) {
      const kept = redactValue(value);
      if (kept !== undefined) result.set(key, kept);
    }
    return result;
  };
  const redactValue = (value: Value): Value | undefined => {
    if (value instanceof Doc) return redact(value);
    if (!Array.isArray(value)) return value;
    return value.flatMap((item) => {
      const kept = redactValue(item);
      return kept === undefined ? [] : [kept];
    });
  };
  return function* (input) {
    for (const doc of input) {
      const kept = doc === PAUSE ? doc : redact(doc);
      if (kept !== undefined) yield kept;
    }
  };
};
