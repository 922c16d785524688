import { compareValues, equalValues } from '../bson/compare.js';
import { formatValue } from '../bson/format.js';
import { Doc, isNumeric, typeName, type Value } from '../bson/values.js';
import { badValue, MongoError } from '../errors.js';
import { compileIndexFilter } from '../query/index-filter.js';
import { asText, isTruthy, toNumber } from '../query/types.js';

const OPTIONS = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'hidden',
  'expireAfterSeconds',
  'partialFilterExpression',
  'collation',
  'background',
  'ns',
  'dropDups',
  '_id',
]);
const NOT_HERE = new Set([
  'weights',
  'default_language',
  'language_override',
  'textIndexVersion',
  '2dsphereIndexVersion',
  'bits',
  'min',
  'max',
  'wildcardProjection',
  'storageEngine',
  'clustered',
  'prepareUnique',
]);

/** @throws MongoError on a field that is unknown, then on the first whose value cannot be. */
export function checkFieldsOf(spec: Doc): void {
  for (const option of spec.keys()) {
    if (NOT_HERE.has(option)) throw new MongoError(197, `the index option '${option}' is not supported by this server`);
    if (!OPTIONS.has(option))
      throw new MongoError(
        197,
        `Error in specification ${formatValue(spec)} :: caused by :: The field '${option}' is not valid for an index specification. Specification: ${formatValue(spec)}`,
      );
  }
  for (const [option, value] of spec.entries()) {
    if (option === 'key') checkKey(value);
    else checkType(option, value);
  }
  for (const field of ['key', 'name'])
    if (!spec.has(field))
      throw new MongoError(9, `The '${field}' field is a required property of an index specification`);
}

function checkKey(key: Value): void {
  if (!(key instanceof Doc)) throw wrongType('key', 'an object', key);
  for (const [path, direction] of key.entries()) {
    checkKeyPath(path);
    checkDirection(direction);
  }
  if (key.size === 0) throw new MongoError(67, 'Index keys cannot be empty.');
  if (key.size > 32) throw new MongoError(13103, 'too many compound keys');
}

const wrongType = (field: string, expected: string, value: Value): MongoError =>
  new MongoError(14, `The field '${field}' must be ${expected}, but got ${typeName(value)}`);

function checkType(option: string, value: Value): void {
  if (option === 'name' && typeof value !== 'string') throw wrongType(option, 'a string', value);
  if (option === 'v') checkVersion(value);
  if (option === 'partialFilterExpression' && !(value instanceof Doc)) throw wrongType(option, 'an object', value);
  if (FLAGS.includes(option) && typeof value !== 'boolean' && !isNumeric(value))
    throw new MongoError(
      14,
      `The field '${option} has value ${option}: ${formatValue(value)}, which is not convertible to bool`,
    );
}

function checkVersion(value: Value): void {
  if (!isNumeric(value)) throw wrongType('v', 'a number', value);
  const version = toNumber(value);
  if (version !== 1 && version !== 2) throw new MongoError(67, `cannot create an index with v=${version}`);
}

const FLAGS = ['unique', 'sparse', 'hidden'];
/** What the specification of the index on `_id` may hold. */
const ID_OPTIONS = new Set(['key', 'name', 'v', 'ns', 'collation']);

/** @throws MongoError when the index on `_id` is asked for with options or another key. */
export function checkIdIndex(spec: Doc): void {
  const key = spec.get('key');
  if (!(key instanceof Doc) || key.size !== 1 || !key.has('_id')) return;
  const option = [...spec.keys()].find((name) => !ID_OPTIONS.has(name));
  if (option !== undefined)
    throw new MongoError(
      197,
      `The field '${option}' is not valid for an _id index specification. Specification: ${formatValue(spec)}`,
    );
  if (compareValues(key.get('_id'), 1) !== 0)
    throw badValue(`The field 'key' for an _id index must be {_id: 1}, but got ${formatValue(key)}`);
}

/** Checks the specification of an index and gives it in the form that `listIndexes` shows. */
export function checkedSpec(spec: Doc): Doc {
  const [key, name] = [spec.get('key'), spec.get('name')];
  if (!(key instanceof Doc) || typeof name !== 'string')
    throw new TypeError('the types of the fields were not checked');
  if (name === '_id_' && !(key.size === 1 && key.has('_id')))
    throw badValue(
      `The index name '_id_' is reserved for the _id index, which must have key pattern {_id: 1}, found key: ${formatValue(key)}`,
    );
  if (name === '') throw new MongoError(67, 'index name cannot be empty');
  if (name === '*') throw badValue("The index name '*' is not valid.");
  const collation = spec.get('collation');
  if (collation instanceof Doc && collation.size > 0 && collation.get('locale') !== 'simple') {
    throw badValue('indexes with a collation are not supported by this server');
  }
  checkOptions(spec, key);
  return normalized(spec, key, name);
}

function checkKeyPath(path: string): void {
  if (path === '' || path.split('.').includes('')) throw new MongoError(67, `Index keys cannot be an empty field.`);
  if (path.split('.').some((part) => part.startsWith('$') && !['$**', '$id', '$ref', '$db'].includes(part)))
    throw new MongoError(67, `Index key contains an illegal field name: field name starts with '$'.`);
  if (path.includes('$**')) throw new MongoError(67, 'wildcard indexes are not supported by this server');
}

