import { DEFAULT_MIN_N, possibleRanks } from '../../domain/ranking.js';
import { formatDay, formatMovement, formatNumber, formatRank, formatStreak } from '../../domain/format-vi.js';
import { gradeMovement } from '../../domain/grades.js';
import type { Period } from '../../domain/period.js';
import { choice } from './filter.views.js';
import {
  cell,
  column,
  commonFields,
  numberCell,
  pageFrame,
  percentCell,
  rowWhenRead,
  questionnaireField,
  select,
  tableSection,
  valueBar,
  words,
  type Cell,
  type FiguresPage,
  type FiguresRow,
  type FiguresSection,
  type PageInput,
} from './figures.views.js';
import { isNarrowed, narrowedTo, narrowingOf } from './narrowing.views.js';
import { rangeText } from './reports.names.js';
import { withQuery, type Values } from './reports.tabs.js';
import { FILTERS } from './reports.types.js';
import { intervalText } from './satisfaction-row.views.js';
import { COMPARISONS, DEFAULT_GRADES, MEASURES, type Ranking, type RankingRow } from './ranking.service.js';

export interface ShownRanking {
  readonly period: Period;
  readonly ranking: Ranking;
  /** Of a year: for how many in a row each centre has had the best grade. */
  readonly bestGradeYears: ReadonlyMap<string, number> | null;
}

export interface RankingInput extends PageInput {
  /** Tables to choose from; a single one needs no choosing. */
  readonly gradeTables: readonly { readonly id: string; readonly name: string }[];
  readonly shown: ShownRanking | null;
}

/** The page of the ranking: places with movement and grade, and who is in which grade. */
export function rankingPage(input: RankingInput): FiguresPage {
  const { shown, gradeTables, values, lang, t } = input;
  const measure = MEASURES.find((known) => known === values['measure']) ?? 'satisfied';
  const page: FiguresPage = {
    ...pageFrame(t('ranking.title'), '/reports/ranking', input),
    fields: [
      ...commonFields(['period', 'unit'], input),
      select(
        'measure',
        t('ranking.measure'),
        MEASURES.map((known) => choice(known, t(`ranking.${known}`), measure)),
      ),
      questionnaireField(input, true),
      select(
        'against',
        t('ranking.against'),
        COMPARISONS.map((known) => {
          const label = t(known === 'previous' ? 'figures.previous' : 'figures.yearAgo');
          return choice(known, label, values['against'] === 'year-ago' ? 'year-ago' : 'previous');
        }),
      ),
      ...(gradeTables.length < 2
        ? []
        : [
            select(
              'grades',
              t('ranking.gradeTable'),
              gradeTables.map(({ id, name }) => choice(id, name, values['grades'] ?? DEFAULT_GRADES)),
            ),
          ]),
      { name: 'minN', label: t('ranking.minN'), hint: t('ranking.minNHint'), type: 'number', choices: [] },
    ],
    narrowing: narrowingOf(input),
    method: [
      t('reports.method.name'),
      t('ranking.how.order'),
      ...(measure === 'onTime' ? [] : [t('ranking.how.possible'), t('reports.method.interval')]),
      t('ranking.how.few', { minN: values['minN'] || DEFAULT_MIN_N }),
      t('reports.method.scales'),
      ...(shown ? gradeNotes(shown.ranking, input) : []),
    ],
  };
  if (!shown) return page;
  const { rows, distribution } = shown.ranking;
  const ranked = rows.filter(({ rank }) => rank !== null).length;
  const possible = possiblePlaces(rows, input);
  const columns = [
    column(t('ranking.rank')),
    column(t(measure === 'onTime' ? 'onTime.returned' : 'reports.n')),
    column(t(`ranking.${measure}`), measure === 'onTime' ? '' : t('reports.interval')),
    ...(measure === 'onTime' ? [] : [column(t('ranking.possible'))]),
    column(t('ranking.movement')),
    column(t('ranking.grade')),
    ...(shown.bestGradeYears ? [column(t('ranking.bestYears'))] : []),
  ];
  return {
    ...page,
    periodText: rangeText(shown.period.range, shown.period.key, lang, t),
    filterText: narrowedTo(input),
    figures: [
      { label: t('ranking.ranked'), value: formatNumber(ranked, 0, lang), note: '', main: true },
      { label: t('ranking.unranked'), value: formatNumber(rows.length - ranked, 0, lang), note: '', main: false },
    ],
    sections: [
      tableSection({
        id: 'ranking',
        heading: t('ranking.table'),
        rowLabel: t('reports.centre'),
        columns,
        chartLabel: t('reports.chart'),
        rows: rows.map((row) => rowWhenRead(row.label, () => placeRow(row, possible, shown, input))),
      }),
      gradeSection(distribution, rows, input),
      ...[gradeMovementSection(rows, input)].filter((section) => section.rows.length > 0),
    ],
  };
}

