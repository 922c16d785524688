import { compareValues } from '../bson/compare.js';
import { BSONRegExp, Doc, type Value } from '../bson/values.js';
import { badValue, failedToParse, typeMismatch } from '../errors.js';
import { comparison, equality, type ValueTest } from './comparison.js';
import type { QueryContext } from './context.js';
import { leafOperator, membership, regexTest } from './operators.js';
import { someValueAt } from './paths.js';
import { compileSchema } from './schema.js';
import { isTruthy } from './types.js';

export type Predicate = (doc: Doc) => boolean;

/** Makes a test of single values a test of whatever the values are looked for in. */
type Bind<X> = (test: ValueTest, expandArrays: boolean) => (subject: X) => boolean;

/** Turns a filter into a predicate. @throws MongoError as MongoDB does on a filter that it does not accept. */
export function compileFilter(filter: Doc, context: QueryContext): Predicate {
  return every(
    [...filter.entries()].map(([key, value]) =>
      key.startsWith('$') ? compileTopLevel(key, value, context) : compileConditions(value, context, bindPath(key)),
    ),
  );
}

function every<X>(tests: readonly ((subject: X) => boolean)[]): (subject: X) => boolean {
  const [first, second] = tests;
  if (!first) return () => true;
  if (!second) return first;
  return tests.length === 2 ? (x) => first(x) && second(x) : (x) => tests.every((test) => test(x));
}

function compileTopLevel(operator: string, value: Value, context: QueryContext): Predicate {
  switch (operator) {
    case '$and':
      return every(clauses(operator, value, context));
    case '$or': {
      const tests = clauses(operator, value, context);
      return (doc) => tests.some((test) => test(doc));
    }
    case '$nor': {
      const tests = clauses(operator, value, context);
      return (doc) => !tests.some((test) => test(doc));
    }
    case '$expr':
      return context.compileCondition(value);
    case '$jsonSchema':
      if (!(value instanceof Doc)) throw typeMismatch('$jsonSchema must be an object');
      return compileSchema(value);
    case '$comment':
      return () => true;
    case '$alwaysTrue':
    case '$alwaysFalse':
      if (compareValues(value, 1) !== 0) throw failedToParse(`${operator} must be an integer value of 1`);
      return () => operator === '$alwaysTrue';
    default:
      throw unknownTopLevel(operator);
  }
}

