import { bestFirst, gradeDistribution, gradeOf, type GradeTableVersion } from '../../domain/grades.js';
import { groupBy } from '../../domain/group-by.js';
import { pooledIndex } from '../../domain/index-figures.js';
import { previousPeriod, yearAgo, type DayRange, type Period } from '../../domain/period.js';
import { competitionRanking, movement, type Ranked, type RankingInput } from '../../domain/ranking.js';
import { answerCount, percentage, satisfiedCount, topCount, wilsonInterval } from '../../domain/rates.js';
import type { Scale } from '../../domain/scale.js';
import { topStreak } from '../../domain/streak.js';
import { BadRequestError, NotFoundError } from '../../errors.js';
import type { ScopeSelection } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { isClosedBefore } from '../centres/closed-centres.js';
import type { DossierService } from '../dossiers/dossiers.service.js';
import { merged } from './index.service.js';
import { onTimeCounts } from './on-time.rows.js';
import { countsByItem, countsByLevel, type ReportedTally } from './reports.rows.js';
import { centresOf, knownVersions, onlyScale, type ReportTallies } from './reports.tallies.js';
import type { Filters } from './reports.types.js';

export const MEASURES = ['satisfied', 'verySatisfied', 'index', 'onTime'] as const;
export type Measure = (typeof MEASURES)[number];
export const COMPARISONS = ['previous', 'year-ago'] as const;
export type Comparison = (typeof COMPARISONS)[number];
/** Years of grades looked back at. */
const MOST_YEARS = 20;
export const DEFAULT_GRADES = 'index-100';

export interface RankingQuery {
  readonly period: Period;
  readonly scope: ScopeSelection;
  readonly questionnaire: string | undefined;
  readonly measure: Measure;
  readonly against: Comparison;
  /** Answers (dossiers, for onTime) below which a centre is listed but not ranked. */
  readonly minN: number;
  readonly grades: string;
  /** None of dossiers, which are not counted by all of these. */
  readonly filters?: Filters;
}

/** One centre in the ranking; what is not known, or rests on too few answers, is null. */
export interface RankingRow {
  readonly rank: number | null;
  readonly of: number;
  readonly centre: string;
  readonly label: string;
  readonly n: number;
  readonly value: number | null;
  readonly grade: string | null;
  readonly previousRank: number | null;
  /** Of the earlier period, by the version of the grade table that was in force then. */
  readonly previousGrade: string | null;
  readonly movement: number | null;
  /** 95 % interval of the value; null where the value is no sample: of dossiers all are counted. */
  readonly ci95: Interval;
}

type Interval = readonly [number, number] | null;

export interface Ranking {
  readonly rows: readonly RankingRow[];
  readonly distribution: readonly { readonly grade: string; readonly count: number; readonly share: number | null }[];
  /** The version that the period is graded by. */
  readonly table: GradeTableVersion;
  /** The earlier period has grades by another version. */
  readonly hasOtherLimitsBefore: boolean;
}

/** The answer of `GET /reports/ranking` (contract §3): without what only pages show. */
export function rankingReport({ rows, distribution }: Pick<Ranking, 'rows' | 'distribution'>) {
  return { rows: rows.map(withoutInterval), distribution };
}

function withoutInterval({ rank, of, centre, label, n, value, grade, previousRank, movement: moved }: RankingRow) {
  return { rank, of, centre, label, n, value, grade, previousRank, movement: moved };
}

interface Measured extends RankingInput {
  readonly ci95: Interval;
}
type Place = Ranked<Measured>;
interface Places {
  readonly now: Place[];
  readonly placesIn: (period: Period) => Promise<Place[]>;
}
/** What a measure is taken from: the answers on one scale, to one questionnaire where it is an index. */
type Basis = { readonly scale: string; readonly questionnaire: string | undefined } | null;

/** Places centres by one measure over a period, beside their places in an earlier one. */
export class RankingService {
  constructor(
    private readonly reported: ReportTallies,
    private readonly catalogue: CatalogueService,
    private readonly dossiers: DossierService,
  ) {}

  /**
   * Every centre of the scope, best first, then those with fewer than `minN` answers, which have no place and no grade;
   * one closed before the period is listed only if it has answers.
   * Without a questionnaire the rates are those of all answers, if these are on one scale; an index without one is
   * that of the only questionnaire of several criteria that was answered.
   * @throws NotFoundError for an unknown questionnaire or grade table, BadRequestError when the answers of the period
   * are on several scales or, for an index, to several questionnaires: one place must not mix them, or when the grade
   * table was not in force yet at the end of the period
   */
  async ranking(query: RankingQuery): Promise<Ranking> {
    return this.rankingOf(query, await this.places(query));
  }

