import type { Questionnaire } from '../../domain/questionnaire.js';
import type { Problem } from './questionnaires.problems.js';

/** What a version must agree with. */
export interface Surroundings {
  /** Ids of the scales there are. */
  readonly scales: readonly string[];
  /** Published versions of the same questionnaire, oldest first. */
  readonly earlier: readonly Questionnaire[];
  /** Published versions of other questionnaires. */
  readonly others: readonly Questionnaire[];
}

interface Coded {
  readonly code: string;
}

/** What would make counts of a version mean something else than those they are shown with (docs/adr/0015). */
export function ruleProblems(content: Questionnaire, { scales, earlier, others }: Surroundings): Problem[] {
  const newest = earlier.at(-1);
  const problems: Problem[] = [];
  if (!scales.includes(content.scale)) {
    problems.push({ path: 'scale', key: 'questionnaires.problem.scale', params: { scales: scales.join(', ') } });
  }
  if (newest && content.scale !== newest.scale) {
    problems.push({ path: 'scale', key: 'questionnaires.problem.sameScale', params: { scale: newest.scale } });
  }
  if (newest && content.headline !== newest.headline) {
    const params = { headline: newest.headline ?? 'null' };
    problems.push({ path: 'headline', key: 'questionnaires.problem.sameHeadline', params });
  }
  return [
    ...problems,
    ...reused('items', content.items, earlier, ({ items }) => items),
    ...reused('reasons', content.reasons, earlier, ({ reasons }) => reasons),
    ...reused('demographics', content.demographics, earlier, ({ demographics }) => demographics),
    ...content.demographics.flatMap(({ code, options }, index) =>
      reused(`demographics[${index}].options`, options, earlier, ({ demographics }) =>
        demographics.flatMap((known) => (known.code === code ? known.options : [])),
      ),
    ),
    ...reasonsOfOthers(content, newest, others),
  ];
}

/** Codes of an earlier version that the newest one has not: they meant something then, and would again. */
function reused(
  path: string,
  parts: readonly Coded[],
  earlier: readonly Questionnaire[],
  partsOf: (version: Questionnaire) => readonly Coded[],
): Problem[] {
  const newest = earlier.at(-1);
  const present = new Set((newest ? partsOf(newest) : []).map(({ code }) => code));
  return parts.flatMap(({ code }, index) => {
    if (present.has(code)) return [];
    const before = earlier.find((version) => partsOf(version).some((known) => known.code === code));
    if (!before) return [];
    return [
      { path: `${path}[${index}].code`, key: 'questionnaires.problem.reused', params: { version: before.version } },
    ];
  });
}

/** Reports name a reason by its code alone, whatever questionnaire it was given in. */
function reasonsOfOthers(
  { reasons }: Questionnaire,
  newest: Questionnaire | undefined,
  others: readonly Questionnaire[],
): Problem[] {
  const present = new Set(newest?.reasons.map(({ code }) => code));
  return reasons.flatMap(({ code, text }, index) => {
    if (present.has(code)) return [];
    const other = others.find((known) => known.reasons.some((one) => one.code === code));
    const isSame = others.some((known) => known.reasons.some((one) => one.code === code && one.text.vi === text.vi));
    if (!other || isSame) return [];
    return [{ path: `reasons[${index}].code`, key: 'questionnaires.problem.otherReason', params: { id: other.id } }];
  });
}

/** The first code with this prefix and a number that none of the codes is. */
export function freeCode(prefix: string, codes: ReadonlySet<string>): string {
  let number = 1;
  while (codes.has(`${prefix}${number}`)) number += 1;
  return `${prefix}${number}`;
}
