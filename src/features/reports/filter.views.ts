import { monthKey, parsePeriod, previousPeriod, quarterKey, yearKey } from '../../domain/period.js';
import type { Lang, Translate } from '../../i18n/index.js';
import { periodName } from './reports.names.js';
import { GROUPINGS, type Grouping } from './reports.types.js';

/** One entry of a select box. */
export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly selected: boolean;
}

/** The filter form as submitted; '' where the field was left empty. */
export interface FilterValues {
  readonly period: string;
  readonly from: string;
  readonly to: string;
  readonly centre: string;
  readonly unit: string;
  readonly questionnaire: string;
  readonly groupBy: string;
  readonly sort: string;
  readonly field: string;
  readonly procedure: string;
  readonly counter: string;
  readonly officer: string;
  readonly channel: string;
}

/** What can be offered in the filter form. */
export interface FilterOptions {
  /** Local day of today, for the list of usual periods. */
  readonly today: string;
  /** Centres to choose from; null when there are too many for a list, then the code is typed. */
  readonly centres: readonly { readonly code: string; readonly name: string }[] | null;
  readonly questionnaires: readonly { readonly id: string; readonly title: string }[];
}

/** The lists of the filter form. */
export interface FilterForm {
  readonly periodChoices: readonly Choice[];
  readonly centreChoices: readonly Choice[] | null;
  readonly questionnaireChoices: readonly Choice[];
  readonly groupByChoices: readonly Choice[];
}

interface FilterInput {
  readonly values: FilterValues;
  readonly options: FilterOptions;
  readonly lang: Lang;
  readonly t: Translate;
}

export function filterForm({ values, options, lang, t }: FilterInput): FilterForm {
  const centres = options.centres?.map(({ code, name }) => choice(code, name, values.centre));
  return {
    periodChoices: [
      choice('', t('reports.periodCustom'), values.period),
      ...periodChoices(options.today, values.period, lang, t),
    ],
    centreChoices: centres ? [choice('', t('reports.allCentres'), values.centre), ...centres] : null,
    questionnaireChoices: [
      choice('', t('reports.allQuestionnaires'), values.questionnaire),
      ...options.questionnaires.map(({ id, title }) => choice(id, title, values.questionnaire)),
    ],
    groupByChoices: GROUPINGS.map((grouping) => choice(grouping, t(`groupBy.${grouping}`), groupingOf(values.groupBy))),
  };
}

/** The grouping a text names; by centre where it names none. */
export function groupingOf(text: string): Grouping {
  return GROUPINGS.find((grouping) => grouping === text) ?? 'centre';
}

export function choice(value: string, label: string, chosen: string | undefined): Choice {
  return { value, label, selected: value === (chosen ?? '') };
}

export function periodChoices(today: string, asked: string, lang: Lang, t: Translate): Choice[] {
  return periodKeys(today, asked).map((key) => {
    const name = periodName(key, lang, t);
    return choice(key, key === today ? t('period.today', { day: name }) : name, asked);
  });
}

/** The periods an office reports on, newest first; one that was asked for by its address is offered too. */
export function periodKeys(today: string, asked: string): string[] {
  const year = yearKey(today);
  const usual = [
    today,
    ...withPrevious(monthKey(today)),
    ...withPrevious(quarterKey(today)),
    `${year}-H1`,
    `${year}-9M`,
    ...withPrevious(year),
  ];
  return parsePeriod(asked) && !usual.includes(asked) ? [...usual, asked] : usual;
}

function withPrevious(key: string): string[] {
  const period = parsePeriod(key);
  return period ? [period.key, previousPeriod(period).key] : [];
}
