import { formatDay } from '../../domain/format-vi.js';
import { timesText, USUAL_HOURS, type OpeningHours } from '../../domain/opening-hours.js';
import type { Lang, MessageKey, Translate } from '../../i18n/index.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { Kiosk } from '../kiosks/kiosks.service.js';
import type { FormError } from '../request-input.js';
import type { Centre, Counter } from './centres.model.js';

export const CENTRES_PATH = '/admin/centres';
export const UNITS_PATH = '/admin/units';
export const WEEK = [1, 2, 3, 4, 5, 6, 7];

/** How a page is worded. */
export interface Wording {
  readonly lang: Lang;
  readonly t: Translate;
}

export function centrePath(code: string): string {
  return `${CENTRES_PATH}/${encodeURIComponent(code)}`;
}

export function unitPath(code: string): string {
  return `${UNITS_PATH}/${encodeURIComponent(code)}`;
}

export function levelText(level: Centre['level'], t: Translate): string {
  return t(level === 'province' ? 'centres.level.province' : 'centres.level.commune');
}

/** A centre in a list. */
export function centreLine(centre: Centre, catalogue: CatalogueService, { lang, t }: Wording) {
  const { code, name, unit, level, closed } = centre;
  return {
    code,
    name,
    path: centrePath(code),
    unit: catalogue.unitName(unit),
    unitPath: unitPath(unit),
    level: levelText(level, t),
    state: closed ? t('centres.closedOn', { day: formatDay(closed.on, lang) }) : t('centres.open'),
    isClosed: closed !== undefined,
    successor: closed?.successor === undefined ? null : { code: closed.successor, path: centrePath(closed.successor) },
  };
}

/** What was entered into the form of opening hours. */
export interface EnteredHours {
  readonly days: readonly number[];
  readonly times: string;
}

export interface CentrePageInput {
  readonly centre: Centre;
  readonly hours: OpeningHours | null;
  /** Null for who may change the opening hours only. */
  readonly managed: {
    readonly catalogue: CatalogueService;
    readonly counters: readonly Counter[];
    readonly kiosks: readonly Kiosk[];
    readonly predecessors: readonly Centre[];
  } | null;
  readonly done?: string | null;
  readonly errors?: readonly FormError[];
  readonly enteredHours?: EnteredHours;
  /** What was entered into other forms, by the ids of their fields. */
  readonly values?: Readonly<Partial<Record<string, string>>>;
}

/** Locals of `centres/centre`. */
export function centrePage(input: CentrePageInput, wording: Wording) {
  const { centre, hours, managed, done = null, errors = [], values = {} } = input;
  const shown = hours ?? USUAL_HOURS;
  const { days, times } = input.enteredHours ?? { days: shown.days, times: timesText(shown) };
  return {
    centre: { code: centre.code, name: centre.name, path: centrePath(centre.code) },
    managed: managed && {
      ...centreLine(centre, managed.catalogue, wording),
      ...counterTable(managed, values),
      predecessors: managed.predecessors.map((one) => centreLine(one, managed.catalogue, wording)),
    },
    isSaid: hours !== null,
    week: WEEK.map((day) => ({ day, isOpen: days.includes(day) })),
    times,
    flash: done,
    errors,
    values,
  };
}

function counterTable(
  { counters, kiosks }: NonNullable<CentrePageInput['managed']>,
  values: Readonly<Partial<Record<string, string>>>,
) {
  const listed = new Set(counters.map(({ code }) => code));
  const unlisted = new Set(kiosks.flatMap(({ counter }) => (counter === null || listed.has(counter) ? [] : [counter])));
  return {
    counters: counters.map(({ code, name, closed = false }, index) => ({
      code,
      field: counterField(index),
      name: values[counterField(index)] ?? name,
      closed,
      kiosks: kiosks.filter(({ counter }) => counter === code).map((kiosk) => kiosk.code),
    })),
    unlisted: [...unlisted].join(', '),
  };
}

/** Id of the field with the name of a counter. */
export function counterField(index: number): string {
  return `counter-${index}`;
}

const DONE: Readonly<Record<string, MessageKey>> = {
  added: 'centres.done.added',
  named: 'centres.done.named',
  closed: 'centres.done.closed',
  reopened: 'centres.done.reopened',
  hours: 'centres.done.hours',
  'counter-added': 'centres.done.counterAdded',
  'counter-named': 'centres.done.counterNamed',
  'counter-closed': 'centres.done.counterClosed',
  'counter-reopened': 'centres.done.counterReopened',
};

/** What was done just before, as the address of a page says; null where it says nothing known. */
export function doneText(asked: unknown, t: Translate): string | null {
  const key = typeof asked === 'string' && Object.hasOwn(DONE, asked) ? DONE[asked] : undefined;
  return key === undefined ? null : t(key);
}