  /** The ranking of a year, and in how many years in a row each centre has earned the best grade. */
  async rankingOfYear(query: RankingQuery) {
    const places = await this.places(query);
    return {
      ranking: await this.rankingOf(query, places),
      bestGradeYears: await this.bestGradeYears(query, places),
    };
  }

  private async rankingOf(query: RankingQuery, { now, placesIn }: Places): Promise<Ranking> {
    const table = this.gradeTable(query);
    const earlier = earlierOf(query);
    const tableBefore = this.catalogue.gradeTable(query.grades, earlier.range.to);
    const before = new Map((await placesIn(earlier)).map((place) => [place.key, place]));
    const names = new Map(query.scope.centres.map(({ code, name }) => [code, name]));
    const over = new Set(
      query.scope.centres.flatMap((one) => (isClosedBefore(one, query.period.range.from) ? [one.code] : [])),
    );
    const listed = now.filter(({ key, n }) => n > 0 || !over.has(key));
    const rows = listed.map((place) =>
      rankingRow(place, names, before.get(place.key), { now: table, before: tableBefore }),
    );
    const graded = rows.flatMap(({ rank, value }) => (rank === null ? [] : [value]));
    const distribution = gradeDistribution(table, graded).map((share) => ({ ...share, grade: share.grade.vi }));
    const hasOtherLimitsBefore = tableBefore !== undefined && tableBefore.from !== table.from;
    return { rows, distribution, table, hasOtherLimitsBefore };
  }

  /**
   * In how many consecutive years, up to the year asked about, each centre has earned the best grade; centres without it
   * in that year are left out. Source: domain.md §6.1 (17), "02 năm liên tiếp nằm trong tốp xuất sắc".
   */
  private async bestGradeYears(query: RankingQuery, { now, placesIn }: Places): Promise<Map<string, number>> {
    // Each year by the limits that were in force then.
    const bestOf = (places: readonly Place[], { range }: Period) => {
      const table = this.catalogue.gradeTable(query.grades, range.to);
      const best = table && bestFirst(table)[0]?.label.vi;
      return places.filter((place) => best !== undefined && gradeOfPlace(place, table) === best);
    };
    const history = new Map(bestOf(now, query.period).map(({ key }) => [key, new Map<number, boolean>()]));
    let [running, year, places] = [new Set(history.keys()), query.period, now];
    for (let back = 0; running.size > 0 && back < MOST_YEARS; back += 1) {
      const earned = new Set(bestOf(places, year).map(({ key }) => key));
      for (const key of running) history.get(key)?.set(Number(year.key), earned.has(key));
      running = new Set([...running].filter((key) => earned.has(key)));
      year = previousPeriod(year);
      places = running.size > 0 ? await placesIn(year) : [];
    }
    return new Map([...history].map(([key, years]) => [key, topStreak(years)]));
  }

  /** What was in force at the end of the period. */
  private gradeTable({ grades: id, period }: RankingQuery): GradeTableVersion {
    if (!this.catalogue.hasGradeTable(id)) throw new NotFoundError(`There is no grade table ${id}.`);
    const table = this.catalogue.gradeTable(id, period.range.to);
    if (table) return table;
    const message = `was not in force at the end of ${period.key}`;
    throw new BadRequestError(`Grade table ${id} ${message}.`, [{ path: 'grades', message }]);
  }

  /** The places of the period asked about, and the way to those of another by the same basis, each read once. */
  private async places(query: RankingQuery): Promise<Places> {
    // What is unknown is said before anything is read.
    this.gradeTable(query);
    if (query.questionnaire !== undefined) knownVersions(this.catalogue, query.questionnaire);
    const { now, placesIn } = await (query.measure === 'onTime' ? this.onTimePlaces(query) : this.answerPlaces(query));
    const read = new Map<string, Promise<Place[]>>();
    return {
      now,
      placesIn(period) {
        const places = read.get(period.key) ?? placesIn(period);
        read.set(period.key, places);
        return places;
      },
    };
  }

  private async onTimePlaces({ period, scope, minN }: RankingQuery): Promise<Places> {
    const placesIn = async ({ range }: Period) => {
      const returned = await this.dossiers.returned({ range, centres: centresOf(scope) }, 'centre');
      const byCentre = new Map(returned.map((count) => [count.key, count]));
      const inputs = scope.centres.map(({ code }): Measured => {
        const { returned: n, rate } = onTimeCounts(byCentre.get(code) ?? { early: 0, onTime: 0, late: 0 });
        return { key: code, value: rate, n, ci95: null };
      });
      return competitionRanking(inputs, minN);
    };
    return { now: await placesIn(period), placesIn };
  }

