import type { Connection } from 'mongoose';
import type { Clock } from '../../clock.js';
import { READ_LIMIT_MS, STREAM_LIMIT_MS } from '../../database/connect.js';
import { inBatches } from '../../domain/in-batches.js';
import { addDays, localDay } from '../../domain/period.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import { ConflictError, ValidationError } from '../../errors.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { Centre } from '../centres/centres.model.js';
import type { CentreService } from '../centres/centres.service.js';
import type { DossierService } from '../dossiers/dossiers.service.js';
import { DOSSIER_BATCH } from '../dossiers/dossiers.validators.js';
import type { KioskService } from '../kiosks/kiosks.service.js';
import { responseCollection } from '../responses/responses.model.js';
import type { Arrival, ResponseService } from '../responses/responses.service.js';
import type { TallyService } from '../tallies/tallies.service.js';
import { demoDossiers } from './demo.dossiers.js';
import { SeededRandom } from './demo.random.js';

export interface DemoPlan {
  readonly centres: number;
  readonly days: number;
  readonly responses: number;
  readonly dossiers: number;
  readonly seed: number;
}

/** How long an answer "no synthetic data" may be remembered. */
const RECHECK_MS = 5000;
/** Responses written at a time. */
const BATCH = 1000;
/** Its communes get a centre first. */
const FIRST_PROVINCE = '22';
const CODE_PREFIX = 'DEMO-';

const QUESTIONNAIRES = [
  { value: 'tthc-kiosk-5', weight: 85 },
  { value: 'tthc-kiosk-3', weight: 7 },
  { value: 'sipas-dvhcc-19', weight: 8 },
];
const PROCEDURES = [
  { value: { field: 'Hộ tịch', procedure: '1.001193' }, weight: 25 },
  { value: { field: 'Chứng thực', procedure: '2.000815' }, weight: 35 },
  { value: { field: 'Đất đai', procedure: '1.012753' }, weight: 20 },
  { value: { field: 'Bảo trợ xã hội', procedure: '1.001776' }, weight: 12 },
  { value: { field: 'Thành lập và hoạt động hộ kinh doanh', procedure: '1.001612' }, weight: 8 },
];
/** When people come: hour of the day and how many. */
const HOURS = [7, 8, 9, 10, 11, 13, 14, 15, 16].map((hour) => ({
  value: hour,
  weight: hour === 8 || hour === 9 ? 3 : 1,
}));

/** Synthetic data to look at and to measure with: marked in the data, and on every page. */
export class DemoService {
  private known: { readonly loaded: boolean; readonly at: number } | null = null;

  constructor(
    private readonly connection: Connection,
    private readonly catalogue: CatalogueService,
    private readonly centres: CentreService,
    private readonly kiosks: KioskService,
    private readonly responses: ResponseService,
    private readonly dossiers: DossierService,
    private readonly tallies: TallyService,
    private readonly now: Clock,
  ) {}

  /** Whether the database holds synthetic responses. */
  async isLoaded(): Promise<boolean> {
    const now = this.now().getTime();
    if (this.known && (this.known.loaded || now - this.known.at < RECHECK_MS)) return this.known.loaded;
    const found = await responseCollection(this.connection).findOne(
      { synthetic: true },
      { projection: { _id: 1 }, maxTimeMS: READ_LIMIT_MS },
    );
    this.known = { loaded: found !== null, at: now };
    return this.known.loaded;
  }

  /**
   * Adds centres, and responses and dossiers of the days up to today; the same plan on the same day gives the same data.
   * @throws ConflictError when there are real responses or dossiers, ValidationError for more centres than there are units
   */
  async load(plan: DemoPlan, progress: (stored: number) => void): Promise<void> {
    const real = await responseCollection(this.connection).findOne(
      { synthetic: { $exists: false } },
      { projection: { _id: 1 }, maxTimeMS: STREAM_LIMIT_MS },
    );
    if (real || (await this.dossiers.hasReal())) {
      throw new ConflictError('real-responses', 'The database holds real responses or dossiers; demo data is refused.');
    }
    const most = this.unitsWithCentres().length;
    if (plan.centres > most) throw new ValidationError([{ path: 'centres', message: `must be at most ${most}` }]);
    const random = new SeededRandom(plan.seed);
    const sites = await this.makeSites(plan.centres, random);
    await this.tallies.countTogether(async (count) => {
      let made = 0;
      let writing = Promise.resolve();
      for (const batch of inBatches(this.arrivals(plan, sites, random), BATCH)) {
        await writing;
        // The next batch is made while this one is written.
        writing = this.responses.receiveCounted(batch).then(count);
        progress((made += batch.length));
      }
      await writing;
    });
    this.known = null;
    await this.loadDossiers(plan, sites);
  }

