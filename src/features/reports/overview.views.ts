import { formatNumber, formatPercent } from '../../domain/format-vi.js';
import { DEFAULT_MIN_N } from '../../domain/ranking.js';
import { percentage, wilsonInterval } from '../../domain/rates.js';
import { textIn } from '../../domain/text.js';
import { toneOf } from '../level-tone.js';
import { changeText, fieldSection, methodOfChanges, scaleName } from './change.views.js';
import {
  asOfText,
  column,
  commonFields,
  numberCell,
  pageFrame,
  percentCell,
  tableSection,
  valueBar,
  words,
  type FiguresPage,
  type FiguresRow,
  type FiguresSection,
  type PageInput,
} from './figures.views.js';
import { heatOf } from './heat.views.js';
import { dossierFigures } from './on-time.views.js';
import type { Overview, OverviewOnScale } from './overview.service.js';
import { periodName, rangeText } from './reports.names.js';
import type { KeyFigure } from './reports.views.js';
import { satisfactionColumns, satisfactionRow } from './satisfaction-row.views.js';
import { trendOf } from './trend.views.js';

const MOST_REASONS = 10;

/** The overview of a scope; with `code`, the page of that centre. */
export function overviewPage(
  input: PageInput & {
    readonly code: string | undefined;
    readonly shown: Overview | null;
    /** What the reader must know of mergers. */
    readonly succession?: readonly string[];
  },
): FiguresPage {
  const { shown, code, scopeName, succession = [], lang, t } = input;
  const title = code === undefined ? t('overview.title') : t('centre.title', { name: scopeName ?? code });
  const action = code === undefined ? '/reports/overview' : `/reports/centres/${encodeURIComponent(code)}`;
  const page: FiguresPage = {
    ...pageFrame(title, action, input),
    fields: commonFields(code === undefined ? ['period', 'centre', 'unit'] : ['period'], input),
    method: methodOfChanges(input, [t('overview.how.weighted')]),
  };
  if (!shown) return page;
  return {
    ...page,
    periodText: rangeText(shown.period.range, shown.period.key, lang, t),
    asOfText: asOfText(shown.asOf, lang, t),
    figures: [
      ...shown.scales.flatMap((one) => satisfactionFigure(one, input)),
      ...dossierFigures(shown, input).map((figure) => ({ ...figure, main: false })),
    ],
    alerts: [...succession, ...shown.scales.flatMap((one) => alertsOf(one, shown, input))],
    sections: shown.scales.flatMap((one) => [
      compareSection(one, input),
      ...(one.periods[0] && one.periods[0].total.n > 0 ? [distributionSection(one, input)] : []),
      trendSection(one, input),
      ...(one.fields.length > 0 ? [changedFields(one, input)] : []),
      ...(one.reasons.rows.length > 0 ? [reasonSection(one, input)] : []),
      ...(one.slots.rows.length > 0 ? [heatSection(one, input)] : []),
    ]),
  };
}

/** The figure that is read out: the satisfied rate on a scale, with its n. */
function satisfactionFigure({ scale, periods, weighted }: OverviewOnScale, input: PageInput): KeyFigure[] {
  const { lang, t } = input;
  const total = periods[0]?.total;
  if (!total || total.n === 0) return [];
  const note = `${scaleName(scale, input)}, ${t('overview.answers', { n: formatNumber(total.n, 0, lang) })}`;
  return [
    { label: t('reports.satisfied'), value: formatPercent(total.rates.satisfied, undefined, lang), note, main: true },
    ...(weighted && weighted.weighted !== null
      ? [
          {
            label: t('overview.weighted'),
            value: formatPercent(weighted.weighted, undefined, lang),
            note: t('overview.coverage', { share: formatPercent(weighted.coverage, undefined, lang) }),
            main: false,
          },
        ]
      : []),
  ];
}

/** What a reader should know before quoting the figures: few answers, or none that is dissatisfied. */
function alertsOf({ scale, periods }: OverviewOnScale, { responseRate }: Overview, input: PageInput): string[] {
  const { lang, t } = input;
  const total = periods[0]?.total;
  if (!total || total.n === 0) return [];
  const [low, high] = total.ci95.satisfied ?? [0, 100];
  const texts = { scale: scaleName(scale, input), n: formatNumber(total.n, 0, lang) };
  const width = formatNumber(high - low, 2, lang);
  const rate = formatNumber(responseRate.total.rate, 2, lang);
  return [
    ...(total.n < DEFAULT_MIN_N ? [t('overview.alert.few', { ...texts, width })] : []),
    ...(total.rates.dissatisfied === 0 ? [t('overview.alert.noneDissatisfied', { ...texts, rate })] : []),
  ];
}

