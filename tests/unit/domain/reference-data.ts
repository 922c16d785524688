import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GradeTable } from '../../../src/domain/grades.js';
import type { Questionnaire } from '../../../src/domain/questionnaire.js';
import type { Scale } from '../../../src/domain/scale.js';

const root = join(__dirname, '../../..');

export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8'));
}

export function scaleNamed(id: 'level3' | 'likert5'): Scale {
  return named(readJson('data/scales.json') as Scale[], id);
}

export function gradeTableNamed(id: 'index-100' | 'tthc-18'): GradeTable {
  return named(readJson('data/grades.json') as GradeTable[], id);
}

export function questionnaireNamed(id: string): Questionnaire {
  return readJson(`data/questionnaires/${id}.json`) as Questionnaire;
}

function named<T extends { id: string }>(list: T[], id: string): T {
  const found = list.find((entry) => entry.id === id);
  if (!found) throw new Error(`No ${id} in the reference data`);
  return found;
}
