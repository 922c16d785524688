import { formatChange, formatNumber } from '../../domain/format-vi.js';
import { percentage } from '../../domain/rates.js';
import { textIn } from '../../domain/text.js';
import { changeText, fieldSection, methodOfChanges, scaleName } from './change.views.js';
import type { Compared, ComparedOnScale } from './compare.service.js';
import {
  asOfText,
  cell,
  column,
  commonFields,
  numberCell,
  pageFrame,
  percentCell,
  tableSection,
  words,
  type Field,
  type FiguresPage,
  type FiguresRow,
  type FiguresSection,
  type PageInput,
} from './figures.views.js';
import { satisfactionColumns, satisfactionRow } from './satisfaction-row.views.js';

export const COMPARE_PATH = '/reports/compare';

export interface ShownCompared {
  readonly compared: Compared;
  /** What each side is called: its place and its period. */
  readonly names: readonly [string, string];
}

/** The page of any two places or periods beside each other. */
export function comparePage(input: PageInput & { readonly shown: ShownCompared | null }): FiguresPage {
  const { shown, lang, t } = input;
  const page: FiguresPage = {
    ...pageFrame(t('compare.title'), COMPARE_PATH, input),
    fields: [...commonFields(PLACE_AND_PERIOD, input), ...otherFields(input)],
    method: methodOfChanges(input),
  };
  if (!shown) return page;
  return {
    ...page,
    scopeName: shown.names[0],
    periodLabel: t('compare.against'),
    periodText: shown.names[1],
    asOfText: asOfText(shown.compared.asOf, lang, t),
    sections: [
      ...shown.compared.scales.flatMap((one) => scaleSections(one, shown.names, input)),
      dossierSection(shown, input),
    ],
  };
}

const PLACE_AND_PERIOD = ['period', 'centre', 'unit'] as const;

/** The same fields once more, for what is compared with. */
function otherFields(input: PageInput): Field[] {
  const { values, t } = input;
  const own = Object.fromEntries(PLACE_AND_PERIOD.map((name) => [name, values[otherName(name)] ?? '']));
  const [period, ...place] = commonFields(PLACE_AND_PERIOD, { ...input, values: own });
  const same = { value: '', label: t('compare.previous'), selected: own['period'] === '' };
  const fields = period ? [{ ...period, choices: [same, ...period.choices] }, ...place] : place;
  return fields.map((field) => ({
    ...field,
    name: otherName(field.name),
    label: t('compare.withField', { field: field.label.toLowerCase() }),
    hint: field.name === 'unit' ? t('compare.placeHint') : field.hint,
  }));
}

/** `withPeriod` for `period`. */
export function otherName(name: string): string {
  return `with${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}

function scaleSections(one: ComparedOnScale, names: ShownCompared['names'], input: PageInput): FiguresSection[] {
  const { t } = input;
  const { scale, fields } = one;
  const changed = {
    heading: t('compare.fields', { scale: scaleName(scale, input) }),
    before: column(names[1]),
    now: column(names[0]),
  };
  return [
    ratesSection(one, names, input),
    levelsSection(one, names, input),
    ...(fields.length > 0 ? [fieldSection(one, changed, input)] : []),
  ];
}

function ratesSection(
  { scale, totals: [first, second] }: ComparedOnScale,
  names: ShownCompared['names'],
  input: PageInput,
): FiguresSection {
  const { t } = input;
  return tableSection({
    id: `rates-${scale.id}`,
    heading: t('compare.rates', { scale: scaleName(scale, input) }),
    rowLabel: t('compare.side'),
    columns: [...satisfactionColumns(input), column(t('centre.change'))],
    chartLabel: t('reports.chart'),
    rows: [
      satisfactionRow(names[0], first, input, [words(changeText(first, second, input))]),
      satisfactionRow(names[1], second, input, [words('')]),
    ],
  });
}

function levelsSection(
  { scale, totals }: ComparedOnScale,
  names: ShownCompared['names'],
  input: PageInput,
): FiguresSection {
  const { lang, t } = input;
  const rows = scale.levels.map(({ label }, position): FiguresRow => {
    const counts = totals.map((total) => total.counts[position] ?? 0);
    const shares = totals.map((total, side) => percentage(counts[side] ?? 0, total.n));
    const [first = null, second = null] = shares;
    const count = (side: number) => t('overview.answers', { n: formatNumber(counts[side] ?? 0, 0, lang) });
    return {
      label: textIn(label, lang),
      href: '',
      cells: [
        percentCell(first, input, count(0)),
        percentCell(second, input, count(1)),
        cell(formatChange(first, second, lang), null),
      ],
      bar: null,
    };
  });
  return tableSection({
    id: `levels-${scale.id}`,
    heading: t('overview.distribution', { scale: scaleName(scale, input) }),
    rowLabel: t('overview.level'),
    columns: [column(names[0]), column(names[1]), column(t('compare.difference'), t('overview.pointsHelp'))],
    rows: rows.reverse(),
  });
}

function dossierSection({ compared, names }: ShownCompared, input: PageInput): FiguresSection {
  const { t } = input;
  const row = (side: 0 | 1): FiguresRow => {
    const { returned, late, rate } = compared.onTime[side].total;
    const { responses, rate: responseRate } = compared.responseRate[side].total;
    return {
      label: names[side],
      href: '',
      cells: [
        numberCell(returned, input),
        percentCell(rate, input),
        numberCell(late, input),
        numberCell(responses, input),
        numberCell(responseRate, input, 2),
      ],
      bar: null,
    };
  };
  return tableSection({
    id: 'dossiers',
    heading: t('onTime.table'),
    rowLabel: t('compare.side'),
    columns: [
      column(t('onTime.returned')),
      column(t('onTime.rate')),
      column(t('onTime.late')),
      column(t('onTime.forms')),
      column(t('onTime.responseRate')),
    ],
    rows: [row(0), row(1)],
  });
}
