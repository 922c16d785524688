import type { Contribution, GroupAnswers } from '../../domain/contribution.js';
import { formatChange, formatNumber } from '../../domain/format-vi.js';
import { percentage, roundHalfUp } from '../../domain/rates.js';
import type { Scale } from '../../domain/scale.js';
import {
  cell,
  column,
  percentCell,
  tableSection,
  type Column,
  type FiguresSection,
  type PageInput,
} from './figures.views.js';
import type { ReportRow } from './reports.types.js';

/** What a reader has to know of pages that tell changes; `more` stands with the contributions of fields. */
export function methodOfChanges({ t }: Pick<PageInput, 't'>, more: readonly string[] = []): string[] {
  return [
    t('reports.method.name'),
    t('reports.method.n'),
    t('centre.how.change'),
    t('overview.how.fields'),
    ...more,
    t('reports.method.scales'),
    t('reports.method.interval'),
    t('onTime.how.day'),
  ];
}

/** "thang 5 mức" */
export function scaleName({ levels }: Scale, { t }: PageInput): string {
  return t('reports.scaleHeading', { count: levels.length }).toLowerCase();
}

/** A change is one only where the intervals do not overlap. */
export function changeText(now: ReportRow, before: ReportRow, { lang, t }: PageInput): string {
  const [a, b] = [now.ci95.satisfied, before.ci95.satisfied];
  if (!a || !b) return '—';
  const change = formatChange(now.rates.satisfied, before.rates.satisfied, lang);
  const clear = a[0] > b[1] || b[0] > a[1];
  return t(clear ? 'centre.changeClear' : 'centre.changeUnclear', { change });
}

/** What the fields did to a change: by their own rates and by their shares of the answers. */
export function fieldSection(
  { scale, fields }: { readonly scale: Scale; readonly fields: readonly Contribution[] },
  { heading, before, now }: { readonly heading: string; readonly before: Column; readonly now: Column },
  input: PageInput,
): FiguresSection {
  const { lang, t } = input;
  const rate = ({ n, satisfied }: GroupAnswers) => percentage(satisfied, n);
  const answers = ({ n }: GroupAnswers) => t('overview.answers', { n: formatNumber(n, 0, lang) });
  return tableSection({
    id: `fields-${scale.id}`,
    heading,
    rowLabel: t('groupBy.field'),
    columns: [before, now, column(t('overview.points'), t('overview.pointsHelp'))],
    rows: fields.map(({ key, before: was, after: is, points }) => ({
      label: key === '' ? t('reports.unrecorded') : key,
      href: '',
      cells: [
        percentCell(rate(was), input, answers(was)),
        percentCell(rate(is), input, answers(is)),
        cell(formatChange(roundHalfUp(points, 2), 0, lang), points),
      ],
      bar: null,
    })),
  });
}