  private async answerPlaces(query: RankingQuery): Promise<Places> {
    const earlier = earlierOf(query);
    // What is compared with is asked for nearly always, so both are read together.
    const [tallies, before] = await Promise.all([
      this.tallies(query, query.period.range),
      this.tallies(query, earlier.range),
    ]);
    const basis = this.basis(query, tallies);
    return {
      now: this.ranked(query, basis, tallies),
      placesIn: async ({ key, range }) =>
        this.ranked(query, basis, key === earlier.key ? before : await this.tallies(query, range)),
    };
  }

  private tallies(
    { scope, questionnaire, measure, filters = [] }: RankingQuery,
    range: DayRange,
  ): Promise<ReportedTally[]> {
    return this.reported.find({ range, scope, questionnaire, filters, items: measure === 'index' });
  }

  private basis({ measure, questionnaire }: RankingQuery, tallies: readonly ReportedTally[]): Basis {
    if (measure !== 'index') {
      const scale = onlyScale(tallies);
      return scale === null ? null : { scale, questionnaire };
    }
    const asked = questionnaire ?? onlyCriteriaQuestionnaire(tallies);
    const scale = onlyScale(tallies.filter((tally) => tally.questionnaire.id === asked));
    return scale === null || asked === null ? null : { scale, questionnaire: asked };
  }

  private ranked({ scope, measure, minN }: RankingQuery, basis: Basis, tallies: readonly ReportedTally[]): Place[] {
    const counted = tallies.filter(
      ({ questionnaire: { id, scale } }) =>
        basis?.scale === scale && (basis.questionnaire === undefined || basis.questionnaire === id),
    );
    const byCentre = groupBy(counted, ({ centre }) => centre);
    const inputs = scope.centres.map(({ code }): Measured => {
      const own = byCentre.get(code);
      if (!own || !basis) return { key: code, value: null, n: 0, ci95: null };
      return { key: code, ...valueOf(measure, own, this.catalogue.scale(basis.scale)) };
    });
    return competitionRanking(inputs, minN);
  }
}

function valueOf(measure: Measure, tallies: readonly ReportedTally[], scale: Scale): Omit<Measured, 'key'> {
  if (measure === 'index') {
    const versions = [...new Set(tallies.map(({ questionnaire }) => questionnaire))].sort(
      (a, b) => a.version - b.version,
    );
    return pooledIndex(merged(versions), scale, countsByItem(tallies, scale)).overall;
  }
  const counts = countsByLevel(tallies, scale);
  const n = answerCount(scale, counts);
  const counted = measure === 'satisfied' ? satisfiedCount(scale, counts) : topCount(scale, counts);
  return { n, value: percentage(counted, n), ci95: wilsonInterval(counted, n) };
}

/** The period that places are compared with. */
function earlierOf({ against, period }: RankingQuery): Period {
  return against === 'previous' ? previousPeriod(period) : yearAgo(period);
}

/** The one questionnaire of several criteria that was answered; null when none was. */
function onlyCriteriaQuestionnaire(tallies: readonly ReportedTally[]): string | null {
  const asked = tallies.filter(({ questionnaire }) => questionnaire.headline === null);
  const ids = [...new Set(asked.map(({ questionnaire }) => questionnaire.id))].sort();
  if (ids.length > 1) {
    const message = `several questionnaires were answered in this period (${ids.join(', ')}); name one`;
    throw new BadRequestError(`${message}.`, [{ path: 'questionnaire', message }]);
  }
  return ids[0] ?? null;
}

function rankingRow(
  place: Place,
  names: ReadonlyMap<string, string>,
  before: Place | undefined,
  tables: { readonly now: GradeTableVersion; readonly before: GradeTableVersion | undefined },
): RankingRow {
  const { key, rank, of, value, n, ci95 } = place;
  const previousRank = before?.rank ?? null;
  return {
    rank,
    of,
    centre: key,
    label: names.get(key) ?? key,
    n,
    value,
    ci95,
    grade: gradeOfPlace(place, tables.now),
    previousRank,
    previousGrade: before ? gradeOfPlace(before, tables.before) : null,
    movement: movement(previousRank, rank),
  };
}

/** Only who has a place has a grade. */
function gradeOfPlace({ rank, value }: Place, table: GradeTableVersion | undefined): string | null {
  return rank === null || !table ? null : (gradeOf(table, value)?.vi ?? null);
}
