import { arithmeticOperators } from './arithmetic.js';
import type { Operator } from './compile.js';
import { logicOperators } from './logic.js';

/** All expression operators by name. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  Object.entries({ ...arithmeticOperators, ...logicOperators }),
);
