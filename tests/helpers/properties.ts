import fc from 'fast-check';

/**
 * One commit gives one verdict: generated cases are the same on every run. `PROPERTY_SEED=random` takes others, and
 * `PROPERTY_RUNS` more of them, to look for what the fixed ones do not meet.
 */
const { PROPERTY_SEED: seed = '20261122', PROPERTY_RUNS: runs = '100' } = process.env;

fc.configureGlobal({ numRuns: Number(runs), ...(seed === 'random' ? {} : { seed: Number(seed) }) });
