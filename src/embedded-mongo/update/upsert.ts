import { compareValues } from '../bson/compare.js';
import { BSONRegExp, Doc, type Value } from '../bson/values.js';
import { MongoError } from '../errors.js';
import { applyAt, type Positions } from './apply.js';

/** An upsert cannot take fields from an expression. @throws MongoError 224 when the filter has one. */
export function refuseUpsertExpressions(filter: Doc): void {
  for (const [key, value] of filter.entries()) {
    if (key === '$expr') throw new MongoError(224, '$expr is not allowed in the query predicate for an upsert');
    if (!key.startsWith('$') || !Array.isArray(value)) continue;
    for (const clause of value) if (clause instanceof Doc) refuseUpsertExpressions(clause);
  }
}

/** The document an upsert starts from: the fields that the filter fixes to one value. Their order is the filter's. */
export function upsertBase(filter: Doc): Doc {
  const base = Doc.from();
  const nowhere: Positions = { matched: () => undefined, filters: new Map(), owned: new WeakSet() };
  const paths: string[] = [];
  for (const [path, value] of matchesNothing(filter) ? [] : fixedFields(filter)) {
    const other = paths.find((known) => known === path || known.startsWith(`${path}.`) || path.startsWith(`${known}.`));
    if (other === path) throw new MongoError(54, `cannot infer query fields to set, path '${path}' is matched twice`);
    if (other !== undefined) {
      throw new MongoError(54, `cannot infer query fields to set, both paths '${path}' and '${other}' are matched`);
    }
    paths.push(path);
    applyAt(base, path.split('.'), { creates: true, apply: () => value }, nowhere, base);
  }
  return base;
}

/** What a replacement that is upserted takes from the filter: the `_id`. @throws MongoError 111 when only a part is given. */
export function upsertId(filter: Doc): Doc {
  const fixed = matchesNothing(filter) ? [] : fixedFields(filter);
  const part = fixed.find(([path]) => path.startsWith('_id.'));
  if (part) {
    throw new MongoError(111, `field at '_id' must be exactly specified, field at sub-path '${part[0]}'found`);
  }
  const ids = fixed.filter(([path]) => path === '_id');
  if (ids.length > 1) throw new MongoError(54, `cannot infer query fields to set, path '_id' is matched twice`);
  return Doc.from(ids);
}

/** Conditions that MongoDB knows to be false before it looks at them leave nothing of the filter. */
const matchesNothing = (filter: Doc): boolean =>
  [...filter.entries()].some(([key, value]) => {
    if (key === '$alwaysFalse') return true;
    if (key === '$and')
      return Array.isArray(value) && value.some((clause) => clause instanceof Doc && matchesNothing(clause));
    const all = value instanceof Doc ? value.get('$all') : undefined;
    return Array.isArray(all) && all.length === 0;
  });

function fixedFields(filter: Doc): [string, Value][] {
  return [...filter.entries()].flatMap(([key, value]): [string, Value][] => {
    if (key === '$and' || (key === '$or' && Array.isArray(value) && value.length === 1)) {
      return (Array.isArray(value) ? value : []).flatMap((clause) =>
        clause instanceof Doc ? fixedFields(clause) : [],
      );
    }
    if (key.startsWith('$')) return [];
    const all = value instanceof Doc ? value.get('$all') : undefined;
    if (Array.isArray(all) && all.length > 1) return all.map((item) => [key, item]);
    const fixed = fixedValue(value);
    return fixed === undefined ? [] : [[key, fixed]];
  });
}

function fixedValue(condition: Value): Value | undefined {
  if (condition instanceof BSONRegExp) return undefined;
  if (!(condition instanceof Doc)) return condition;
  const operator = condition.first()?.[0];
  if (operator?.startsWith('$') !== true) return condition;
  if (condition.has('$eq')) return condition.get('$eq');
  const list = condition.get('$in') ?? condition.get('$all');
  if (!Array.isArray(list)) return undefined;
  const [only, ...others] = list;
  if (only === undefined || others.some((other) => compareValues(other, only) !== 0)) return undefined;
  return only instanceof BSONRegExp || (only instanceof Doc && only.first()?.[0].startsWith('$') === true)
    ? undefined
    : only;
}
