import { compareText } from '../bson/compare.js';
import { Doc } from '../bson/values.js';
import { MongoError } from '../errors.js';
import { compileFilter, isOperatorDocument, type Predicate } from './matcher.js';

const ALLOWED = new Set(['$eq', '$gt', '$gte', '$lt', '$lte', '$exists', '$type', '$in']);

/** The predicate of a partial index. @throws MongoError 67 on conditions that MongoDB does not take there. */
export function compileIndexFilter(filter: Doc): Predicate {
  check(filter);
  return compileFilter(filter, { compareText, compileCondition: () => refuse('$expr') });
}

function refuse(operator: string): never {
  throw new MongoError(67, `Expression not supported in partial index: ${operator}`);
}

function check(filter: Doc): void {
  for (const [key, value] of filter.entries()) {
    if (key === '$and' || key === '$or') {
      for (const clause of Array.isArray(value) ? value : []) if (clause instanceof Doc) check(clause);
    } else if (key.startsWith('$')) refuse(key);
    else if (isOperatorDocument(value)) {
      for (const [operator, argument] of value.entries()) {
        if (!ALLOWED.has(operator) || (operator === '$exists' && argument === false)) refuse(operator);
      }
    }
  }
}
