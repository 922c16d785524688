import { formatInstant } from '../../domain/format-vi.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import type { Scale } from '../../domain/scale.js';
import { textIn } from '../../domain/text.js';
import type { Lang, MessageKey, Translate } from '../../i18n/index.js';
import type { Languages } from '../../i18n/languages.js';
import type { QuestionnaireRecord } from '../catalogue/catalogue.model.js';
import { QUESTIONNAIRE_LIMITS } from '../catalogue/questionnaire-shape.js';
import { langOf, levelButtons, levelsToAskWhy } from '../drafts/flow.views.js';
import type { FormError } from '../request-input.js';
import { rowKeys, type Entered, type FormValues, type RowKind } from './questionnaires.form.js';
import type { Problem } from './questionnaires.problems.js';
import { stateOf, type QuestionnaireHistory } from './questionnaires.service.js';

export const QUESTIONNAIRES_PATH = '/admin/questionnaires';

const STATES = {
  draft: 'questionnaires.state.draft',
  published: 'questionnaires.state.published',
  retired: 'questionnaires.state.retired',
  older: 'questionnaires.state.older',
} as const satisfies Record<string, MessageKey>;

/** The address of the page of a questionnaire. */
export function pathOf(id: string): string {
  return `${QUESTIONNAIRES_PATH}/${encodeURIComponent(id)}`;
}

/** One line of `questionnaires/list`. */
export function listLine({ id, published, draft }: QuestionnaireHistory, lang: Lang, t: Translate) {
  const newest = published.at(-1);
  const shown = newest ?? draft;
  return {
    id,
    href: pathOf(id),
    title: shown ? textIn(shown.title, lang) : id,
    state: t(STATES[newest ? stateOf(newest) : 'draft']),
    version: newest ? String(newest.version) : '–',
    versions: published.length,
    draft: newest && draft ? t('questionnaires.draftOf', { version: draft.version }) : '',
  };
}

const KIOSKS_NAMED = 5;

/** The kiosks that show a questionnaire, in words; empty when there is none. */
export function kioskNames(codes: readonly string[], t: Translate): string {
  const named = codes.slice(0, KIOSKS_NAMED).join(', ');
  const more = codes.length - KIOSKS_NAMED;
  return more > 0 ? t('questionnaires.andMore', { named, n: more }) : named;
}

/** The versions of a questionnaire, newest first, as its page lists them. */
export function versionLines({ id, published, draft }: QuestionnaireHistory, shown: number, t: Translate) {
  const newest = published.at(-1);
  return [...published, ...(draft ? [draft] : [])].reverse().map((record) => ({
    version: record.version,
    href: `${pathOf(id)}?version=${record.version}`,
    download: `${pathOf(id)}/versions/${record.version}.json`,
    isShown: record.version === shown,
    state: t(record.version === newest?.version || record === draft ? STATES[stateOf(record)] : STATES.older),
    publishedAt: record.publishedAt ? formatInstant(record.publishedAt) : '–',
    items: record.items.length,
  }));
}

/** What citizens see of a version, in each language that the product brings itself. */
export function preview(questionnaire: Questionnaire, scale: Scale, languages: Languages) {
  const { items, reasons, demographics } = questionnaire;
  const asksWhy = levelsToAskWhy(questionnaire, scale);
  const shown = (['vi', 'en'] as const).map((lang) => {
    const t = languages.translator(lang);
    const inLang = ({ text, code }: Questionnaire['items'][number] | Questionnaire['reasons'][number]) => ({
      code,
      text: textIn(text, lang),
      lang: langOf(text, lang),
    });
    return {
      lang,
      name: languages.offered.find(({ code }) => code === lang)?.name ?? lang,
      items: items.map(inLang),
      levels: levelButtons(scale, lang),
      reasonsTitle: t('kiosk.reasons.title'),
      reasons: asksWhy.length > 0 ? reasons.map(inLang) : [],
      demographics: demographics.map(({ text, options }) => ({
        text: textIn(text, lang),
        lang: langOf(text, lang),
        options: options.map((option) => ({ text: textIn(option.text, lang), lang: langOf(option.text, lang) })),
      })),
    };
  });
  const citizens = [...items, ...reasons];
  return { languages: shown, untranslated: citizens.filter(({ text }) => textIn(text, 'en') === text.vi).length };
}

