import type { z } from 'zod';
import { ValidationError } from '../../errors.js';
import { translator, type MessageKey } from '../../i18n/index.js';
import { PROBLEMS, questionnaireShape } from '../catalogue/questionnaire-shape.js';
import { pathText } from '../validation.js';
import type { Questionnaire } from '../../domain/questionnaire.js';

/** One thing wrong with a questionnaire: where, such as `items[2].text.vi`, and in which words to say it. */
export interface Problem {
  readonly path: string;
  readonly key: MessageKey;
  readonly params?: Readonly<Record<string, string | number>>;
}

const inEnglish = translator('en');

/** A questionnaire that is not right. */
export class QuestionnaireError extends ValidationError {
  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(({ path, key, params }) => ({ path, message: inEnglish(key, params) })));
  }
}

/** The questionnaire that a value is, or everything that is wrong with its form. */
export function checkShape(
  value: unknown,
): { readonly ok: true; readonly content: Questionnaire } | { readonly ok: false; readonly problems: Problem[] } {
  const hidden = hiddenKeys(value, []);
  const parsed = questionnaireShape.safeParse(value);
  if (parsed.success && hidden.length === 0) return { ok: true, content: parsed.data };
  const problems = parsed.success ? [] : parsed.error.issues.flatMap((issue) => problemsOf(issue, value));
  return { ok: false, problems: eachOnce([...hidden, ...problems]) };
}

/** Deeper than this there is no field. */
const DEEPEST = 8;

/** A parser may pass over `__proto__` in silence; here it is a field nobody knows. */
function hiddenKeys(value: unknown, path: readonly PropertyKey[]): Problem[] {
  if (typeof value !== 'object' || value === null || path.length > DEEPEST) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const here = [...path, Array.isArray(value) ? Number(name) : name];
    if (name === '__proto__') return [{ path: pathText(here), key: 'questionnaires.problem.unknown' as const }];
    return hiddenKeys(inner, here);
  });
}

const CUSTOM: Readonly<Record<string, MessageKey>> = {
  [PROBLEMS.control]: 'questionnaires.problem.control',
  [PROBLEMS.code]: 'questionnaires.problem.code',
  [PROBLEMS.twice]: 'questionnaires.problem.twice',
  [PROBLEMS.factor]: 'questionnaires.problem.factor',
  [PROBLEMS.headline]: 'questionnaires.problem.headline',
};

function problemsOf(issue: z.core.$ZodIssue, value: unknown): Problem[] {
  const path = pathText(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((name) => ({
        path: pathText([...issue.path, name]),
        key: 'questionnaires.problem.unknown' as const,
      }));
    case 'too_big': {
      const key = issue.origin === 'array' ? 'questionnaires.problem.most' : 'questionnaires.problem.long';
      return [{ path, key, params: { n: Number(issue.maximum) } }];
    }
    case 'too_small':
      return [{ path, key: 'questionnaires.problem.fewest', params: { n: Number(issue.minimum) } }];
    case 'invalid_format':
      return [{ path, key: 'questionnaires.problem.code' }];
    case 'custom':
      return [{ path, ...customProblem(issue) }];
    default: {
      const isMissing = valueAt(value, issue.path) === undefined;
      return [{ path, key: isMissing ? 'questionnaires.problem.missing' : 'questionnaires.problem.type' }];
    }
  }
}

function customProblem({ message, params }: z.core.$ZodIssueCustom): Omit<Problem, 'path'> {
  if (params?.['kind'] === 'long') return { key: 'questionnaires.problem.long', params: { n: Number(params['max']) } };
  return { key: CUSTOM[message] ?? 'questionnaires.problem.empty' };
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (within, part) => (typeof within === 'object' && within !== null ? Reflect.get(within, part) : undefined),
    value,
  );
}

function eachOnce(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [problem.path, problem])).values()];
}
