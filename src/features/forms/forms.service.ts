import type { Clock } from '../../clock.js';
import { groupBy } from '../../domain/group-by.js';
import { localDay, type Period } from '../../domain/period.js';
import { translator } from '../../i18n/index.js';
import type { ScopeSelection, ScopeService } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { isClosedBefore } from '../centres/closed-centres.js';
import type { DossierReportService } from '../reports/dossier-reports.service.js';
import type { OnTimeCounts } from '../reports/on-time.rows.js';
import { periodName } from '../reports/reports.names.js';
import type { ReportService } from '../reports/reports.service.js';
import type { ReportRow } from '../reports/reports.types.js';
import type { PlaceScore, TthcScoreService } from '../tthc-score/tthc-score.service.js';
import type { AgencyFigures, FormFigures, ScaleFigures } from './forms.types.js';

export interface FormQuery {
  readonly period: Period;
  readonly scope: ScopeSelection;
}

const inVietnamese = translator('vi');

/** The figures that official forms ask for (docs/domain.md §9), as far as the system has them. */
export class FormService {
  constructor(
    private readonly reports: ReportService,
    private readonly dossierReports: DossierReportService,
    private readonly catalogue: CatalogueService,
    private readonly scopes: ScopeService,
    private readonly tthcScores: TthcScoreService,
    private readonly now: Clock,
  ) {}

  /** An agency and its centres in one period, without those closed before it that have nothing of it, from the reports of the same query. */
  async figures({ period, scope }: FormQuery): Promise<FormFigures> {
    const query = { range: period.range, scope, groupBy: 'centre' } as const;
    const [satisfaction, onTime] = await Promise.all([
      this.reports.satisfaction({ ...query, questionnaire: undefined }),
      this.dossierReports.onTime(query),
    ]);
    const reports = 'byScale' in satisfaction ? Object.values(satisfaction.byScale) : [satisfaction];
    const totals = reports.map(({ scale, total }) => ({ scale, row: total }));
    const byCentre = groupBy(
      reports.flatMap(({ scale, rows }) => rows.map((row) => ({ scale, row }))),
      ({ row }) => row.key,
    );
    const dossiers = new Map(onTime.rows.map((row) => [row.key, row]));
    const dossiersOf = (code: string) => (code === scope.code ? onTime.total : (dossiers.get(code) ?? null));
    const places = [...(scope.code === null ? [] : [scope.code]), ...scope.centres.map(({ code }) => code)];
    const scores = await this.tthcScores.scores(new Map(places.map((code) => [code, dossiersOf(code)])), period);
    const scoreOf = (code: string | null) => (code === null ? null : (scores.get(code) ?? null));
    const name = this.scopes.nameOf(scope, period.range.to) ?? inVietnamese('reports.wholeScope');
    return {
      agency: this.agency(name, totals, onTime.total, scoreOf(scope.code)),
      centres: scope.centres.flatMap((centre) => {
        const { code } = centre;
        const own = this.agency(centre.name, byCentre.get(code) ?? [], dossiers.get(code), scoreOf(code));
        const isOver = isClosedBefore(centre, period.range.from) && own.forms === 0 && own.dossiers === null;
        return isOver ? [] : [own];
      }),
      period: periodName(period.key, 'vi', inVietnamese),
      asOf: new Date(reports[0]?.asOf ?? this.now()),
      day: localDay(this.now()),
    };
  }

  private agency(
    name: string,
    rows: readonly { readonly scale: string; readonly row: ReportRow }[],
    dossiers: OnTimeCounts | undefined,
    score: PlaceScore | null,
  ): AgencyFigures {
    const answered = rows.filter(({ row }) => row.responses > 0);
    const scales = answered.map(({ scale, row }): ScaleFigures => ({ scale: this.catalogue.scale(scale), row }));
    return {
      name,
      forms: scales.reduce((sum, { row }) => sum + row.responses, 0),
      scales,
      dossiers: dossiers && dossiers.returned > 0 ? dossiers : null,
      score,
    };
  }
}
