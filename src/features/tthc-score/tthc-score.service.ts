import type { Connection } from 'mongoose';
import { gradeOf } from '../../domain/grades.js';
import type { Period } from '../../domain/period.js';
import type { LocalizedText } from '../../domain/text.js';
import { scoreOf, withComputed, type Points, type ReturnedDossiers, type Score } from '../../domain/tthc-score.js';
import { BadRequestError, ForbiddenError } from '../../errors.js';
import type { Principal } from '../access/principal.js';
import type { ScopeSelection } from '../access/scope.service.js';
import type { AuditService } from '../audit/audit.service.js';
import type { Facts } from '../audit/audit.model.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { DossierReportService } from '../reports/dossier-reports.service.js';
import type { OnTimeCounts } from '../reports/on-time.rows.js';
import type { SettingsService } from '../settings/settings.service.js';
import { findScores, NOTHING_ENTERED, putScore, type EnteredScore } from './tthc-score.model.js';

/** Points, their sum, and the grade it earns. */
export interface GradedScore extends Score {
  /** Null where the sum is not known. */
  readonly grade: LocalizedText | null;
}

/** The score of one place and period, as the place gives it itself and as those above it do. */
export interface PlaceScore {
  readonly self: GradedScore;
  readonly appraised: GradedScore;
}

/** The score of a place with what it is made from. */
export interface ShownScore extends PlaceScore {
  readonly entered: EnteredScore;
  /** Dossiers returned in the period. */
  readonly dossiers: OnTimeCounts;
}

/** What a form says; a column that is not in it stays as it is. */
export type PutScore = Partial<EnteredScore>;

const GRADES = 'tthc-18';
/** The period of a score is one that is reported on: a month at least. */
const PERIOD_KINDS: readonly Period['kind'][] = ['year', 'half', 'nineMonths', 'quarter', 'month'];

/** Whether a score can be of this period. */
export function isScorePeriod({ kind }: Period): boolean {
  return PERIOD_KINDS.includes(kind);
}

/** The score of 9 indicators and 18 points (docs/domain.md §2.2): what dossiers tell, and what people enter. */
export class TthcScoreService {
  constructor(
    private readonly connection: Connection,
    private readonly dossierReports: DossierReportService,
    private readonly catalogue: CatalogueService,
    private readonly settings: SettingsService,
    private readonly audit: AuditService,
  ) {}

  /** Whether the office works with the score at all; what was entered is kept where it does not. */
  get isOffered(): boolean {
    return this.settings.current.tthcScore;
  }

  /** The score of a unit or centre. */
  async show(scope: ScopeSelection, period: Period): Promise<ShownScore> {
    const place = placeOf(scope);
    const [entered, { total }] = await Promise.all([
      findScores(this.connection, [place], period.key),
      this.dossierReports.onTime({ range: period.range, scope, groupBy: 'centre' }),
    ]);
    const own = entered.get(place) ?? NOTHING_ENTERED;
    return { ...this.score(own, total, period), entered: own, dossiers: total };
  }

  /** The scores of places whose dossiers are known already; none where the score is not offered. */
  async scores(
    places: ReadonlyMap<string, ReturnedDossiers | null>,
    period: Period,
  ): Promise<ReadonlyMap<string, PlaceScore>> {
    if (!this.isOffered) return new Map();
    const entered = await findScores(this.connection, [...places.keys()], period.key);
    return new Map(
      [...places].map(([place, dossiers]) => [
        place,
        this.score(entered.get(place) ?? NOTHING_ENTERED, dossiers, period),
      ]),
    );
  }

  /** Whether someone may appraise a place: nobody appraises their own. */
  mayAppraise({ scope }: Pick<Principal, 'scope'>, { code }: ScopeSelection): boolean {
    return scope !== code;
  }

  /**
   * Stores the points of a unit or centre, in place of those entered before.
   * @throws ForbiddenError when somebody appraises the place they belong to
   */
  async put(principal: Principal, scope: ScopeSelection, period: Period, columns: PutScore): Promise<void> {
    const place = placeOf(scope);
    if (columns.appraised && !this.mayAppraise(principal, scope)) throw new ForbiddenError();
    const before = (await findScores(this.connection, [place], period.key)).get(place);
    const event = {
      action: 'score.put',
      subject: `${place} ${period.key}`,
      before: before ? factsOf(before) : null,
      after: factsOf(columns),
    } as const;
    await this.audit.change(event, () => putScore(this.connection, place, period.key, columns));
  }

  private score({ self, appraised }: EnteredScore, dossiers: ReturnedDossiers | null, period: Period): PlaceScore {
    return { self: this.graded(withComputed(self, dossiers), period), appraised: this.graded(appraised, period) };
  }

  private graded(points: Points, { range }: Period): GradedScore {
    const score = scoreOf(points);
    const table = this.catalogue.gradeTable(GRADES, range.to);
    return { ...score, grade: table ? gradeOf(table, score.total) : null };
  }
}

/** @throws BadRequestError: a score is of one agency, not of all there are */
function placeOf({ code }: ScopeSelection): string {
  if (code !== null) return code;
  throw new BadRequestError('The query is not valid.', [{ path: 'unit', message: 'name a unit or a centre' }]);
}

/** As an entry of the audit has them: 'self1', 'self2' … */
function factsOf(columns: PutScore): Facts {
  return Object.fromEntries(
    (['self', 'appraised'] as const).flatMap((column) =>
      (columns[column] ?? []).map((points, index) => [`${column}${index + 1}`, points]),
    ),
  );
}
