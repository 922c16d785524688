import { Doc, isNumeric, typeName, type Value } from '../bson/values.js';
import { MongoError, typeMismatch } from '../errors.js';
import type { Request } from './command.js';

/** What a field of a command may hold; `objects` is an array of documents. A null counts as no value. */
type Kind = keyof typeof KINDS | 'any' | 'objects';

/** The fields that a command or a part of one may have, and those it must have. */
export interface Shape {
  readonly fields: ReadonlyMap<string, Kind>;
  readonly required: readonly string[];
}

export const shape = (fields: Readonly<Record<string, Kind>>, required: readonly string[] = []): Shape => ({
  fields: new Map(Object.entries(fields)),
  required,
});

const KINDS = {
  bool: { expected: "type 'bool'", accepts: (value: Value) => typeof value === 'boolean' },
  flag: {
    expected: "types '[bool, long, int, decimal, double']",
    accepts: (value: Value) => typeof value === 'boolean' || isNumeric(value),
  },
  number: { expected: "types '[long, int, decimal, double']", accepts: isNumeric },
  long: { expected: "type 'long'", accepts: (value: Value) => typeof value === 'bigint' },
  string: { expected: "type 'string'", accepts: (value: Value) => typeof value === 'string' },
  object: { expected: "type 'object'", accepts: (value: Value) => value instanceof Doc },
  array: { expected: "type 'array'", accepts: (value: Value) => Array.isArray(value) },
} as const;

/** Fields that any command may carry. */
const GENERIC = new Set([
  '$db',
  'lsid',
  '$clusterTime',
  '$readPreference',
  'txnNumber',
  'autocommit',
  'startTransaction',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'maxTimeMSOpOnly',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  '$audit',
  '$client',
  '$configServerState',
  'mayBypassWriteBlocking',
  '$queryOptions',
  'allowImplicitCollectionCreation',
  'databaseVersion',
]);

/** @throws MongoError when a command has a field that it does not know, one of a wrong type, or lacks one. */
export function checkFields(request: Request, structure: string, known: Shape): void {
  for (const [key, value] of request.body.entries()) {
    if (key !== request.name && !GENERIC.has(key)) checkField(structure, key, value, known);
  }
  refuseMissing(request.body, structure, known);
}

/** The same for a document inside a command. */
export function checkPart(part: Doc, structure: string, known: Shape): void {
  for (const [key, value] of part.entries()) checkField(structure, key, value, known);
  refuseMissing(part, structure, known);
}

function refuseMissing(body: Doc, structure: string, { required }: Shape): void {
  for (const key of required) {
    if ((body.get(key) ?? null) === null)
      throw new MongoError(40414, `BSON field '${structure}.${key}' is missing but a required field`);
  }
}

function checkField(structure: string, key: string, value: Value, { fields }: Shape): void {
  const kind = fields.get(key);
  if (kind === undefined) throw new MongoError(40415, `BSON field '${structure}.${key}' is an unknown field.`);
  if (kind === 'any' || value === null) return;
  const path = `${structure}.${key}`;
  checkKind(path, value, kind === 'objects' ? 'array' : kind);
  if (kind === 'objects' && Array.isArray(value)) value.forEach((item, i) => checkKind(`${path}.${i}`, item, 'object'));
}

/** @throws MongoError 14 when a value is not of the kind. */
export function checkKind(path: string, value: Value, kind: keyof typeof KINDS): void {
  const { accepts, expected } = KINDS[kind];
  if (!accepts(value))
    throw typeMismatch(`BSON field '${path}' is the wrong type '${typeName(value)}', expected ${expected}`);
}
