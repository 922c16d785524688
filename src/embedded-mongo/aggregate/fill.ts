import { compareValues } from '../bson/compare.js';
import { identity } from '../bson/key.js';
import { Doc, isNullish, isNumeric, typeNumber, type Numeric, type Value } from '../bson/values.js';
import { badValue, failedToParse, MongoError } from '../errors.js';
import { addUnits, parseUnit } from '../expression/calendar.js';
import { UTC } from '../expression/zone.js';
import { fieldPath } from '../expression/compile.js';
import { add, subtract } from '../expression/numbers.js';
import { PAUSE } from '../query/execute.js';
import { toInteger, asText } from '../query/types.js';
import { chain } from './flow.js';
import { addFieldsStage, replaceAt } from './shape.js';
import type { Stage, StageCompiler } from './stage.js';
import { setWindowFieldsStage } from './windows.js';

/** `$fill` is `$setWindowFields` for the methods and `$addFields` for the values. */
export const fillStage: StageCompiler = (argument, context) => {
  if (!(argument instanceof Doc)) throw failedToParse('The argument to $fill must be an object');
  const output = argument.get('output');
  if (!(output instanceof Doc))
    throw new MongoError(40414, "BSON field '$fill.output' is missing but a required field");
  const [windows, values] = [Doc.from(), Doc.from()];
  for (const [path, spec] of output.entries()) {
    const method = spec instanceof Doc ? spec.get('method') : undefined;
    const value = spec instanceof Doc ? spec.get('value') : undefined;
    if ((method === undefined) === (value === undefined))
      throw new MongoError(6050200, "Each fill output needs exactly one of 'method' and 'value'");
    if (method === 'locf' || method === 'linear')
      windows.set(path, Doc.from([[method === 'locf' ? '$locf' : '$linearFill', `$${path}`]]));
    else if (method !== undefined) throw new MongoError(6050202, 'Method must be either locf or linear');
    else values.set(path, Doc.of({ $ifNull: [`$${path}`, value ?? null] }));
  }
  const fields = argument.get('partitionByFields');
  if (fields !== undefined && argument.has('partitionBy'))
    throw new MongoError(6050204, "Maximum one of 'partitionBy' and 'partitionByFields can be specified in '$fill'");
  const partitionBy = Array.isArray(fields)
    ? Doc.from(fields.map((field) => [asText(field), `$${asText(field)}`]))
    : argument.get('partitionBy');
  const stages: Stage[] = [];
  if (windows.size > 0) {
    const sortBy = argument.get('sortBy');
    stages.push(setWindowFieldsStage(Doc.of({ partitionBy, sortBy, output: windows }), context));
  }
  if (values.size > 0) stages.push(addFieldsStage(values, context));
  return chain(stages);
};

interface Step {
  readonly amount: Numeric;
  readonly unit: string | undefined;
}

export const densifyStage: StageCompiler = (argument) => {
  if (!(argument instanceof Doc)) throw new MongoError(5733201, 'The $densify specification must be an object');
  const [field, range] = [argument.get('field'), argument.get('range')];
  if (typeof field !== 'string' || !(range instanceof Doc))
    throw new MongoError(40414, "BSON field '$densify.field' or '$densify.range' is missing but a required field");
  const amount = range.get('step');
  const unit = range.get('unit');
  if (!isNumeric(amount) || compareValues(amount, 0) <= 0)
    throw new MongoError(5733401, 'the step parameter in a range statement must be a strictly positive numeric value');
  if (unit !== undefined && (typeof unit !== 'string' || toInteger(amount) === undefined))
    throw new MongoError(6586400, 'a date step must be a whole number of a unit');
  const step: Step = { amount, unit };
  const parts = fieldPath(field);
  const given = argument.get('partitionByFields');
  const names = Array.isArray(given) ? given.map(String) : [];
  const bounds = range.get('bounds') ?? null;
  checkBounds(field, names, step, bounds);
  const partitions = names.map((name) => fieldPath(name));
  return function* (input) {
    const docs: Doc[] = [];
    for (const doc of input) {
      if (doc === PAUSE) yield doc;
      else docs.push(doc);
    }
    yield* densify(docs, parts, partitions, step, bounds);
  };
};

/** @throws MongoError on bounds that do not go with the step or the partitions. */
function checkBounds(field: string, partitions: readonly string[], step: Step, bounds: Value): void {
  if (bounds === 'partition' && partitions.length === 0)
    throw new MongoError(
      5733408,
      "One cannot specify the bounds as 'partition' without specifying a non-empty array of partitionByFields. You may have meant to specify 'full' bounds.",
    );
  if (Array.isArray(bounds)) checkBoundTypes(step, bounds);
  // MongoDB counts the steps of a partition of dates from the dates of those before it.
  if (partitions.length > 0 && step.unit !== undefined && bounds !== 'partition')
    throw badValue("$densify of dates by partition with other bounds than 'partition' is not supported by this server");
  if (partitions.includes(field))
    throw new MongoError(8993000, 'partitionByFields cannot include field that is being densified');
}

