import { summaryOperators } from '../aggregate/summaries.js';
import { arithmeticOperators } from './arithmetic.js';
import { arrayOperators } from './arrays.js';
import type { Operator } from './compile.js';
import { conversionOperators } from './conversions.js';
import { dateOperators } from './dates.js';
import { logicOperators } from './logic.js';
import { objectOperators } from './objects.js';
import { setOperators } from './sets.js';
import { stringOperators } from './strings.js';

/** All expression operators by name. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  Object.entries({
    ...arithmeticOperators,
    ...logicOperators,
    ...arrayOperators,
    ...setOperators,
    ...stringOperators,
    ...objectOperators,
    ...dateOperators,
    ...conversionOperators,
    ...summaryOperators,
  }),
);
