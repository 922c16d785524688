import { compareText } from '../bson/compare.js';
import type { Doc, Value } from '../bson/values.js';

/** What a filter needs to know of the command it belongs to. */
export interface QueryContext {
  /** Compares texts: by code points, or by the collation of the command. */
  readonly compareText: (a: string, b: string) => number;
  /** Turns the expression of a `$expr` into a condition. */
  readonly compileCondition: (expression: Value) => (doc: Doc) => boolean;
}

/** The context of partial indexes: no expressions, no collation. */
export const plainContext = (refuse: (operator: string) => never): QueryContext => ({
  compareText,
  compileCondition: () => refuse('$expr'),
});
