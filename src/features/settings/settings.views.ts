import { MONTHS, REQUIRE_TOTP, type Settings } from '../../config.js';
import { formatDay, formatNumber } from '../../domain/format-vi.js';
import type { Lang, Translate } from '../../i18n/index.js';
import type { FormError, TextInput } from '../request-input.js';
import type { Expired } from '../retention/retention.service.js';
import type { Installation } from './installation.js';
import { valuesOf, type Doubts } from './settings.form.js';
import type { SettingsState } from './settings.service.js';

export const SETTINGS_PATH = '/admin/settings';

const VARIABLES = {
  commentMonths: 'SIPAS_COMMENT_MONTHS',
  dossierMonths: 'SIPAS_DOSSIER_MONTHS',
  requireTotp: 'SIPAS_REQUIRE_TOTP',
  tthcScore: 'SIPAS_TTHC_SCORE',
} as const satisfies Record<keyof Settings, string>;

export interface SettingsInput {
  readonly state: SettingsState;
  readonly values: TextInput;
  readonly errors: readonly FormError[];
  readonly installation: Installation;
}

/** Locals of `settings/settings`. */
export function settingsPage({ state, values, errors, installation }: SettingsInput, t: Translate) {
  const { current, revision, fixed } = state;
  const present = valuesOf(current);
  const field = (name: keyof Settings, choices: readonly { readonly value: string; readonly label: string }[] = []) => {
    const isFixed = fixed.includes(name);
    const value = (isFixed ? present[name] : values[name]) ?? '';
    return {
      name,
      label: t(`settings.${name}`),
      hint: t(`settings.${name}Hint`),
      value,
      words: choices.find((one) => one.value === value)?.label ?? t('settings.months', { n: value }),
      variable: isFixed ? VARIABLES[name] : null,
      choices,
      limits: name === 'commentMonths' || name === 'dossierMonths' ? MONTHS[name] : null,
      problem: errors.find((error) => error.field === name)?.message ?? null,
    };
  };
  return {
    revision,
    errors,
    fields: [
      field('commentMonths'),
      field('dossierMonths'),
      field(
        'requireTotp',
        REQUIRE_TOTP.map((value) => ({ value, label: t(`settings.requireTotp.${value}`) })),
      ),
      field(
        'tthcScore',
        (['on', 'off'] as const).map((value) => ({ value, label: t(`settings.tthcScore.${value}`) })),
      ),
    ],
    isAllFixed: fixed.length === Object.keys(VARIABLES).length,
    facts: installationFacts(installation, t),
  };
}

function installationFacts(installation: Installation, t: Translate) {
  const { version, node, isEmbedded, dataDir, publicUrl, proxies, isSecretGiven, webhookNetworks } = installation;
  return [
    { label: t('settings.version'), value: `${version} (Node.js ${node.replace('v', '')})` },
    { label: t('settings.database'), value: t(isEmbedded ? 'settings.embedded' : 'settings.mongodb') },
    { label: t('settings.dataDir'), value: dataDir },
    { label: t('settings.publicUrl'), value: publicUrl },
    { label: t('settings.proxies'), value: String(proxies) },
    { label: t('settings.secret'), value: t(isSecretGiven ? 'settings.secretGiven' : 'settings.secretFile') },
    { label: t('settings.webhookNetworks'), value: webhookNetworks.join(', ') || t('settings.nothing') },
  ];
}

export interface ConfirmInput {
  readonly wanted: Settings;
  readonly doubts: Doubts;
  /** What would be removed now, where anything is removed sooner. */
  readonly expired: Expired | null;
  readonly revision: string;
  readonly errors: readonly FormError[];
  readonly lang: Lang;
}

/** Locals of `settings/confirm`. */
export function confirmPage({ wanted, doubts, expired, revision, errors, lang }: ConfirmInput, t: Translate) {
  const told = (name: Doubts['shorter'][number], count: number, before: string) =>
    t(`settings.confirm.${name}`, {
      months: wanted[name],
      n: formatNumber(count, 0, lang),
      before: formatDay(before, lang),
    });
  const removals = doubts.shorter.map((name) =>
    name === 'commentMonths'
      ? told(name, expired?.comments ?? 0, expired?.commentsBefore ?? '')
      : told(name, expired?.dossiers ?? 0, expired?.dossiersBefore ?? ''),
  );
  return {
    removals,
    isWeaker: doubts.isWeaker,
    requireTotp: t(`settings.requireTotp.${wanted.requireTotp}`),
    hidden: { ...valuesOf(wanted), revision, confirm: '1' },
    errors,
  };
}