export interface EditInput {
  readonly draft: QuestionnaireRecord;
  readonly isFirst: boolean;
  readonly revision: number;
  readonly values: FormValues;
  readonly errors: readonly FormError[];
  readonly scales: readonly Scale[];
}

/** Locals of `questionnaires/edit`. */
export function editPage({ draft, isFirst, revision, values, errors, scales }: EditInput, lang: Lang, t: Translate) {
  const rows = (kind: RowKind) =>
    rowKeys(draft, kind).map((key, index) => ({
      name: `${kind}.${key}`,
      legend: t(ROW_NAMES[kind], { n: index + 1 }),
      code: draft[kind][Number(key)]?.code ?? null,
      options:
        kind === 'demographics'
          ? (draft.demographics[index]?.options ?? []).map((_, at) => ({
              name: `options.${key}-${at}`,
              legend: t('questionnaires.option', { n: at + 1 }),
            }))
          : [],
    }));
  return {
    id: draft.id,
    version: draft.version,
    address: pathOf(draft.id),
    revision,
    limits: QUESTIONNAIRE_LIMITS,
    isFirst,
    values,
    errors,
    factors: rows('factors'),
    items: rows('items'),
    reasons: rows('reasons'),
    demographics: rows('demographics'),
    factorChoices: draft.factors.map(({ code, name }) => ({ code, name: textIn(name, lang) })),
    scaleChoices: scales.map(({ id, levels }) => ({
      id,
      name: levels.map(({ label }) => textIn(label, lang)).join(' · '),
    })),
    headlineChoices: draft.items.map(({ code, text }) => ({ code, name: textIn(text, lang) })),
  };
}

const ROW_NAMES = {
  factors: 'questionnaires.factorN',
  items: 'questionnaires.itemN',
  reasons: 'questionnaires.reasonN',
  demographics: 'questionnaires.demographicN',
} as const satisfies Record<RowKind, MessageKey>;

const PART_NAMES: Readonly<Record<string, MessageKey>> = {
  title: 'questionnaires.name',
  source: 'questionnaires.source',
  scale: 'questionnaires.scale',
  headline: 'questionnaires.headline',
  factors: 'questionnaires.factors',
  items: 'questionnaires.items',
  reasons: 'questionnaires.reasons',
  demographics: 'questionnaires.demographics',
};

const ROW_PATH = /^(factors|items|reasons|demographics)\[(\d+)\](?:\.options\[(\d+)\])?(?:\.(\w+))?(?:\.(\w+))?$/;

/** A problem of the content as one of the form that was filled in: which field, and what it is called there. */
export function formError(
  { path, key, params }: Problem,
  { keys }: Entered,
  draft: Questionnaire,
  t: Translate,
): FormError {
  const [, kindName, index, option, part = '', inner] = ROW_PATH.exec(path) ?? [];
  const kind = (['factors', 'items', 'reasons', 'demographics'] as const).find((one) => one === kindName);
  const words = t(key, params);
  if (kind === undefined) {
    const [top = ''] = path.split(/[.[]/);
    const label = t(PART_NAMES[top] ?? 'questionnaires.name');
    return { field: path === 'title' ? 'title.vi' : path, message: `${label}: ${words}` };
  }
  const row = keys[kind][Number(index)] ?? '';
  const label = t(ROW_NAMES[kind], { n: rowKeys(draft, kind).indexOf(row) + 1 });
  const optionLabel = option === undefined ? '' : `, ${t('questionnaires.option', { n: Number(option) + 1 })}`;
  const place = option === undefined ? `${kind}.${row}` : `options.${row}-${option}`;
  const isEnglish = inner === 'en';
  const field = part === 'factor' ? `${place}.factor` : `${place}.${isEnglish ? 'en' : 'vi'}`;
  return { field, message: `${label}${optionLabel}${isEnglish ? ` (${t('questionnaires.english')})` : ''}: ${words}` };
}

/** A problem of an uploaded content, named by its path in the file. */
export function fileError({ path, key, params }: Problem, t: Translate): FormError {
  return { field: 'json', message: path === '' ? t(key, params) : `${path}: ${t(key, params)}` };
}
