import type { Command } from './command.js';
import { counted } from './text.js';

const DEFAULTS = { centres: 5, days: 90, responses: 5000, seed: 1 };
/** Dossiers for every response: most citizens, not all, rate the service. */
const DOSSIERS_PER_RESPONSE = 1.25;
/** More dossiers are made only where their number is given, so that a load of responses need not wait for them. */
const MOST_DOSSIERS = 250_000;

const demo: Command = {
  summary: 'fill an installation without real responses with synthetic ones, marked as such',
  options: {
    centres: { type: 'string', value: 'N', about: `number of centres; ${DEFAULTS.centres} unless given` },
    days: { type: 'string', value: 'N', about: `days up to yesterday; ${DEFAULTS.days} unless given` },
    responses: { type: 'string', value: 'N', about: `number of responses; ${DEFAULTS.responses} unless given` },
    dossiers: { type: 'string', value: 'N', about: 'number of dossiers; a quarter more than responses unless given' },
    seed: { type: 'string', value: 'S', about: `same seed, same data; ${DEFAULTS.seed} unless given` },
  },
  async run({ open, progress }, args) {
    const responses = args.wholeNumber('responses', { or: DEFAULTS.responses, min: 1, max: 100_000_000 });
    const usual = Math.min(MOST_DOSSIERS, Math.round(responses * DOSSIERS_PER_RESPONSE));
    const plan = {
      centres: args.wholeNumber('centres', { or: DEFAULTS.centres, min: 1, max: 10_000 }),
      days: args.wholeNumber('days', { or: DEFAULTS.days, min: 1, max: 3660 }),
      responses,
      dossiers: args.wholeNumber('dossiers', { or: usual, min: 0, max: 100_000_000 }),
      seed: args.wholeNumber('seed', { or: DEFAULTS.seed, min: 0, max: 0xffff_ffff }),
    };
    const services = await open();
    await services.demo.load(plan, (stored) => progress(`${stored} of ${plan.responses}`));
    await services.tallies.catchUp(services.now());
    await services.dossierTallies.catchUp();
    const what = `${counted(plan.responses, 'synthetic response')} of ${counted(plan.centres, 'centre')}`;
    return { data: plan, text: `Stored ${what} over ${counted(plan.days, 'day')} (seed ${plan.seed}).` };
  },
};

export const demoCommands = { demo };
