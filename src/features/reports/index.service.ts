import type { Clock } from '../../clock.js';
import {
  meanIndex,
  pooledIndex,
  type CriterionIndex,
  type FactorIndex,
  type IndexFigures,
  type IndexMethod,
} from '../../domain/index-figures.js';
import type { DayRange } from '../../domain/period.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import { textIn } from '../../domain/text.js';
import type { ScopeSelection } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { TallyService } from '../tallies/tallies.service.js';
import { countsByItem, type ReportedTally } from './reports.rows.js';
import { knownVersions, onlyScale, type ReportTallies } from './reports.tallies.js';
import type { Filters } from './reports.types.js';

export const INDEX_METHODS = ['top2-pooled', 'top2-mean'] as const satisfies readonly IndexMethod[];

export interface IndexQuery {
  readonly range: DayRange;
  readonly scope: ScopeSelection;
  readonly questionnaire: string;
  readonly method: IndexMethod;
  readonly filters?: Filters;
}

/** The answer of `GET /reports/index` (contract §3): names and texts in Vietnamese. */
export interface IndexReport {
  readonly method: IndexMethod;
  readonly overall: IndexFigures['overall'];
  readonly factors: readonly (Omit<FactorIndex, 'name'> & { readonly name: string })[];
  readonly criteria: readonly (Omit<CriterionIndex, 'text'> & { readonly text: string })[];
}

/** An index with what it is about. */
export interface IndexDetails {
  readonly scale: string;
  /** Everything received before this instant is counted. */
  readonly asOf: Date;
  readonly figures: IndexFigures;
}

const COMPUTE = { 'top2-pooled': pooledIndex, 'top2-mean': meanIndex } as const;

/** The internal satisfaction index by factor and criterion. */
export class IndexService {
  constructor(
    private readonly reported: ReportTallies,
    private readonly catalogue: CatalogueService,
    private readonly tallies: TallyService,
    private readonly now: Clock,
  ) {}

  /**
   * The index of a range (contract §3 Reports). Versions of the questionnaire that were answered in the range are
   * pooled by item code, worded as in the newest of them; without answers, the newest version is shown empty.
   * @throws NotFoundError for an unknown questionnaire, BadRequestError when its versions were on several scales
   */
  async index({ range, scope, questionnaire, method, filters = [] }: IndexQuery): Promise<IndexDetails> {
    const versions = knownVersions(this.catalogue, questionnaire);
    const asOf = await this.tallies.completeUntil(this.now());
    const tallies = await this.reported.find({ range, scope, questionnaire, filters, items: true, together: true });
    const scale = onlyScale(tallies) ?? versions.at(-1)?.scale ?? '';
    return { scale, asOf, figures: this.figures(tallies, versions, scale, method) };
  }

  private figures(
    tallies: readonly ReportedTally[],
    versions: readonly Questionnaire[],
    scaleId: string,
    method: IndexMethod,
  ): IndexFigures {
    const scale = this.catalogue.scale(scaleId);
    const answered = new Set(tallies.map(({ questionnaire }) => questionnaire.version));
    const asked = versions.filter(({ version }) => answered.has(version));
    return COMPUTE[method](merged(asked.length > 0 ? asked : versions.slice(-1)), scale, countsByItem(tallies, scale));
  }
}

/** One questionnaire with the factors and items of all the versions: the newest, then what only older ones asked. */
export function merged(versions: readonly Questionnaire[]): Questionnaire {
  const [newest, ...older] = [...versions].reverse();
  if (!newest) throw new RangeError('No version to merge');
  return {
    ...newest,
    factors: byCode([newest, ...older].flatMap(({ factors }) => factors)),
    items: byCode([newest, ...older].flatMap(({ items }) => items)),
  };
}

/** The first of each code. */
function byCode<T extends { readonly code: string }>(parts: readonly T[]): T[] {
  const first = new Map<string, T>();
  for (const part of parts) if (!first.has(part.code)) first.set(part.code, part);
  return [...first.values()];
}

/** The figures as the API gives them. */
export function indexReport({ method, overall, factors, criteria }: IndexFigures): IndexReport {
  return {
    method,
    overall,
    factors: factors.map(({ code, name, n, value, ci95 }) => ({ code, name: textIn(name, 'vi'), n, value, ci95 })),
    criteria: criteria.map(({ text, ...criterion }) => ({ ...criterion, text: textIn(text, 'vi') })),
  };
}
