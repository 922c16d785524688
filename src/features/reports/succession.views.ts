import { formatDay } from '../../domain/format-vi.js';
import type { ScopeSelection } from '../access/scope.service.js';
import type { Centre } from '../centres/centres.model.js';
import type { CentreService } from '../centres/centres.service.js';
import type { PageInput } from './figures.views.js';

/**
 * What a reader of one centre's figures must know of its merger, in words; nothing of a period that was over before it,
 * whose report stays as it was.
 * @param until last local day of the period
 */
export async function successionTexts(
  centres: CentreService,
  { code, centres: selected }: ScopeSelection,
  until: string,
  { lang, t }: Pick<PageInput, 'lang' | 't'>,
): Promise<string[]> {
  const centre = selected.find((one) => one.code === code);
  if (!centre) return [];
  const { closed } = centre;
  const { successor } = closed ?? {};
  const next = successor === undefined ? null : await centres.find(successor);
  const before = await centres.predecessorsOf(centre.code);
  const day = ({ closed: end }: Centre) => formatDay(end?.on ?? until, lang);
  return [
    ...(closed && closed.on < until ? [t('centres.report.closed', { day: day(centre) })] : []),
    ...(closed && closed.on < until && next ? [t('centres.report.successor', named(next))] : []),
    ...before.flatMap((one) =>
      one.closed && one.closed.on < until ? [t('centres.report.continues', { ...named(one), day: day(one) })] : [],
    ),
  ];
}

function named({ code, name }: Centre) {
  return { code, name };
}