  /** As many responses every day, in the order of the days: what is written together lies together. */
  private *arrivals({ responses, days }: DemoPlan, sites: readonly Site[], random: SeededRandom): Generator<Arrival> {
    const yesterday = addDays(localDay(this.now()), -1);
    for (let made = 0; made < responses; made += 1) {
      const day = addDays(yesterday, Math.floor((made * days) / responses) - days + 1);
      yield this.arrival(sites, day, made, random);
    }
  }

  private async loadDossiers({ dossiers, days, seed }: DemoPlan, sites: readonly Site[]): Promise<void> {
    const today = localDay(this.now());
    const made = demoDossiers({ dossiers, days, seed, today, sites, procedures: PROCEDURES });
    for (const batch of inBatches(made, DOSSIER_BATCH)) {
      await this.dossiers.receiveMany({ scope: null }, batch, { synthetic: true });
    }
  }

  private async makeSites(count: number, random: SeededRandom): Promise<Site[]> {
    const sites: Site[] = [];
    for (const unit of this.unitsWithCentres().slice(0, count)) {
      const code = CODE_PREFIX + unit;
      const name = `Trung tâm Phục vụ hành chính công ${this.catalogue.unitName(unit)}`;
      const centre = (await this.centres.find(code)) ?? (await this.centres.add({ code, name, unit, synthetic: true }));
      const kiosk = `${code}-1`;
      if (!(await this.kiosks.find(kiosk))) await this.kiosks.add({ centre: code, code: kiosk });
      sites.push({ centre, kiosk, quality: 0.5 + random.next() / 2 });
    }
    return sites;
  }

  /** Where a centre may stand: the communes of one province, then of the others, then the provinces themselves. */
  private unitsWithCentres(): string[] {
    const others = this.catalogue.unitsBelow(null).filter((code) => code !== FIRST_PROVINCE);
    const provinces = [FIRST_PROVINCE, ...others];
    return [...provinces.flatMap((code) => this.catalogue.unitsBelow(code)), ...provinces];
  }

  private arrival(sites: readonly Site[], day: string, made: number, random: SeededRandom): Arrival {
    const site = random.one(sites);
    const questionnaire = this.questionnaire(random.pick(QUESTIONNAIRES));
    const answers = this.answers(questionnaire, site.quality, random);
    const low = Object.values(answers).some((level) => level === 1);
    const reason = questionnaire.reasons[random.below(Math.max(1, questionnaire.reasons.length))];
    const input = {
      id: random.uuid(made),
      questionnaire: questionnaire.id,
      version: questionnaire.version,
      answers,
      reasons: low && reason ? [reason.code] : [],
      comment: '',
      demographics: {},
      capturedAt: instant(day, random),
      locale: 'vi',
      counter: `Q${1 + random.below(4)}`,
      ...random.pick(PROCEDURES),
    };
    return { input, origin: { centre: site.centre.code, kiosk: site.kiosk, channel: 'kiosk', synthetic: true } };
  }

  private questionnaire(id: string): Questionnaire {
    const questionnaire = this.catalogue.questionnaire(id);
    if (!questionnaire) throw new Error(`The catalogue lacks ${id}`);
    return questionnaire;
  }

  /** Most items answered, most answers good: the better the centre, the better. */
  private answers(questionnaire: Questionnaire, quality: number, random: SeededRandom): Record<string, number> {
    const { levels } = this.catalogue.scale(questionnaire.scale);
    const weighted = levels.map(({ code }) => ({ value: code, weight: (code / levels.length) ** (2 + 6 * quality) }));
    const [first, ...rest] = questionnaire.items;
    const answered = [...(first ? [first] : []), ...rest.filter(() => random.next() < 0.9)];
    return Object.fromEntries(answered.map(({ code }) => [code, random.pick(weighted)]));
  }
}

/** A moment in the opening hours of a day. */
function instant(day: string, random: SeededRandom): Date {
  const [hour, minute, second] = [random.pick(HOURS), random.below(60), random.below(60)];
  const time = [hour, minute, second].map((part) => String(part).padStart(2, '0')).join(':');
  return new Date(`${day}T${time}+07:00`);
}

interface Site {
  readonly centre: Centre;
  readonly kiosk: string;
  /** 0.5 to 1; the share of good answers grows with it. */
  readonly quality: number;
}
