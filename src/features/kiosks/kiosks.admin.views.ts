import { isOpen, USUAL_HOURS, type OpeningHours } from '../../domain/opening-hours.js';
import { formatInstant } from '../../domain/format-vi.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import type { Centre } from '../centres/centres.model.js';
import type { FormError } from '../request-input.js';
import type { Kiosk, PairingOffer } from './kiosks.service.js';

/** Without a contact for this long in opening hours a kiosk is silent. */
const SILENT_AFTER_MS = 10 * 60_000;

/** How a kiosk is: `waiting` for a device, `paused` by staff, `silent` though its centre is open, or `well`. */
export type KioskCondition = 'waiting' | 'paused' | 'silent' | 'well';

/** How a kiosk is, as far as its last contact tells; where a centre has not said its hours, the usual ones count. */
export function conditionOf(
  { paused, lastSeen }: Pick<Kiosk, 'paused' | 'lastSeen'>,
  now: Date,
  hours: OpeningHours = USUAL_HOURS,
): KioskCondition {
  if (!lastSeen) return 'waiting';
  if (paused) return 'paused';
  const silent = now.getTime() - lastSeen.at.getTime() > SILENT_AFTER_MS;
  return silent && isOpen(hours, now) ? 'silent' : 'well';
}

/** One line of the list. */
export interface KioskLine {
  readonly code: string;
  readonly centre: string;
  readonly counter: string;
  readonly condition: KioskCondition;
  /** '22/11/2026 08:05', '–' when never. */
  readonly lastSeen: string;
  readonly queued: string;
  readonly oldest: string;
  readonly setAside: string;
  readonly version: string;
  readonly battery: string;
  readonly paused: boolean;
}

export interface AdminListInput {
  readonly kiosks: readonly Kiosk[];
  readonly centres: readonly Centre[];
  readonly questionnaires: readonly Questionnaire[];
  readonly hours: ReadonlyMap<string, OpeningHours>;
  readonly now: Date;
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly errors: readonly FormError[];
}

/** Locals of `kiosks/list`. */
export function adminListPage({ kiosks, centres, questionnaires, hours, now, values, errors }: AdminListInput) {
  return {
    kiosks: kiosks.map((kiosk) => kioskLine(kiosk, now, hours.get(kiosk.centre))),
    centres: centres.map(({ code, name }) => ({ code, name })),
    questionnaires: questionnaires.map(({ id, title }) => ({ id, title: title.vi })),
    values,
    errors,
  };
}

/** Locals of `kiosks/kiosk`. */
export function adminKioskPage(kiosk: Kiosk, offer: PairingOffer | null, now: Date, hours?: OpeningHours) {
  const groups = offer?.code.match(/.{1,4}/g) ?? [];
  return {
    kiosk: kioskLine(kiosk, now, hours),
    settings: kiosk.settings,
    offer: offer && { code: groups.join(' '), kioskUrl: offer.pairUrl.replace(/\/pair\/.*$/, '') },
  };
}

const NONE = '–';

function kioskLine(kiosk: Kiosk, now: Date, hours?: OpeningHours): KioskLine {
  const { code, centre, counter, lastSeen, paused } = kiosk;
  const { oldestMs = null, battery } = lastSeen ?? {};
  return {
    code,
    centre,
    counter: counter ?? '',
    condition: conditionOf(kiosk, now, hours),
    lastSeen: lastSeen ? formatInstant(lastSeen.at) : NONE,
    queued: lastSeen ? String(lastSeen.queued) : NONE,
    oldest: lastSeen && oldestMs !== null ? formatInstant(new Date(lastSeen.at.getTime() - oldestMs)) : NONE,
    setAside: lastSeen ? String(lastSeen.setAside) : NONE,
    version: lastSeen?.version ?? NONE,
    battery: battery === undefined ? NONE : `${Math.round(battery * 100)}%`,
    paused,
  };
}
