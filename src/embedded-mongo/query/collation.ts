import { identity } from '../bson/key.js';
import { Doc, isNumeric, typeName, type Value } from '../bson/values.js';
import { badValue, MongoError, typeMismatch } from '../errors.js';
import { asText, toNumber } from './types.js';

const FIELDS = new Set([
  'locale',
  'caseLevel',
  'caseFirst',
  'strength',
  'numericOrdering',
  'alternate',
  'maxVariable',
  'normalization',
  'backwards',
  'version',
]);

/** How texts compare under a collation. */
export interface Collation {
  readonly compare: (a: string, b: string) => number;
  /** A string that two values share exactly when they are equal. */
  readonly identity: (value: Value | undefined) => string;
}

/**
 * The order of texts under a collation; undefined for none and for "simple", which is the order of code points.
 * @throws MongoError on a collation that this server cannot follow exactly.
 */
export function parseCollation(collation: Value | undefined): Collation | undefined {
  if (collation === undefined) return undefined;
  if (!(collation instanceof Doc))
    throw typeMismatch("BSON field 'collation' is the wrong type, expected type 'object'");
  if (collation.size === 0) return undefined;
  const locale = collation.get('locale');
  if (typeof locale !== 'string')
    throw new MongoError(40414, "BSON field 'collation.locale' is missing but a required field");
  for (const key of collation.keys())
    if (!FIELDS.has(key)) throw new MongoError(40415, `BSON field 'collation.${key}' is an unknown field.`);
  for (const name of FLAGS) checkFlag(name, collation.get(name));
  const strength = checkedStrength(collation.get('strength'));
  if (locale === 'simple') return undefined;
  const caseFirst = collation.get('caseFirst') ?? 'off';
  if (caseFirst !== 'off' && collation.get('caseLevel') !== true && strength <= 2)
    throw badValue("'caseFirst' is invalid unless 'caseLevel' is on or 'strength' is greater than 2");
  const unsupported = ['backwards', 'normalization'].find((name) => collation.get(name) === true);
  if (unsupported !== undefined || collation.get('alternate') === 'shifted' || strength > 3) {
    throw badValue(
      'collations with backwards, normalization, alternate: shifted or a strength above 3 are not supported by this server',
    );
  }
  const { compare } = collator(locale, strength, collation);
  return { compare, identity: collatedIdentity(compare) };
}

const FLAGS = ['caseLevel', 'numericOrdering', 'normalization', 'backwards'];

function checkFlag(name: string, value: Value | undefined): void {
  if (value === undefined || typeof value === 'boolean') return;
  throw typeMismatch(`BSON field 'collation.${name}' is the wrong type '${typeName(value)}', expected type 'bool'`);
}

function checkedStrength(value: Value | undefined): number {
  if (value === undefined) return 3;
  if (!isNumeric(value))
    throw typeMismatch(`BSON field 'collation.strength' is the wrong type '${typeName(value)}', expected type 'int'`);
  const strength = toNumber(value);
  if (strength > 5) throw new MongoError(51024, `BSON field 'strength' value must be <= 5, actual value '${strength}'`);
  if (strength < 1) throw badValue(`Field 'strength' must be between 1 and 5. Got: ${strength}`);
  return strength;
}

function collator(locale: string, strength: number, collation: Doc): Intl.Collator {
  const tag = locale.replaceAll('_', '-').replace(/@collation=(\w+)/, '-u-co-$1');
  const caseLevel = collation.get('caseLevel') === true;
  const caseFirst = collation.get('caseFirst');
  const options: Intl.CollatorOptions = {
    sensitivity: strength === 1 ? (caseLevel ? 'case' : 'base') : strength === 2 && !caseLevel ? 'accent' : 'variant',
    numeric: collation.get('numericOrdering') === true,
    caseFirst: caseFirst === 'upper' || caseFirst === 'lower' ? caseFirst : 'false',
  };
  const invalid = (): MongoError => badValue(`Field 'locale' is invalid in: { locale: "${locale}" }`);
  const order = caseFirst ?? 'off';
  if (order !== 'off' && order !== 'upper' && order !== 'lower')
    throw badValue(`Enumeration value '${asText(order)}' for field 'collation.caseFirst' is not a valid value.`);
  try {
    if (Intl.Collator.supportedLocalesOf(tag).length > 0) return new Intl.Collator(tag, options);
  } catch {
    throw invalid();
  }
  throw invalid();
}

/** Identities in which every text is replaced by the first one seen that equals it. */
function collatedIdentity(compare: (a: string, b: string) => number): (value: Value | undefined) => string {
  const known: string[] = [];
  const representative = (text: string): string => {
    let [low, high] = [0, known.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(known[middle] ?? '', text) < 0) low = middle + 1;
      else high = middle;
    }
    const found = known[low];
    if (found !== undefined && compare(found, text) === 0) return found;
    known.splice(low, 0, text);
    return text;
  };
  const canonical = (value: Value): Value => {
    if (typeof value === 'string') return representative(value);
    if (Array.isArray(value)) return value.map(canonical);
    if (value instanceof Doc) return Doc.from([...value.entries()].map(([key, item]) => [key, canonical(item)]));
    return value;
  };
  return (value) => identity(value === undefined ? undefined : canonical(value));
}
