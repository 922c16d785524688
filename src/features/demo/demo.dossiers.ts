import { addDays } from '../../domain/period.js';
import type { DossierInput } from '../dossiers/dossiers.validators.js';
import { SeededRandom } from './demo.random.js';

export interface DossierPlan {
  readonly dossiers: number;
  /** Days on which dossiers are received, up to the day before `today`. */
  readonly days: number;
  readonly today: string;
  readonly seed: number;
  /** Centres with their quality, 0.5 to 1: the share returned in time grows with it. */
  readonly sites: readonly { readonly centre: { readonly code: string }; readonly quality: number }[];
  readonly procedures: readonly { readonly value: { field: string; procedure: string }; readonly weight: number }[];
}

/** Synthetic dossiers, the same for the same plan: most returned early or on the day due, a few late or still open. */
export function* demoDossiers(plan: DossierPlan): Generator<DossierInput> {
  const random = new SeededRandom(plan.seed ^ 0x5f3759df);
  const yesterday = addDays(plan.today, -1);
  for (let made = 0; made < plan.dossiers; made += 1) {
    const { centre, quality } = random.one(plan.sites);
    // In the order of the days, as a feed sends them.
    const receivedDay = addDays(yesterday, Math.floor((made * plan.days) / plan.dossiers) - plan.days + 1);
    const allowed = 3 + random.below(8);
    const returnedDay = addDays(receivedDay, daysTaken(allowed, quality, random));
    yield {
      code: `DEMO-${plan.seed}-${made}`,
      centre: centre.code,
      officer: `CB${1 + random.below(6)}`,
      ...random.pick(plan.procedures),
      receivedDay,
      dueDay: addDays(receivedDay, allowed),
      ...(returnedDay <= yesterday ? { returnedDay } : {}),
    };
  }
}

function daysTaken(allowed: number, quality: number, random: SeededRandom): number {
  if (random.next() > 0.8 + quality / 5) return allowed + 1 + random.below(10);
  return random.next() < 0.3 ? allowed : random.below(allowed);
}
