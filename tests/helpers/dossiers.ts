import { SeededRandom } from '../../src/features/demo/demo.random.js';
import { checkDossier, type DossierInput } from '../../src/features/dossiers/dossiers.validators.js';

/** A dossier as the feed sends it: every field may be replaced, and one set to undefined is left out. */
export function validDossier(overrides: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    code: '000.00.22-261101-0001',
    centre: 'TT1',
    procedure: '1.001612',
    field: 'Hộ tịch',
    officer: 'CB12',
    receivedAt: '2026-11-01T08:00:00+07:00',
    dueAt: '2026-11-10T17:00:00+07:00',
    returnedAt: '2026-11-09T09:30:00+07:00',
    ...overrides,
  };
}

export interface RandomDossier {
  code: string;
  centre: string;
  procedure?: string;
  field?: string;
  officer?: string;
  receivedAt: string;
  dueAt: string;
  returnedAt?: string;
}

const EDGES = ['2025-12-31', '2026-01-31', '2026-02-28', '2026-06-30', '2026-09-30'].flatMap((day) => [
  `${day}T16:59:59.999Z`,
  `${day}T17:00:00.000Z`,
]);
const DAY_MS = 86_400_000;

/** Dossiers of the year up to November 2026, many of them on midnights; the same for the same seed. */
export function randomDossiers(count: number, seed: number, centres: readonly string[]): RandomDossier[] {
  const random = new SeededRandom(seed);
  const pick = <T>(values: readonly T[]): T => random.pick(values.map((value) => ({ value, weight: 1 })));
  const maybe = (name: string, values: readonly string[]) => (random.next() < 0.3 ? {} : { [name]: pick(values) });
  return Array.from({ length: count }, (_, index) => {
    const start = Date.parse('2025-10-01T00:00:00Z') + random.below(400) * DAY_MS + random.below(DAY_MS);
    const received = random.next() < 0.3 ? Date.parse(pick(EDGES)) : start;
    const due = received + random.below(15) * DAY_MS;
    const returned = random.next() < 0.4 ? due : received + random.below(20) * DAY_MS + random.below(DAY_MS);
    return {
      code: `000.00.22-${seed}-${index}`,
      centre: pick(centres),
      ...maybe('procedure', ['1.001612', '2.000815']),
      ...maybe('field', ['Hộ tịch', 'Đất đai', 'a.b', '$inc', '__proto__']),
      ...maybe('officer', ['CB1', 'CB.2']),
      receivedAt: new Date(received).toISOString(),
      dueAt: new Date(due).toISOString(),
      ...(random.next() < 0.2 ? {} : { returnedAt: new Date(returned).toISOString() }),
    };
  });
}

/** A dossier of the feed as it is taken in. */
export function checkedDossier(dossier: RandomDossier): DossierInput {
  const checked = checkDossier(dossier);
  if (!checked.ok) throw new Error(JSON.stringify(checked.errors));
  return checked.value;
}
