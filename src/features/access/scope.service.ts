import { BadRequestError, ForbiddenError, NotFoundError } from '../../errors.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { Centre } from '../centres/centres.model.js';
import type { CentreService } from '../centres/centres.service.js';
import type { Principal } from './principal.js';

/** The part of the country a question is about, already checked against who asks. */
export interface ScopeSelection {
  /** Unit or centre code; null: everything. */
  readonly code: string | null;
  readonly centres: readonly Centre[];
}

/** Comments as they were written, or with what leads to a person covered. */
export type CommentForm = 'as-written' | 'masked';

/** More centres than this are not offered in a list; their code is typed. */
const MOST_LISTED = 200;

/** The one place that decides who may ask about what (invariant 9). */
export class ScopeService {
  constructor(
    private readonly catalogue: CatalogueService,
    private readonly centres: CentreService,
  ) {}

  /**
   * What the principal asks for, or its whole scope when it names nothing.
   * @throws NotFoundError for an unknown code, ForbiddenError for one outside the principal's scope
   */
  async select(
    principal: Pick<Principal, 'scope'>,
    asked: { readonly unit?: string | undefined; readonly centre?: string | undefined },
  ): Promise<ScopeSelection> {
    if (asked.unit !== undefined && asked.centre !== undefined) {
      const message = 'name a unit or a centre, not both';
      throw new BadRequestError('The query is not valid.', [{ path: 'centre', message }]);
    }
    const selection = await this.named(asked, principal.scope);
    if (!(await this.covers(principal.scope, selection.code))) throw new ForbiddenError();
    return selection;
  }

  /** The centres of a scope, to choose from; null where they are too many for a list. */
  async listed({ scope }: Pick<Principal, 'scope'>): Promise<readonly Centre[] | null> {
    const { centres } = await this.named({}, scope, MOST_LISTED + 1);
    return centres.length > MOST_LISTED ? null : centres;
  }

  /** Whether a code is one of a unit or centre, and so can be a scope. */
  async isPlace(code: string): Promise<boolean> {
    return this.catalogue.unit(code) !== undefined || (await this.centres.find(code)) !== null;
  }

  /** Whether a scope covers a unit or centre code; null is everything. */
  async covers(scope: string | null, code: string | null): Promise<boolean> {
    if (scope === null || scope === code) return true;
    if (code === null || !this.catalogue.unit(scope)) return false;
    const unit = this.catalogue.unit(code)?.code ?? (await this.centres.find(code))?.unit;
    return unit === scope || (unit !== undefined && this.catalogue.unit(unit)?.parent === scope);
  }

  /**
   * Whether comments are shown as they were written: to people of the one centre they were written for, and to
   * administrators, whose export must hold what an import brings back. For all others what leads to a person is covered.
   */
  commentsFor({ role, scope }: Pick<Principal, 'role' | 'scope'>): CommentForm {
    return role === 'admin' || (scope !== null && !this.catalogue.unit(scope)) ? 'as-written' : 'masked';
  }

  /** The name of what was asked for, as it was on a local day; null for everything there is. */
  nameOf({ code, centres }: ScopeSelection, day: string): string | null {
    if (code === null) return null;
    return this.catalogue.unit(code) ? this.catalogue.unitName(code, day) : (centres[0]?.name ?? code);
  }

  private async named(
    asked: { readonly unit?: string | undefined; readonly centre?: string | undefined },
    scope: string | null,
    most?: number,
  ): Promise<ScopeSelection> {
    if (asked.centre !== undefined) return this.centre(asked.centre);
    if (asked.unit !== undefined) return this.unit(asked.unit);
    if (scope === null) return { code: null, centres: await this.centres.inUnits('all', most) };
    return this.catalogue.unit(scope) ? this.unit(scope, most) : this.centre(scope);
  }

  private async centre(code: string): Promise<ScopeSelection> {
    const centre = await this.centres.find(code);
    if (!centre) throw new NotFoundError(`There is no centre ${code}.`);
    return { code, centres: [centre] };
  }

  private async unit(code: string, most?: number): Promise<ScopeSelection> {
    if (!this.catalogue.unit(code)) throw new NotFoundError(`There is no unit ${code}.`);
    return { code, centres: await this.centres.inUnits([code, ...this.catalogue.unitsBelow(code)], most) };
  }
}
