import type { Clock } from '../../clock.js';
import { groupBy } from '../../domain/group-by.js';
import type { DayRange } from '../../domain/period.js';
import type { Factor, Item } from '../../domain/questionnaire.js';
import { figures, type Figures } from '../../domain/rates.js';
import { zeroCounts, type Scale } from '../../domain/scale.js';
import type { ScopeSelection } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { TallyService } from '../tallies/tallies.service.js';
import { merged } from './index.service.js';
import { countsByItem, type ReportedTally } from './reports.rows.js';
import { knownVersions, type ReportTallies } from './reports.tallies.js';
import type { Filters } from './reports.types.js';

export interface CriteriaQuery {
  readonly range: DayRange;
  readonly scope: ScopeSelection;
  readonly questionnaire: string | undefined;
  readonly filters?: Filters;
}

/** What was answered to one criterion in one unit. */
export interface CriterionRow {
  readonly scale: Scale;
  readonly questionnaire: string;
  /** The centres' own unit; null for all units together. */
  readonly unit: { readonly code: string; readonly name: string } | null;
  readonly factor: Factor | undefined;
  readonly item: Item;
  readonly figures: Figures;
}

/** Answers by unit, factor and criterion. */
export class CriteriaService {
  constructor(
    private readonly reported: ReportTallies,
    private readonly catalogue: CatalogueService,
    private readonly tallies: TallyService,
    private readonly now: Clock,
  ) {}

  /**
   * Every criterion of every questionnaire that was answered in a range: unit by unit, then all units together. Criteria
   * nobody answered have n = 0. Scales are never pooled.
   * @throws NotFoundError for an unknown questionnaire
   */
  async criteria({ range, scope, questionnaire, filters = [] }: CriteriaQuery): Promise<CriterionRow[]> {
    if (questionnaire !== undefined) knownVersions(this.catalogue, questionnaire);
    await this.tallies.completeUntil(this.now());
    const tallies = await this.reported.find({ range, scope, questionnaire, filters, items: true });
    const unitOf = new Map(scope.centres.map(({ code, unit }) => [code, unit]));
    const byKind = groupBy(tallies, ({ questionnaire: { id, scale } }) => `${id} ${scale}`);
    return [...byKind.values()].flatMap((ofKind) => {
      const byUnit = groupBy(ofKind, ({ centre }) => unitOf.get(centre) ?? '');
      const units = [...byUnit].sort(([a], [b]) => (a < b ? -1 : 1));
      return [
        ...units.flatMap(([code, ofUnit]) =>
          this.rows(ofKind, ofUnit, { code, name: this.catalogue.unitName(code, range.to) }),
        ),
        ...this.rows(ofKind, ofKind, null),
      ];
    });
  }

  /** The criteria that the versions among `ofKind` ask for, with the answers in `counted`. */
  private rows(
    ofKind: readonly ReportedTally[],
    counted: readonly ReportedTally[],
    unit: CriterionRow['unit'],
  ): CriterionRow[] {
    const versions = new Map(ofKind.map(({ questionnaire }) => [questionnaire.version, questionnaire]));
    const { id, factors, items, scale: scaleId } = merged([...versions.values()].sort((a, b) => a.version - b.version));
    const scale = this.catalogue.scale(scaleId);
    const counts = countsByItem(counted, scale);
    return items.map((item) => ({
      scale,
      questionnaire: id,
      unit,
      factor: factors.find(({ code }) => code === item.factor),
      item,
      figures: figures(scale, counts.get(item.code) ?? zeroCounts(scale)),
    }));
  }
}
