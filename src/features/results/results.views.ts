import type { Scale } from '../../domain/scale.js';
import type { Lang, Translate } from '../../i18n/index.js';
import { choice, type Choice } from '../reports/filter.views.js';
import { cell, tableSection, type FiguresRow, type FiguresSection } from '../reports/figures.views.js';
import { periodName, rangeText } from '../reports/reports.names.js';
import { satisfactionColumns, satisfactionRow } from '../reports/satisfaction-row.views.js';
import type { Period } from '../../domain/period.js';
import { MIN_PUBLISHED, type PublishedCentre, type PublishedRow, type PublishedScale } from './results.service.js';

/** A page of published results. */
export interface ResultsPage {
  readonly title: string;
  readonly periodText: string;
  readonly periodChoices: readonly Choice[];
  readonly download: string;
  readonly sections: readonly FiguresSection[];
  readonly method: readonly string[];
  /** What search engines and catalogues of open data read, safe to stand in a page. */
  readonly jsonLd: string;
}

export interface ResultsInput {
  readonly scales: readonly Scale[];
  readonly quarters: readonly Period[];
  readonly lang: Lang;
  readonly t: Translate;
}

/** Every centre in one quarter. */
export function resultsPage(
  input: ResultsInput & { readonly quarter: Period; readonly results: readonly PublishedScale[] },
): ResultsPage {
  const { quarter, quarters, results, lang, t } = input;
  return {
    title: t('results.title'),
    periodText: rangeText(quarter.range, quarter.key, lang, t),
    periodChoices: quarters.map(({ key }) => choice(key, periodName(key, lang, t), quarter.key)),
    download: `/results.csv?period=${quarter.key}`,
    sections: results.map((one) =>
      section(one, t('reports.centre'), input, (row) => ({
        label: row.label,
        href: `/results/${encodeURIComponent(row.key)}`,
      })),
    ),
    method: method(t),
    jsonLd: dataset({
      name: `${t('results.title')}, ${rangeText(quarter.range, quarter.key, lang, t)}`,
      url: `/results?period=${quarter.key}`,
      download: `/results.csv?period=${quarter.key}`,
      ...{ from: quarter.range.from, to: quarter.range.to },
      input,
    }),
  };
}

/** One centre in every quarter on offer. */
export function centreResultsPage(input: ResultsInput & { readonly centre: PublishedCentre }): ResultsPage {
  const { centre, quarters, lang, t } = input;
  const [newest, oldest] = [quarters[0], quarters.at(-1)];
  return {
    title: t('results.centreTitle', { name: centre.name }),
    periodText: '',
    periodChoices: [],
    download: '',
    sections: centre.scales.map((one) =>
      section(one, t('reports.period'), input, ({ key }) => ({ label: periodName(key, lang, t), href: '' })),
    ),
    method: method(t),
    jsonLd: dataset({
      name: t('results.centreTitle', { name: centre.name }),
      url: `/results/${encodeURIComponent(centre.code)}`,
      download: null,
      ...{ from: oldest?.range.from ?? '', to: newest?.range.to ?? '' },
      input,
    }),
  };
}

interface DatasetInput {
  readonly name: string;
  readonly url: string;
  readonly download: string | null;
  readonly from: string;
  readonly to: string;
  readonly input: ResultsInput;
}

/** A schema.org Dataset; `<` is escaped, so that no name can end the element it stands in. */
function dataset({ name, url, download, from, to, input: { lang, t } }: DatasetInput): string {
  const described = {
    '@context': 'https://schema.org',
    '@type': 'Dataset',
    name,
    description: method(t).join(' '),
    url,
    inLanguage: lang,
    isAccessibleForFree: true,
    temporalCoverage: `${from}/${to}`,
    spatialCoverage: { '@type': 'Place', name: 'Việt Nam' },
    variableMeasured: [t('reports.verySatisfied'), t('reports.satisfied'), t('reports.dissatisfied')],
    ...(download === null
      ? {}
      : { distribution: { '@type': 'DataDownload', encodingFormat: 'text/csv', contentUrl: download } }),
  };
  return JSON.stringify(described).replaceAll('<', '\\u003c');
}

function method(t: Translate): string[] {
  return [
    t('reports.method.name'),
    t('results.how.withheld', { min: MIN_PUBLISHED }),
    t('results.how.quarters'),
    t('reports.method.n'),
    t('reports.method.rate'),
    t('reports.method.scales'),
    t('reports.method.interval'),
  ];
}

function section(
  { scale, rows }: PublishedScale,
  rowLabel: string,
  input: ResultsInput,
  nameOf: (row: PublishedRow) => Pick<FiguresRow, 'label' | 'href'>,
): FiguresSection {
  const { t, scales } = input;
  const levels = scales.find(({ id }) => id === scale)?.levels.length ?? 0;
  return tableSection({
    id: `scale-${scale}`,
    heading: t('reports.scaleHeading', { count: levels }),
    rowLabel,
    columns: satisfactionColumns(input),
    chartLabel: t('reports.chart'),
    rows: rows.map((row) => ({ ...publishedCells(row, nameOf(row).label, input), ...nameOf(row) })),
  });
}

function publishedCells(
  { figures }: PublishedRow,
  label: string,
  input: ResultsInput,
): Pick<FiguresRow, 'cells' | 'bar'> {
  if (!figures) {
    const withheld = input.t('results.withheld', { min: MIN_PUBLISHED });
    return { cells: [cell(withheld, null), ...Array.from({ length: 4 }, () => cell('—', null))], bar: null };
  }
  return satisfactionRow(label, figures, input);
}
