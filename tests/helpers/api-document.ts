import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { readApiDocument } from '../../src/features/api-docs/api-docs.file.js';

/** What outsiders are told of the interface. */
export const { description, json } = readApiDocument(join(__dirname, '../../docs/openapi.yaml'));

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(JSON.parse(json), 'api');

/** What keeps a value from being what the description has at a place; null for nothing. */
export function mismatch(pointer: string, value: unknown): string | null {
  const validate = ajv.getSchema(`api#${pointer}`);
  if (!validate) throw new Error(`Nothing is described at ${pointer}`);
  return validate(value) ? null : ajv.errorsText(validate.errors);
}
