import { MONTHS, REQUIRE_TOTP, type Settings } from '../../config.js';
import type { MessageKey } from '../../i18n/index.js';
import type { TextInput } from '../request-input.js';
import type { SettingsState } from './settings.service.js';

/** One thing wrong with the form: in which field, and in which words to say it. */
export interface SettingsProblem {
  readonly field: keyof Settings;
  readonly key: MessageKey;
  readonly params?: Readonly<Record<string, number>>;
}

export type CheckedSettings =
  | { readonly ok: true; readonly wanted: Partial<Settings> }
  | { readonly ok: false; readonly problems: readonly SettingsProblem[] };

/** The form as the settings fill it in. */
export function valuesOf({ commentMonths, dossierMonths, requireTotp, tthcScore }: Settings): TextInput {
  return {
    commentMonths: String(commentMonths),
    dossierMonths: String(dossierMonths),
    requireTotp,
    tthcScore: tthcScore ? 'on' : 'off',
  };
}

/** What a form wants, or everything that is wrong with it. What the environment names is not asked. */
export function checkSettings(values: TextInput, { fixed }: Pick<SettingsState, 'fixed'>): CheckedSettings {
  const problems: SettingsProblem[] = [];
  const asked = (field: keyof Settings) => !fixed.includes(field);
  const months = (field: keyof typeof MONTHS) => {
    if (!asked(field)) return {};
    const [least, most] = MONTHS[field];
    const typed = (values[field] ?? '').trim();
    const value = /^\d{1,3}$/.test(typed) ? Number(typed) : NaN;
    if (value >= least && value <= most) return { [field]: value };
    problems.push({ field, key: 'settings.error.months', params: { least, most } });
    return {};
  };
  const requireTotp = REQUIRE_TOTP.find((one) => one === values['requireTotp']);
  const tthcScore = (['on', 'off'] as const).find((one) => one === values['tthcScore']);
  const wanted = {
    ...months('commentMonths'),
    ...months('dossierMonths'),
    ...(asked('requireTotp') && requireTotp !== undefined ? { requireTotp } : {}),
    ...(asked('tthcScore') && tthcScore !== undefined ? { tthcScore: tthcScore === 'on' } : {}),
  };
  if (asked('requireTotp') && requireTotp === undefined) {
    problems.push({ field: 'requireTotp', key: 'settings.error.choice' });
  }
  if (asked('tthcScore') && tthcScore === undefined)
    problems.push({ field: 'tthcScore', key: 'settings.error.choice' });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, wanted };
}

/** What about a change has to be asked first. */
export interface Doubts {
  /** Comments, or marks of rated dossiers, are removed sooner, which cannot be undone. */
  readonly shorter: readonly (keyof typeof MONTHS)[];
  /** Fewer accounts need a second factor. */
  readonly isWeaker: boolean;
}

export function doubtsAbout(before: Settings, after: Settings): Doubts {
  const strength = ({ requireTotp }: Settings) => REQUIRE_TOTP.indexOf(requireTotp);
  return {
    shorter: (['commentMonths', 'dossierMonths'] as const).filter((name) => after[name] < before[name]),
    isWeaker: strength(after) < strength(before),
  };
}