function checkDirection(direction: Value): void {
  if (typeof direction === 'string') {
    if (direction === '') throw new MongoError(67, `Values in v:2 index key pattern cannot be empty strings`);
    const known = ['hashed', 'text', '2d', '2dsphere', 'geoHaystack'].includes(direction);
    throw new MongoError(
      67,
      known ? `${direction} indexes are not supported by this server` : `Unknown index plugin '${direction}'`,
    );
  }
  if (!isNumeric(direction))
    throw new MongoError(
      67,
      `Values in v:2 index key pattern cannot be of type ${typeName(direction)}. Only numbers > 0, numbers < 0, and strings are allowed.`,
    );
  const number = toNumber(direction);
  if (number === 0 || Number.isNaN(number))
    throw new MongoError(67, `Values in the index key pattern cannot be ${Number.isNaN(number) ? 'NaN' : 0}.`);
}

function checkOptions(spec: Doc, key: Doc): void {
  const seconds = spec.get('expireAfterSeconds');
  if (seconds !== undefined) {
    if (!isNumeric(seconds))
      throw new MongoError(
        67,
        `TTL index 'expireAfterSeconds' option must be numeric, but received a type of '${typeName(seconds)}`,
      );
    if (toNumber(seconds) < 0)
      throw new MongoError(
        67,
        "TTL index 'expireAfterSeconds' option must be within an acceptable range, try a different number than " +
          String(toNumber(seconds)),
      );
    if (toNumber(seconds) > 2 ** 31 - 1)
      throw new MongoError(67, "TTL index 'expireAfterSeconds' must be within the range of a 32-bit integer");
    if (key.size > 1)
      throw new MongoError(
        67,
        `TTL indexes are single-field indexes, compound indexes do not support TTL. Index spec: ${formatValue(key)}`,
      );
  }
  const filter = spec.get('partialFilterExpression');
  if (filter === undefined) return;
  if (!(filter instanceof Doc)) return;
  if (isTruthy(spec.get('sparse')))
    throw new MongoError(67, 'cannot mix "partialFilterExpression" and "sparse" options');
  compileIndexFilter(filter);
}

function normalized(spec: Doc, key: Doc, name: string): Doc {
  const result = Doc.of({ v: equalValues(spec.get('v'), 1) ? 1 : 2, key, name });
  for (const option of ['background', 'unique', 'hidden', 'sparse']) {
    const value = spec.get(option);
    // MongoDB shows these two when they are off, and the others not.
    const shownOff = option === 'background' || option === 'sparse';
    if (isTruthy(value) || (value !== undefined && shownOff)) result.set(option, isTruthy(value));
  }
  const seconds = spec.get('expireAfterSeconds');
  if (seconds !== undefined) result.set('expireAfterSeconds', Math.trunc(toNumber(seconds)));
  const filter = spec.get('partialFilterExpression');
  if (filter !== undefined) result.set('partialFilterExpression', filter);
  return result;
}

/** What tells indexes on the same keys apart. */
const identityOf = (spec: Doc): Doc =>
  Doc.from([
    ['unique', isTruthy(spec.get('unique'))],
    ['sparse', isTruthy(spec.get('sparse'))],
    ['partialFilterExpression', spec.get('partialFilterExpression') ?? null],
  ]);

const signature = (spec: Doc): Doc =>
  Doc.from([...identityOf(spec).entries(), ['expireAfterSeconds', spec.get('expireAfterSeconds') ?? null]]);

/** True when the index is there already. @throws MongoError when one is that differs under the same name or keys. */
export function exists(specs: readonly Doc[], spec: Doc): boolean {
  const key = spec.get('key');
  const name = asText(spec.get('name'));
  const isId = key instanceof Doc && key.size === 1 && key.has('_id');
  if (isId) return true;
  for (const other of specs) {
    const otherName = asText(other.get('name'));
    const sameKey = sameKeyPattern(other.get('key'), key);
    const sameOptions = equalValues(signature(other), signature(spec));
    if (otherName === name && sameKey && sameOptions) return true;
    const equivalent = sameKey && equalValues(identityOf(other), identityOf(spec));
    if (otherName === name) {
      throw new MongoError(
        equivalent ? 85 : 86,
        equivalent
          ? `An equivalent index already exists with the same name but different options. Requested index: ${formatValue(spec)}, existing index: ${formatValue(other)}`
          : `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${formatValue(spec)}, existing index: ${formatValue(other)}`,
      );
    }
    if (equivalent) throw new MongoError(85, `Index already exists with a different name: ${otherName}`);
  }
  return false;
}

function sameKeyPattern(a: Value | undefined, b: Value | undefined): boolean {
  return equalValues(a, b);
}

/** The specification without the fields that no index has. */
export const knownOptions = (spec: Doc): Doc =>
  Doc.from([...spec.entries()].filter(([option]) => OPTIONS.has(option) || NOT_HERE.has(option)));