/** Which limits the grades are by, and where those of the earlier period are others. */
function gradeNotes({ table: { name, from }, hasOtherLimitsBefore }: Ranking, { lang, t }: PageInput): string[] {
  return [
    from === null
      ? t('ranking.how.grades', { grades: name })
      : t('ranking.how.gradesFrom', { grades: name, from: formatDay(from, lang) }),
    ...(hasOtherLimitsBefore ? [t('ranking.how.otherLimits')] : []),
  ];
}

function placeRow(
  row: RankingRow,
  possible: ReadonlyMap<string, readonly [number, number]> | null,
  { bestGradeYears }: ShownRanking,
  input: PageInput,
): Omit<FiguresRow, 'label'> {
  const { rank, of, centre, label, n, value, movement, grade, ci95 } = row;
  const { lang, values } = input;
  return {
    href: hrefOf(centre, values),
    cells: [
      cell(formatRank(rank, of), rank),
      numberCell(n, input),
      percentCell(value, input, intervalText(ci95, input)),
      ...(possible ? [cell(possibleText(possible.get(centre), input), rank)] : []),
      { ...words(formatMovement(movement, lang)), value: movement },
      words(grade ?? '—'),
      ...(bestGradeYears ? [streakCell(bestGradeYears.get(centre) ?? 0, input)] : []),
    ],
    bar: valueBar(label, value, ci95, input),
  };
}

/** The page of a centre or, of some of its forms, their months. */
function hrefOf(centre: string, values: Values): string {
  if (!isNarrowed(values)) return withQuery(`/reports/centres/${encodeURIComponent(centre)}`, values, ['period']);
  const narrowed = { ...values, centre, groupBy: 'month' };
  return withQuery('/reports', narrowed, ['period', 'questionnaire', 'centre', 'groupBy', ...FILTERS]);
}

function streakCell(years: number, { lang }: PageInput): Cell {
  return { ...words(years === 0 ? '—' : formatStreak(years, lang)), value: years };
}

/** By centre the places that the data cannot tell from its own; null where values are no samples. */
function possiblePlaces(
  rows: readonly RankingRow[],
  { values }: PageInput,
): ReadonlyMap<string, readonly [number, number]> | null {
  if (values['measure'] === 'onTime') return null;
  const places = rows.flatMap(({ centre, rank, ci95 }) => (rank === null || !ci95 ? [] : [{ centre, rank, ci95 }]));
  const ranks = possibleRanks(places);
  return new Map(places.map(({ centre }, index) => [centre, ranks[index] ?? [NaN, NaN]]));
}

function possibleText(ranks: readonly [number, number] | undefined, { t }: PageInput): string {
  if (!ranks) return '—';
  const [first, last] = ranks;
  return first === last ? String(first) : t('ranking.possibleRange', { first, last });
}

function gradeSection(
  distribution: Ranking['distribution'],
  rows: readonly RankingRow[],
  input: PageInput,
): FiguresSection {
  const { t } = input;
  const columns = [t('ranking.count'), t('ranking.share'), t('ranking.members')];
  return tableSection({
    id: 'grades',
    heading: t('ranking.grades'),
    rowLabel: t('ranking.grade'),
    columns: columns.map((label) => column(label)),
    chartLabel: t('reports.chart'),
    rows: distribution.map(({ grade, count, share }) => ({
      label: grade,
      href: '',
      cells: [
        numberCell(count, input),
        percentCell(share, input),
        words(
          rows
            .filter((row) => row.grade === grade)
            .map(({ label }) => label)
            .join('; '),
        ),
      ],
      bar: valueBar(grade, share, null, input),
    })),
  });
}

/** Who went from which grade to which since the period compared with. */
function gradeMovementSection(rows: readonly RankingRow[], input: PageInput): FiguresSection {
  const { t } = input;
  const grades = (of: (row: RankingRow) => string | null) =>
    new Map(rows.flatMap((row) => (of(row) === null ? [] : [[row.centre, of(row) ?? ''] as const])));
  const { changes } = gradeMovement(
    grades(({ previousGrade }) => previousGrade),
    grades(({ grade }) => grade),
  );
  const names = new Map(rows.map(({ centre, label }) => [centre, label]));
  // Who had no grade before, or has none now, did not go from one to another.
  const betweenGrades = changes.filter(({ from, to }) => from !== null && to !== null);
  return tableSection({
    id: 'movement',
    heading: t('ranking.movements'),
    rowLabel: t('ranking.fromTo'),
    columns: [column(t('ranking.count')), column(t('ranking.members'))],
    rows: betweenGrades.map(({ from, to, keys }) => ({
      label: t('ranking.fromToText', { from: from ?? '', to: to ?? '' }),
      href: '',
      cells: [numberCell(keys.length, input), words(keys.map((key) => names.get(key) ?? key).join('; '))],
      bar: null,
    })),
  });
}
