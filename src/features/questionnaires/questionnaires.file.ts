import { QuestionnaireError } from './questionnaires.problems.js';

/** The value in a JSON file. @throws QuestionnaireError when it is none */
export function readJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw new QuestionnaireError([{ path: '', key: 'questionnaires.problem.noFile' }]);
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return value;
  } catch (error) {
    const said = error instanceof SyntaxError ? error.message : 'UTF-8';
    throw new QuestionnaireError([{ path: '', key: 'questionnaires.problem.noJson', params: { said } }]);
  }
}
