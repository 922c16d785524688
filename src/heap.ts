import { setFlagsFromString } from 'node:v8';

/** By how much the heap may grow over what is in use before it is swept again, in percent. */
const GROWTH = 45;

/**
 * Keeps the memory of this process near what is in use; `npm start` keeps the room for short-lived objects small beside
 * it. By itself V8 lets a small heap grow to several times its size before it looks for garbage: faster where memory is
 * plenty, but this shares a small PC with a database.
 */
export function limitHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
