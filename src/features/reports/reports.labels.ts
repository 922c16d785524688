import { textIn } from '../../domain/text.js';
import { translator } from '../../i18n/index.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { Centre } from '../centres/centres.model.js';
import { groupName } from './reports.names.js';
import type { Grouping } from './reports.types.js';

/** What a report's labels are looked up in. */
export interface LabelSource {
  readonly catalogue: CatalogueService;
  readonly centres: ReadonlyMap<string, Centre>;
  /** Last local day of the period: units are named as they were then. */
  readonly until: string;
}

const inVietnamese = translator('vi');

/** The Vietnamese name of a group; the key itself where there is no better one. */
export function labelOf(grouping: Grouping, key: string, { catalogue, centres, until }: LabelSource): string {
  const name = groupName(grouping, key, 'vi', inVietnamese);
  if (name !== null) return name;
  if (grouping === 'centre') return centres.get(key)?.name ?? key;
  if (grouping === 'counter') return counterName(key, centres) ?? key;
  if (grouping === 'unit') return catalogue.unitName(key, until);
  return (grouping === 'reason' ? reasonName(key, catalogue) : undefined) ?? key;
}

/** Codes of counters are those of one centre: of several, `Q1` is many counters. */
function counterName(code: string, centres: LabelSource['centres']): string | undefined {
  const [centre, ...others] = centres.values();
  return others.length > 0 ? undefined : centre?.counters?.find((counter) => counter.code === code)?.name;
}

function reasonName(code: string, catalogue: CatalogueService): string | undefined {
  // A reason that the newest version no longer asks for was given for an older one.
  const versions = catalogue.questionnaires().flatMap(({ id }) => [...catalogue.versions(id)].reverse());
  for (const { reasons } of versions) {
    const reason = reasons.find((known) => known.code === code);
    if (reason) return textIn(reason.text, 'vi');
  }
  return undefined;
}
