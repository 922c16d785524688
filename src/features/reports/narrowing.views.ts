import type { Lang, Translate } from '../../i18n/index.js';
import { CHANNELS } from '../responses/responses.model.js';
import { choice } from './filter.views.js';
import { select, type Field } from './figures.views.js';
import { groupName } from './reports.names.js';
import type { Values } from './reports.tabs.js';
import { FILTERS } from './reports.types.js';

/** The fields that are seldom needed: by what the forms of a place and period can be narrowed further. */
export interface Narrowing {
  readonly fields: readonly Field[];
  /** Whether one of them is in use, or wrong. */
  readonly isOpen: boolean;
}

interface Narrowed {
  readonly values: Values;
  readonly errors: Readonly<Record<string, string>>;
  readonly lang: Lang;
  readonly t: Translate;
}

export function narrowingOf({ values, errors, t }: Omit<Narrowed, 'lang'>): Narrowing {
  const channels = [
    choice('', t('reports.allChannels'), values['channel']),
    ...CHANNELS.map((channel) => choice(channel, t(`channel.${channel}`), values['channel'])),
  ];
  const fields = FILTERS.map((name): Field => {
    const label = t(`groupBy.${name}`);
    if (name === 'channel') return select(name, label, channels);
    const hint = name === 'procedure' ? t('reports.procedureHint') : '';
    return { name, label, hint, type: 'text', choices: [] };
  });
  return { fields, isOpen: isNarrowed(values) || FILTERS.some((name) => Object.hasOwn(errors, name)) };
}

/** Whether any filter leaves something out. */
export function isNarrowed(values: Values): boolean {
  return FILTERS.some((name) => Boolean(values[name]));
}

/** "Lĩnh vực: Đất đai · Kênh: Ki-ốt"; '' where nothing is left out. */
export function narrowedTo({ values, lang, t }: Omit<Narrowed, 'errors'>): string {
  const parts = FILTERS.flatMap((by) => {
    const value = values[by];
    if (!value) return [];
    return [t('reports.onlyOf', { name: t(`groupBy.${by}`), value: groupName(by, value, lang, t) ?? value })];
  });
  return parts.join(' · ');
}
