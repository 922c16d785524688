import { Doc, isNullish, isNumeric, ObjectId, Timestamp, typeName, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import { isTruthy, toInteger } from '../query/types.js';
import { namedArguments, unary } from './arguments.js';
import {
  addUnits,
  difference,
  fromIsoWeek,
  isoWeek,
  localParts,
  parseUnit,
  parseWeekday,
  sundayWeek,
  truncate,
  type LocalParts,
} from './calendar.js';
import type { Expression, Operator, Scope } from './compile.js';
import {
  checkFormat,
  DEFAULT_FORMAT,
  formatDate,
  INPUT_SPECIFIERS,
  OUTPUT_SPECIFIERS,
  parseDate,
  parseIsoDate,
} from './date-text.js';
import { dateFromParts, fromLocal, HOUR, MINUTE, parseZone, UTC, type Zone } from './zone.js';

type Maybe = Value | undefined;

const notADate = (type: string): MongoError => new MongoError(16006, `can't convert from BSON type ${type} to Date`);

/** Milliseconds of a date, timestamp or object id; undefined for null. */
function instantOf(value: Maybe, refusal: (type: string) => MongoError = notADate): number | undefined {
  if (isNullish(value)) return undefined;
  if (value instanceof Date) return value.getTime();
  if (value instanceof Timestamp) return value.t * 1000;
  if (value instanceof ObjectId) return value.getTimestamp().getTime();
  throw refusal(typeName(value));
}

/** The zone an expression names: UTC without one, undefined when it is null. */
function zoneOf(expression: Expression | undefined, root: Doc): Zone | undefined {
  if (!expression) return UTC;
  const name = expression(root);
  if (isNullish(name)) return undefined;
  if (typeof name !== 'string')
    throw new MongoError(40517, `timezone must evaluate to a string, found ${typeName(name)}`);
  return parseZone(name);
}

/** An operator that takes one part of a date. */
const part = (pick: (parts: LocalParts) => Value): Operator => {
  return (argument, scope, name) => {
    const { date, timezone } = dateArgument(argument, scope, name);
    return (root) => {
      const instant = instantOf(date?.(root));
      const zone = zoneOf(timezone, root);
      return instant === undefined || !zone ? null : pick(localParts(instant, zone));
    };
  };
};

/** `{date, timezone}`, or an expression for the date by itself. */
function dateArgument(argument: Value, scope: Scope, name: string): { date?: Expression; timezone?: Expression } {
  if (argument instanceof Doc && argument.first()?.[0].startsWith('$') !== true) {
    if (!argument.has('date')) throw new MongoError(40539, `missing 'date' argument to ${name}`);
    return namedArguments(name, argument, scope, ['date'], ['timezone']);
  }
  if (Array.isArray(argument) && argument.length !== 1)
    throw new MongoError(
      40536,
      `${name} accepts exactly one argument if given an array, but was given ${argument.length}`,
    );
  const [date] = scope.compileList(argument);
  return date ? { date } : {};
}

const dateToParts: Operator = (argument, scope, name) => {
  const { date, timezone, iso8601 } = namedArguments(name, argument, scope, ['date'], ['timezone', 'iso8601']);
  return (root) => {
    const instant = instantOf(date?.(root));
    const zone = zoneOf(timezone, root);
    if (instant === undefined || !zone) return null;
    const parts = localParts(instant, zone);
    const { hour, minute, second, millisecond } = parts;
    if (iso8601 && isTruthy(iso8601(root))) {
      const { year, week } = isoWeek(parts);
      return Doc.of({
        isoWeekYear: year,
        isoWeek: week,
        isoDayOfWeek: isoWeekday(parts),
        hour,
        minute,
        second,
        millisecond,
      });
    }
    return Doc.of({ year: parts.year, month: parts.month, day: parts.day, hour, minute, second, millisecond });
  };
};

const isoWeekday = ({ weekday }: LocalParts): number => ((weekday + 6) % 7) + 1;

const PARTS = [
  'year',
  'month',
  'day',
  'hour',
  'minute',
  'second',
  'millisecond',
  'isoWeekYear',
  'isoWeek',
  'isoDayOfWeek',
] as const;

const fromParts: Operator = (argument, scope, name) => {
  const compiled = namedArguments(name, argument, scope, [], [...PARTS, 'timezone']);
  if (!compiled.year && !compiled.isoWeekYear)
    throw new MongoError(40516, "$dateFromParts requires either 'year' or 'isoWeekYear' to be present");
  return (root) => {
    const zone = zoneOf(compiled.timezone, root);
    const values = new Map<string, number>();
    for (const key of PARTS) {
      const value = compiled[key]?.(root);
      if (value === undefined && !compiled[key]) continue;
      if (isNullish(value)) return null;
      const integer = toInteger(value);
      if (integer === undefined)
        throw new MongoError(40515, `'${key}' must evaluate to an integer, found ${typeName(value)}`);
      values.set(key, integer);
    }
    if (!zone) return null;
    const get = (key: string, fallback: number): number => values.get(key) ?? fallback;
    const year = get('year', get('isoWeekYear', 1970));
    if (year < 0 || year > 9999)
      throw new MongoError(40523, `'year' must evaluate to an integer in the range 0 to 9999, found ${year}`);
    const day = values.has('isoWeekYear')
      ? fromIsoWeek(year, get('isoWeek', 1), get('isoDayOfWeek', 1))
      : dateFromParts(year, get('month', 1), get('day', 1));
    const time = get('hour', 0) * HOUR + get('minute', 0) * MINUTE + get('second', 0) * 1000 + get('millisecond', 0);
    return new Date(fromLocal(day + time, zone));
  };
};

const dateToString: Operator = (argument, scope, name) => {
  const { date, format, timezone, onNull } = namedArguments(
    name,
    argument,
    scope,
    ['date'],
    ['format', 'timezone', 'onNull'],
  );
  return (root) => {
    const pattern = format ? format(root) : DEFAULT_FORMAT;
    if (typeof pattern === 'string') checkFormat(pattern, OUTPUT_SPECIFIERS);
    else if (!isNullish(pattern))
      throw new MongoError(18533, `$dateToString requires that 'format' be a string, found: ${typeName(pattern)}`);
    const instant = instantOf(date?.(root));
    const zone = zoneOf(timezone, root);
    if (instant === undefined) return onNull ? onNull(root) : null;
    return typeof pattern !== 'string' || !zone ? null : formatDate(instant, pattern, zone);
  };
};

const dateFromString: Operator = (argument, scope, name) => {
  const compiled = namedArguments(name, argument, scope, ['dateString'], ['format', 'timezone', 'onNull', 'onError']);
  return (root) => {
    const text = compiled.dateString?.(root);
    const pattern = compiled.format?.(root);
    const zone = zoneOf(compiled.timezone, root);
    if (isNullish(text)) return compiled.onNull ? compiled.onNull(root) : null;
    if ((compiled.format && isNullish(pattern)) || !zone) return null;
    if (typeof pattern === 'string') checkFormat(pattern, INPUT_SPECIFIERS);
    try {
      if (typeof text !== 'string')
        throw new MongoError(241, `$dateFromString requires that 'dateString' be a string, found: ${typeName(text)}`);
      return new Date(typeof pattern === 'string' ? parseDate(text, pattern, zone) : parseIsoDate(text, zone));
    } catch (error) {
      if (compiled.onError && error instanceof MongoError && error.code === 241) return compiled.onError(root);
      throw error;
    }
  };
};

const shifted =
  (sign: 1 | -1): Operator =>
  (argument, scope, name) => {
    const { startDate, unit, amount, timezone } = namedArguments(
      name,
      argument,
      scope,
      ['startDate', 'unit', 'amount'],
      ['timezone'],
    );
    return (root) => {
      const [start, unitName, count] = [startDate?.(root), unit?.(root), amount?.(root)];
      const zone = zoneOf(timezone, root);
      if (isNullish(start) || isNullish(unitName) || isNullish(count) || !zone) return null;
      const from = instantOf(
        start,
        () => new MongoError(5166403, `${name} requires startDate to be convertible to a date`),
      );
      const units = isNumeric(count) ? toInteger(count) : undefined;
      if (units === undefined) throw new MongoError(5166405, `${name} expects integer amount of time units`);
      const instant = addUnits(from ?? 0, parseUnit(unitText(unitName)), sign * units, zone);
      if (!(Math.abs(instant) <= 8.64e15)) throw new MongoError(5166406, `${name} overflowed`);
      return new Date(instant);
    };
  };

function unitText(value: Value): string {
  if (typeof value === 'string') return value;
  throw new MongoError(5439013, `requires 'unit' to be a string, but got ${typeName(value)}`);
}

const weekStart = (value: Maybe): number => {
  if (typeof value !== 'string')
    throw new MongoError(5439015, `requires 'startOfWeek' to be a string, but got ${typeName(value)}`);
  return parseWeekday(value);
};

const dateDiff: Operator = (argument, scope, name) => {
  const compiled = namedArguments(name, argument, scope, ['startDate', 'endDate', 'unit'], ['timezone', 'startOfWeek']);
  return (root) => {
    const dates = (['startDate', 'endDate'] as const).map((key) => [key, compiled[key]?.(root)] as const);
    const [start, end] = dates.map(([key, value]) =>
      instantOf(value, (type) => new MongoError(5166307, `$dateDiff requires '${key}' to be a date, but got ${type}`)),
    );
    const unit = compiled.unit?.(root);
    const zone = zoneOf(compiled.timezone, root);
    const day = compiled.startOfWeek?.(root);
    if (
      start === undefined ||
      end === undefined ||
      isNullish(unit) ||
      !zone ||
      (compiled.startOfWeek && isNullish(day))
    )
      return null;
    const named = parseUnit(unitText(unit));
    return BigInt(difference(start, end, named, zone, named === 'week' && compiled.startOfWeek ? weekStart(day) : 0));
  };
};

const dateTrunc: Operator = (argument, scope, name) => {
  const compiled = namedArguments(name, argument, scope, ['date', 'unit'], ['binSize', 'timezone', 'startOfWeek']);
  return (root) => {
    const instant = instantOf(
      compiled.date?.(root),
      (type) => new MongoError(5439012, `$dateTrunc requires 'date' to be a date, but got ${type}`),
    );
    const unit = compiled.unit?.(root);
    const zone = zoneOf(compiled.timezone, root);
    const size = compiled.binSize ? compiled.binSize(root) : 1;
    const day = compiled.startOfWeek?.(root);
    if (
      instant === undefined ||
      isNullish(unit) ||
      isNullish(size) ||
      !zone ||
      (compiled.startOfWeek && isNullish(day))
    )
      return null;
    const bins = toInteger(size);
    if (bins === undefined)
      throw new MongoError(
        5439017,
        `$dateTrunc requires 'binSize' to be a 64-bit integer, but got value of type ${typeName(size)}`,
      );
    if (bins <= 0)
      throw new MongoError(5439018, `$dateTrunc requires 'binSize' to be greater than 0, but got value ${bins}`);
    const named = parseUnit(unitText(unit));
    return new Date(
      truncate(instant, named, bins, zone, named === 'week' && compiled.startOfWeek ? weekStart(day) : 0),
    );
  };
};

const ofTimestamp = (pick: (value: Timestamp) => number): Operator =>
  unary((value, name) => {
    if (isNullish(value)) return null;
    if (!(value instanceof Timestamp))
      throw new MongoError(5687301, `${name} requires a timestamp, found: ${typeName(value)}`);
    return BigInt(pick(value));
  });

export const dateOperators: Readonly<Record<string, Operator>> = {
  $year: part(({ year }) => year),
  $month: part(({ month }) => month),
  $dayOfMonth: part(({ day }) => day),
  $hour: part(({ hour }) => hour),
  $minute: part(({ minute }) => minute),
  $second: part(({ second }) => second),
  $millisecond: part(({ millisecond }) => millisecond),
  $dayOfWeek: part(({ weekday }) => weekday + 1),
  $dayOfYear: part(({ dayOfYear }) => dayOfYear),
  $isoDayOfWeek: part(isoWeekday),
  $isoWeek: part((parts) => isoWeek(parts).week),
  $isoWeekYear: part((parts) => BigInt(isoWeek(parts).year)),
  $week: part(sundayWeek),
  $dateToParts: dateToParts,
  $dateFromParts: fromParts,
  $dateToString: dateToString,
  $dateFromString: dateFromString,
  $dateAdd: shifted(1),
  $dateSubtract: shifted(-1),
  $dateDiff: dateDiff,
  $dateTrunc: dateTrunc,
  $tsSecond: ofTimestamp((value) => value.t),
  $tsIncrement: ofTimestamp((value) => value.i),
};
