import type { CatalogueService } from '../../src/features/catalogue/catalogue.service.js';
import { SeededRandom } from '../../src/features/demo/demo.random.js';
import { CHANNELS } from '../../src/features/responses/responses.model.js';
import type { Arrival } from '../../src/features/responses/responses.service.js';
import type { Site } from './installation.js';

/** Texts that must survive as names of groups. */
export const STRANGE_TEXTS = ['a.b', '$inc', '100%', '%2e', '__proto__', 'constructor', '_', 'Hộ tịch', "'='", '日本'];

/** Instants just before and at a local midnight, of a day, a month, a quarter, a year and a leap day. */
const EDGES = [
  '2025-12-31',
  '2026-02-28',
  '2026-06-30',
  '2026-09-30',
  '2026-10-31',
  '2026-11-21',
  '2024-02-29',
].flatMap((day) => [`${day}T16:59:59.999Z`, `${day}T17:00:00.000Z`]);
const QUESTIONNAIRES = ['tthc-kiosk-5', 'tthc-kiosk-5', 'tthc-kiosk-3', 'sipas-dvhcc-19', 'phuong-9'];

/** Valid responses of every kind, the same for the same seed. */
export function randomArrivals(
  count: number,
  seed: number,
  { catalogue, sites }: { catalogue: CatalogueService; sites: readonly Site[] },
): Arrival[] {
  const random = new SeededRandom(seed);
  const pick = <T>(values: readonly T[]): T => random.pick(values.map((value) => ({ value, weight: 1 })));
  const maybe = (values: readonly string[]) => (random.next() < 0.4 ? undefined : pick(values));
  return Array.from({ length: count }, (): Arrival => {
    const site = pick(sites);
    const questionnaire = catalogue.questionnaire(pick(QUESTIONNAIRES));
    if (!questionnaire) throw new Error('The catalogue lacks a questionnaire');
    const levels = catalogue.scale(questionnaire.scale).levels.map(({ code }) => code);
    const [first, ...rest] = [...questionnaire.items].sort(() => random.next() - 0.5);
    const answered = [first!, ...rest.filter(() => random.next() < 0.7)];
    const reasons = questionnaire.reasons.map(({ code }) => code).filter(() => random.next() < 0.2);
    const input = {
      id: random.uuid(random.below(2 ** 32)),
      questionnaire: questionnaire.id,
      version: questionnaire.version,
      answers: Object.fromEntries(answered.map(({ code }) => [code, pick(levels)])),
      reasons,
      comment: '',
      demographics: {},
      capturedAt: new Date(random.next() < 0.3 ? pick(EDGES) : randomInstant(random)),
      field: maybe(STRANGE_TEXTS),
      procedure: maybe(['1.001612', '2.000815', '__proto__']),
      counter: maybe(['Q1', 'Q2', '$']),
      officer: maybe(['CB1', 'CB.2', 'CB%3']),
    };
    return { input, origin: { centre: site.centre, kiosk: site.kiosk, channel: pick(CHANNELS) } };
  });
}

function randomInstant(random: SeededRandom): number {
  const [from, to] = [Date.parse('2025-11-01T00:00:00Z'), Date.parse('2026-11-22T05:00:00Z')];
  return from + random.below(to - from);
}