function checkBoundTypes(step: Step, bounds: readonly Value[]): void {
  if (step.unit !== undefined) {
    if (!bounds.every((bound) => bound instanceof Date))
      throw new MongoError(5733402, 'a bounding array in a range statement must contain dates when it has a unit');
  } else if (!bounds.every((bound) => typeNumber(bound) === typeNumber(step.amount)))
    throw new MongoError(5876900, 'Upper bound, lower bound, and step must all have the same type');
}

const at = (doc: Doc, parts: readonly string[]): Value | undefined =>
  parts.reduce<Value | undefined>((value, part) => (value instanceof Doc ? value.get(part) : undefined), doc);

function* densify(
  docs: readonly Doc[],
  parts: readonly string[],
  partitions: readonly string[][],
  step: Step,
  bounds: Value,
): Generator<Doc> {
  yield* docs.filter((doc) => isNullish(at(doc, parts)));
  const valued = docs.filter((doc) => !isNullish(at(doc, parts)));
  for (const doc of valued) checkType(at(doc, parts), step);
  const sorted = [...valued].sort((a, b) => compareValues(at(a, parts), at(b, parts)));
  const groups = new Map<string, Doc[]>();
  for (const doc of sorted) {
    const key = partitions.map((path) => identity(at(doc, path))).join('\u0000');
    groups.set(key, [...(groups.get(key) ?? []), doc]);
  }
  const whole =
    bounds === 'full' ? [at(sorted[0] ?? Doc.from(), parts), at(sorted.at(-1) ?? Doc.from(), parts)] : undefined;
  // Bounds of their own are filled even when there is no document.
  if (groups.size === 0 && Array.isArray(bounds)) groups.set('', []);
  for (const group of groups.values()) {
    const own = [at(group[0] ?? Doc.from(), parts), at(group.at(-1) ?? Doc.from(), parts)];
    const [low, high] = Array.isArray(bounds) ? bounds : (whole ?? own);
    yield* densifyGroup(group, parts, partitions, step, { low, high, explicit: Array.isArray(bounds) });
  }
}

function checkType(value: Value | undefined, step: Step): void {
  if (!isNumeric(value) && !(value instanceof Date))
    throw new MongoError(5733201, 'Densify field type must be numeric or a date');
  if (value instanceof Date !== (step.unit !== undefined))
    throw new MongoError(6053600, 'Densify needs a unit for dates, and only for them');
}

interface Range {
  readonly low: Value | undefined;
  readonly high: Value | undefined;
  /** Bounds given in the stage: the upper one is not included. */
  readonly explicit: boolean;
}

const MOST = 500_000;

function* densifyGroup(
  group: readonly Doc[],
  parts: readonly string[],
  partitions: readonly string[][],
  step: Step,
  { low, high, explicit }: Range,
): Generator<Doc> {
  const [sample = Doc.from()] = group;
  const make = (value: Value): Doc =>
    replaceAt(
      partitions.reduce<Doc>((doc, path) => replaceAt(doc, path, at(sample, path)), Doc.from()),
      parts,
      value,
    );
  let made = 0;
  let next = 0;
  for (let value = startOf(low, step); value !== undefined; value = later(value, step)) {
    while (next < group.length && compareValues(at(group[next] ?? sample, parts), value) < 0)
      yield group[next++] ?? sample;
    const order = compareValues(value, high);
    if (explicit ? order >= 0 : order > 0) break;
    const present = next < group.length && compareValues(at(group[next] ?? sample, parts), value) === 0;
    if (!present) {
      if (++made > MOST) throw new MongoError(5897900, 'Generated too many documents');
      yield make(value);
    }
    while (next < group.length && compareValues(at(group[next] ?? sample, parts), value) === 0)
      yield group[next++] ?? sample;
  }
  yield* group.slice(next);
}

/** The first value, of the type that the steps make of it. */
const startOf = (low: Value | undefined, { amount }: Step): Value | undefined =>
  isNumeric(low) && isNumeric(amount) ? add(low, subtract(amount, amount)) : low;

/** The next value. Months count from the last value: from the 31st of January over the 28th of February to that of March. */
function later(value: Value, step: Step): Value | undefined {
  if (value instanceof Date && step.unit !== undefined)
    return new Date(addUnits(value.getTime(), parseUnit(step.unit), toInteger(step.amount) ?? 1, UTC));
  return isNumeric(value) ? add(value, step.amount) : undefined;
}