function distributionSection({ scale, periods }: OverviewOnScale, input: PageInput): FiguresSection {
  const { lang, t } = input;
  const { n = 0, counts = [] } = periods[0]?.total ?? {};
  const rows = scale.levels.map(({ code, label }, position): FiguresRow => {
    const count = counts[position] ?? 0;
    const name = textIn(label, lang);
    const share = percentage(count, n);
    const bar = valueBar(name, share, wilsonInterval(count, n), input);
    const tone = toneOf(scale, code);
    return {
      label: name,
      href: '',
      cells: [numberCell(count, input), percentCell(share, input)],
      bar: bar && { ...bar, segments: bar.segments.map((segment) => ({ ...segment, tone })) },
    };
  });
  return tableSection({
    id: `distribution-${scale.id}`,
    heading: t('overview.distribution', { scale: scaleName(scale, input) }),
    rowLabel: t('overview.level'),
    columns: [column(t('reports.n')), column(t('overview.share'))],
    chartLabel: t('reports.chart'),
    rows: rows.reverse(),
  });
}

function changedFields(one: OverviewOnScale, input: PageInput): FiguresSection {
  const { lang, t } = input;
  const before = one.periods[1];
  return fieldSection(
    one,
    {
      heading: t('overview.fields', { scale: scaleName(one.scale, input) }),
      before: column(t('overview.before'), before ? periodName(before.period.key, lang, t) : ''),
      now: column(t('centre.thisPeriod')),
    },
    input,
  );
}

function heatSection({ scale, slots }: OverviewOnScale, input: PageInput): FiguresSection {
  const { t } = input;
  return tableSection({
    id: `heat-${scale.id}`,
    heading: t('overview.heat', { scale: scaleName(scale, input) }),
    heat: heatOf(slots.rows, input),
    rowLabel: t('groupBy.hour'),
    columns: [],
    rows: [],
  });
}

function compareSection({ scale, periods }: OverviewOnScale, input: PageInput): FiguresSection {
  const { lang, t } = input;
  const now = periods[0]?.total;
  const rows = periods.map(({ period, total }, position): FiguresRow => {
    const name = periodName(period.key, lang, t);
    const heading = [t('centre.thisPeriod'), t('figures.previous'), t('figures.yearAgo')][position] ?? '';
    const change = position === 0 || !now ? '' : changeText(now, total, input);
    return satisfactionRow(`${heading}: ${name}`, total, input, [words(change)]);
  });
  return tableSection({
    id: `compare-${scale.id}`,
    heading: t('centre.compare', { scale: scaleName(scale, input) }),
    rowLabel: t('reports.period'),
    columns: [...satisfactionColumns(input), column(t('centre.change'))],
    chartLabel: t('reports.chart'),
    rows,
  });
}

function trendSection({ scale, months }: OverviewOnScale, input: PageInput): FiguresSection {
  const { lang, t } = input;
  return tableSection({
    id: `trend-${scale.id}`,
    heading: t('centre.trend', { scale: scaleName(scale, input) }),
    trend: trendOf(months.rows, t('centre.trendText'), lang),
    rowLabel: t('centre.month'),
    columns: satisfactionColumns(input),
    chartLabel: t('reports.chart'),
    rows: months.rows.map((row) => satisfactionRow(periodName(row.key, lang, t), row, input)),
  });
}

function reasonSection({ scale, reasons }: OverviewOnScale, input: PageInput): FiguresSection {
  const { t } = input;
  const most = [...reasons.rows].sort((a, b) => b.responses - a.responses).slice(0, MOST_REASONS);
  return tableSection({
    id: `reasons-${scale.id}`,
    heading: t('centre.reasons', { scale: scaleName(scale, input) }),
    rowLabel: t('centre.reason'),
    columns: [column(t('centre.reasonForms'))],
    rows: most.map(({ label, responses }) => ({
      label,
      href: '',
      cells: [numberCell(responses, input)],
      bar: null,
    })),
  });
}
