import { Router, type RequestHandler } from 'express';
import { localDay, parsePeriod, previousPeriod, yearKey, type Period } from '../../domain/period.js';
import { AppError } from '../../errors.js';
import type { Translate } from '../../i18n/index.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { ScopeSelection } from '../access/scope.service.js';
import type { CompareService, Side } from './compare.service.js';
import { COMPARE_PATH, comparePage, otherName } from './compare.views.js';
import { messages, pageInput, placeOf, valuesOf, type FiguresPageServices } from './figures.pages.js';
import type { PageInput } from './figures.views.js';
import { periodName } from './reports.names.js';

type Services = Pick<FiguresPageServices, 'scopes' | 'catalogue' | 'printer' | 'now'> & {
  readonly comparisons: CompareService;
};
type Values = Readonly<Record<string, string>>;

/** The page that compares any two places or periods (contract §4). */
export function comparePages(services: Services): Router {
  const router = Router();
  router.get(COMPARE_PATH, requireRight('reports:read'), showComparison(services));
  return router;
}

function showComparison(services: Services): RequestHandler {
  const { scopes, comparisons, printer, now } = services;
  return async (req, res) => {
    const values = valuesOf(req, { period: yearKey(localDay(now())) });
    const input = await pageInput(services, req, res, values);
    const invalid = (fields: readonly string[]) => {
      const errors = slips(fields, res.locals.t);
      res.status(422).render('reports/figures', comparePage({ ...input, errors, shown: null }));
    };
    const periods = periodsOf(values);
    if ('wrong' in periods) {
      invalid([periods.wrong]);
      return;
    }
    const select = async (place: Values): Promise<ScopeSelection | null> => {
      try {
        return await scopes.select(principalOf(req), placeOf(place));
      } catch (error) {
        // A code that does not exist or is not theirs is a slip in the form, shown beside it.
        if (!(error instanceof AppError)) throw error;
        return null;
      }
    };
    const scope = await select(values);
    const other = await select(otherPlace(values));
    if (!scope || !other) {
      invalid([...(scope ? [] : [wrongPlace(values)]), ...(other ? [] : [otherName(wrongPlace(otherPlace(values)))])]);
      return;
    }
    const sides = [
      { scope, period: periods.period },
      { scope: other, period: periods.other },
    ] as const;
    const compared = await comparisons.compare(...sides);
    const name = (side: Side) => sideName(side, scopes.nameOf(side.scope, side.period.range.to), input);
    const shown = { compared, names: [name(sides[0]), name(sides[1])] as const };
    await printer.figures(req, res, comparePage({ ...input, shown }));
  };
}

/** Without another period: the one before or, where another place is named, the same. */
function periodsOf(values: Values): { readonly period: Period; readonly other: Period } | { readonly wrong: string } {
  const period = parsePeriod(values['period'] ?? '');
  if (!period) return { wrong: 'period' };
  const asked = values['withPeriod'];
  if (!asked) return { period, other: hasOtherPlace(values) ? period : previousPeriod(period) };
  const other = parsePeriod(asked);
  return other ? { period, other } : { wrong: 'withPeriod' };
}

function hasOtherPlace(values: Values): boolean {
  return Boolean(values['withCentre'] || values['withUnit']);
}

/** Without another place: the same. */
function otherPlace(values: Values): Values {
  if (!hasOtherPlace(values)) return values;
  return { centre: values['withCentre'] ?? '', unit: values['withUnit'] ?? '' };
}

function wrongPlace({ centre }: Values): 'centre' | 'unit' {
  return centre ? 'centre' : 'unit';
}

function sideName({ period }: Side, place: string | null, { lang, t }: PageInput): string {
  const of = place ?? t('reports.wholeScope');
  return t('compare.sideName', { place: of, period: periodName(period.key, lang, t) });
}

/** The messages of the fields of the one side, also for those of the other. */
function slips(fields: readonly string[], t: Translate): Record<string, string> {
  const own = messages(['period', 'centre', 'unit'], t);
  return Object.fromEntries(
    Object.entries(own)
      .flatMap(([name, message]) => [[name, message] as const, [otherName(name), message] as const])
      .filter(([name]) => fields.includes(name)),
  );
}
