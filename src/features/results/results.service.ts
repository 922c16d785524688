import type { Clock } from '../../clock.js';
import { localDay, parsePeriod, previousPeriod, quarterKey, type Period } from '../../domain/period.js';
import { NotFoundError } from '../../errors.js';
import type { ScopeService } from '../access/scope.service.js';
import { isClosedBefore } from '../centres/closed-centres.js';
import type { ReportService } from '../reports/reports.service.js';
import type { ReportRow, SatisfactionReport } from '../reports/reports.types.js';

/** Forms below which a row is withheld: fewer could tell what a single citizen answered. */
export const MIN_PUBLISHED = 5;
const QUARTERS_OFFERED = 4;

/** One row for the public; without figures where there are fewer than {@link MIN_PUBLISHED} forms, or none. */
export interface PublishedRow {
  readonly key: string;
  readonly label: string;
  readonly figures: Omit<ReportRow, 'key' | 'label'> | null;
}

export interface PublishedScale {
  readonly scale: string;
  readonly rows: readonly PublishedRow[];
}

export interface PublishedCentre {
  readonly code: string;
  readonly name: string;
  readonly scales: readonly PublishedScale[];
}

/**
 * What is published (contract §4 `/results`). Nothing withheld can be worked out from what is shown: there are no
 * totals to subtract from, only whole quarters and no longer periods made of them, and none before it is over, so that
 * no two looks at a page differ by one citizen's form.
 */
export class ResultService {
  constructor(
    private readonly reports: ReportService,
    private readonly scopes: ScopeService,
    private readonly now: Clock,
  ) {}

  /** The quarters on offer, newest first. */
  quarters(): Period[] {
    const current = parsePeriod(quarterKey(localDay(this.now())));
    const quarters: Period[] = [];
    for (let last = current; last && quarters.length < QUARTERS_OFFERED;) {
      last = previousPeriod(last);
      quarters.push(last);
    }
    return quarters;
  }

  /** Every centre that was at work, or has answers, in one of the quarters on offer. @throws NotFoundError for any other period */
  async ofQuarter(key: string): Promise<PublishedScale[]> {
    const quarter = this.quarters().find((offered) => offered.key === key);
    if (!quarter) throw new NotFoundError('There are no published results of this period.');
    const scope = await this.scopes.select({ scope: null }, {});
    const { range } = quarter;
    const found = await this.reports.satisfaction({ range, scope, questionnaire: undefined, groupBy: 'centre' });
    return scalesOf(found).map(({ scale, rows }) => {
      const byCentre = new Map(rows.map((row) => [row.key, row]));
      const shown = scope.centres.filter((one) => byCentre.has(one.code) || !isClosedBefore(one, range.from));
      const published = shown.map(({ code, name }) => publish(code, name, byCentre.get(code)));
      return { scale, rows: published };
    });
  }

  /** One centre in the quarters on offer. @throws NotFoundError for an unknown centre */
  async ofCentre(code: string): Promise<PublishedCentre> {
    const scope = await this.scopes.select({ scope: null }, { centre: code });
    const quarters = this.quarters();
    const [newest, oldest] = [quarters[0], quarters.at(-1)];
    if (!newest || !oldest) throw new Error('No quarter is on offer');
    const range = { from: oldest.range.from, to: newest.range.to };
    const found = await this.reports.satisfaction({ range, scope, questionnaire: undefined, groupBy: 'quarter' });
    const scales = scalesOf(found).map(({ scale, rows }) => ({
      scale,
      rows: [...rows].reverse().map((row) => publish(row.key, row.label, row)),
    }));
    return { code, name: scope.centres[0]?.name ?? code, scales };
  }
}

/** Only scales of which something is shown, five levels first. */
function scalesOf(found: Awaited<ReturnType<ReportService['satisfaction']>>): SatisfactionReport[] {
  const reports = 'byScale' in found ? Object.values(found.byScale) : [found];
  return reports
    .filter(({ rows }) => rows.some(isPublished))
    .sort((a, b) => b.total.counts.length - a.total.counts.length);
}

function isPublished({ responses, n }: ReportRow): boolean {
  // A form may hold many answers, or none that counts.
  return responses >= MIN_PUBLISHED && n >= MIN_PUBLISHED;
}

function publish(key: string, label: string, row: ReportRow | undefined): PublishedRow {
  return { key, label, figures: row && isPublished(row) ? row : null };
}