const unknownTopLevel = (operator: string): Error =>
  operator === '$where' || operator === '$text'
    ? badValue(`${operator} is not supported by this server`)
    : badValue(
        `unknown top level operator: ${operator}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      );

function clauses(operator: string, value: Value, context: QueryContext): Predicate[] {
  if (!Array.isArray(value)) throw badValue(`${operator} must be an array`);
  if (value.length === 0) throw badValue('$and/$or/$nor must be a nonempty array');
  return value.map((clause) => {
    if (!(clause instanceof Doc)) throw badValue('$or/$and/$nor entries need to be full objects');
    return compileFilter(clause, context);
  });
}

/** Looks for values at a path of a document; the arrays there are tested whole and element by element. */
function bindPath(path: string): Bind<Doc> {
  const parts = path.split('.');
  return (test, expandArrays) => {
    const leaf = (value: Value | undefined, byPosition: boolean): boolean =>
      test(value) || (expandArrays && !byPosition && Array.isArray(value) && value.some(test));
    return parts.length === 1 ? (doc) => leaf(doc.get(path), false) : (doc) => someValueAt(doc, parts, leaf);
  };
}

const bindValue: Bind<Value | undefined> = (test) => test;

/** True when the value is a document of operators and not one to compare with. */
export function isOperatorDocument(value: Value | undefined): value is Doc {
  if (!(value instanceof Doc)) return false;
  const key = value.first()?.[0];
  return key?.startsWith('$') === true && key !== '$ref' && key !== '$id' && key !== '$db';
}

function compileConditions<X>(condition: Value, context: QueryContext, bind: Bind<X>): (subject: X) => boolean {
  if (condition instanceof BSONRegExp) return bind(regexTest(condition, undefined), true);
  if (!isOperatorDocument(condition)) return bind(equality(condition, context), true);
  const tests: ((subject: X) => boolean)[] = [];
  for (const [operator, argument] of condition.entries()) {
    if (operator === '$options' && !condition.has('$regex')) throw badValue('$options needs a $regex');
    if (operator !== '$options' && operator !== '$comment') {
      tests.push(compileOperator(operator, argument, condition, context, bind));
    }
  }
  return every(tests);
}

function compileOperator<X>(
  operator: string,
  argument: Value,
  whole: Doc,
  context: QueryContext,
  bind: Bind<X>,
): (subject: X) => boolean {
  switch (operator) {
    case '$eq':
      return bind(equality(argument, context), true);
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte':
      return bind(comparison(operator, argument, context), true);
    case '$in':
      return bind(membership(operator, argument, context), true);
    case '$ne':
      if (argument instanceof BSONRegExp) throw badValue("Can't have regex as arg to $ne.");
      return not(bind(equality(argument, context), true));
    case '$nin':
      return not(bind(membership(operator, argument, context), true));
    case '$not':
      return not(compileConditions(negated(argument), context, bind));
    case '$regex':
      return bind(regexTest(argument, whole.get('$options')), true);
    case '$exists': {
      const found = bind((value) => value !== undefined, false);
      return isTruthy(argument) ? found : not(found);
    }
    case '$all':
      return compileAll(argument, context, bind);
    case '$elemMatch':
      return bind(elementMatch(argument, context), false);
    default: {
      const { test, expandArrays } = leafOperator(operator, argument);
      return bind(test, expandArrays);
    }
  }
}

const not =
  <X>(test: (subject: X) => boolean) =>
  (subject: X): boolean =>
    !test(subject);

function negated(argument: Value): Value {
  if (argument instanceof BSONRegExp) return argument;
  if (!(argument instanceof Doc)) throw badValue('$not needs a regex or a document');
  const first = argument.first()?.[0];
  if (first === undefined) throw badValue('$not cannot be empty');
  if (!isOperatorDocument(argument)) throw badValue(`unknown operator: ${first}`);
  return argument;
}

function compileAll<X>(argument: Value, context: QueryContext, bind: Bind<X>): (subject: X) => boolean {
  if (!Array.isArray(argument)) throw badValue('$all needs an array');
  if (argument.length === 0) return () => false;
  const elementwise = (item: Value | undefined): boolean => isOperatorDocument(item) && item.has('$elemMatch');
  if (elementwise(argument[0]) && !argument.every(elementwise)) throw badValue('$all/$elemMatch has to be consistent');
  return every(
    argument.map((item) => {
      if (item instanceof BSONRegExp) return bind(regexTest(item, undefined), true);
      if (!isOperatorDocument(item)) return bind(equality(item, context), true);
      const elements = item.get('$elemMatch');
      if (elements === undefined || !elementwise(argument[0])) throw badValue('no $ expressions in $all');
      return bind(elementMatch(elements, context), false);
    }),
  );
}

const LOGICAL = new Set(['$and', '$or', '$nor', '$expr', '$where', '$jsonSchema']);

/** Holds for an array with an element that satisfies all conditions at once. */
export function elementMatch(argument: Value, context: QueryContext): ValueTest {
  if (!(argument instanceof Doc)) throw badValue('$elemMatch needs an Object');
  const first = argument.first()?.[0];
  if (isOperatorDocument(argument) && first !== undefined && !LOGICAL.has(first)) {
    const test = compileConditions(argument, context, bindValue);
    return (value) => Array.isArray(value) && value.some(test);
  }
  const predicate = compileFilter(argument, context);
  return (value) =>
    Array.isArray(value) &&
    value.some((item) =>
      item instanceof Doc ? predicate(item) : Array.isArray(item) && predicate(arrayAsDocument(item)),
    );
}

const arrayAsDocument = (items: readonly Value[]): Doc => Doc.from(items.map((item, i) => [String(i), item]));
