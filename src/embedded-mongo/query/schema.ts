import { equalValues } from '../bson/compare.js';
import { Doc, isNumeric, typeNumber, type Value } from '../bson/values.js';
import { failedToParse, typeMismatch } from '../errors.js';
import { compileRegExp } from './regex.js';
import { isTruthy, parseTypes, toNumber, asText } from './types.js';

type Test = (value: Value) => boolean;

const JSON_TYPES: Readonly<Record<string, string>> = {
  object: 'object',
  array: 'array',
  number: 'number',
  boolean: 'bool',
  string: 'string',
  null: 'null',
};

const IGNORED = new Set([
  'title',
  'description',
  '$comment',
  '$schema',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'additionalItems',
]);

/** Turns a `$jsonSchema` into a predicate. @throws MongoError on a keyword that MongoDB or this server does not take. */
export function compileSchema(schema: Doc): (doc: Doc) => boolean {
  return compile(schema);
}

function compile(schema: Doc): Test {
  const tests: Test[] = [];
  for (const [keyword, argument] of schema.entries()) {
    if (!IGNORED.has(keyword)) tests.push(compileKeyword(keyword, argument, schema));
  }
  return (value) => tests.every((test) => test(value));
}

function compileKeyword(keyword: string, argument: Value, schema: Doc): Test {
  switch (keyword) {
    case 'bsonType':
      return typeTest(argument);
    case 'type':
      return typeTest(
        asList(argument).map((name) => JSON_TYPES[asText(name)] ?? refuse(`Unknown type name alias: ${asText(name)}`)),
      );
    case 'enum':
      return (value) => asList(argument).some((item) => equalValues(item, value));
    case 'minimum':
    case 'maximum':
    case 'multipleOf':
      return numberKeyword(keyword, toNumber(argument), schema);
    case 'minLength':
    case 'maxLength':
      return sizeKeyword(keyword, toNumber(argument), (value) =>
        typeof value === 'string' ? Array.from(value).length : undefined,
      );
    case 'minItems':
    case 'maxItems':
      return sizeKeyword(keyword, toNumber(argument), (value) => (Array.isArray(value) ? value.length : undefined));
    case 'minProperties':
    case 'maxProperties':
      return sizeKeyword(keyword, toNumber(argument), (value) => (value instanceof Doc ? value.size : undefined));
    case 'pattern': {
      const regex = compileRegExp(asText(argument), '');
      return (value) => typeof value !== 'string' || regex.test(value);
    }
    default:
      return compileStructure(keyword, argument, schema);
  }
}

function compileStructure(keyword: string, argument: Value, schema: Doc): Test {
  switch (keyword) {
    case 'required': {
      const names = asList(argument).map(String);
      return (value) => !(value instanceof Doc) || names.every((name) => value.has(name));
    }
    case 'properties':
      return propertiesTest(asDocument(keyword, argument));
    case 'patternProperties':
    case 'additionalProperties':
      return keyword === 'additionalProperties' || !schema.has('additionalProperties') ? extraTest(schema) : () => true;
    case 'items':
      return itemsTest(argument, schema);
    case 'uniqueItems':
      return (value) => !isTruthy(argument) || !Array.isArray(value) || allDifferent(value);
    case 'allOf':
    case 'anyOf':
    case 'oneOf':
      return combination(
        keyword,
        asList(argument).map((item) => compile(asDocument(keyword, item))),
      );
    case 'not': {
      const inner = compile(asDocument(keyword, argument));
      return (value) => !inner(value);
    }
    case 'dependencies':
      return dependenciesTest(asDocument(keyword, argument));
    default:
      return refuse(`Unknown $jsonSchema keyword: ${keyword}`);
  }
}

function refuse(message: string): never {
  throw failedToParse(message);
}

const asList = (value: Value): readonly Value[] => (Array.isArray(value) ? value : [value]);

function asDocument(keyword: string, value: Value): Doc {
  if (value instanceof Doc) return value;
  throw typeMismatch(`$jsonSchema keyword '${keyword}' must be an object`);
}

function typeTest(argument: Value): Test {
  const types = parseTypes(argument);
  return (value) => types.has(typeNumber(value));
}

function numberKeyword(keyword: string, limit: number, schema: Doc): Test {
  const exclusive = isTruthy(schema.get(keyword === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum'));
  return (value) => {
    if (!isNumeric(value)) return true;
    const number = toNumber(value);
    if (keyword === 'multipleOf') return number % limit === 0;
    if (exclusive && number === limit) return false;
    return keyword === 'minimum' ? number >= limit : number <= limit;
  };
}

function sizeKeyword(keyword: string, limit: number, size: (value: Value) => number | undefined): Test {
  return (value) => {
    const actual = size(value);
    return actual === undefined || (keyword.startsWith('min') ? actual >= limit : actual <= limit);
  };
}

function propertiesTest(properties: Doc): Test {
  const tests = [...properties.entries()].map(([name, schema]) => ({ name, test: compile(asDocument(name, schema)) }));
  return (value) =>
    !(value instanceof Doc) ||
    tests.every(({ name, test }) => {
      const field = value.get(name);
      return field === undefined || test(field);
    });
}

/** Fields under a name pattern, and those under no name or pattern. */
function extraTest(schema: Doc): Test {
  const properties = schema.get('properties');
  const known = new Set(properties instanceof Doc ? properties.keys() : []);
  const byPattern = schema.get('patternProperties');
  const patterns = (byPattern instanceof Doc ? [...byPattern.entries()] : []).map(([pattern, inner]) => ({
    regex: compileRegExp(pattern, ''),
    test: compile(asDocument(pattern, inner)),
  }));
  const additional = schema.get('additionalProperties') ?? true;
  const rest: Test = additional instanceof Doc ? compile(additional) : () => additional !== false;
  return (value) =>
    !(value instanceof Doc) ||
    [...value.entries()].every(([name, field]) => {
      const matching = patterns.filter(({ regex }) => regex.test(name));
      if (!matching.every(({ test }) => test(field))) return false;
      return matching.length > 0 || known.has(name) || rest(field);
    });
}

function itemsTest(argument: Value, schema: Doc): Test {
  if (argument instanceof Doc) {
    const test = compile(argument);
    return (value) => !Array.isArray(value) || value.every(test);
  }
  const tests = asList(argument).map((item) => compile(asDocument('items', item)));
  const additional = schema.get('additionalItems') ?? true;
  const rest: Test = additional instanceof Doc ? compile(additional) : () => additional !== false;
  return (value) => !Array.isArray(value) || value.every((item, i) => (tests[i] ?? rest)(item));
}

const allDifferent = (items: readonly Value[]): boolean =>
  items.every((item, i) => !items.slice(0, i).some((other) => equalValues(item, other)));

function combination(keyword: string, tests: readonly Test[]): Test {
  if (keyword === 'allOf') return (value) => tests.every((test) => test(value));
  if (keyword === 'anyOf') return (value) => tests.some((test) => test(value));
  return (value) => tests.filter((test) => test(value)).length === 1;
}

function dependenciesTest(dependencies: Doc): Test {
  const rules = [...dependencies.entries()].map(([name, rule]) => {
    if (rule instanceof Doc) return { name, test: compile(rule) };
    const needed = asList(rule).map(String);
    return { name, test: (value: Value): boolean => value instanceof Doc && needed.every((field) => value.has(field)) };
  });
  return (value) => !(value instanceof Doc) || rules.every(({ name, test }) => !value.has(name) || test(value));
}
