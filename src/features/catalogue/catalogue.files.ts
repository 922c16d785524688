import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { GRADE_STATUSES, type GradeTable } from '../../domain/grades.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import type { Scale } from '../../domain/scale.js';
import { isDay } from '../../domain/period.js';
import { UNIT_KINDS, type Unit } from './catalogue.model.js';
import { catalogueCode, questionnaireShape } from './questionnaire-shape.js';

/** What `data/` holds, with a fingerprint a part, so that a part is loaded again only when its files changed. */
export interface CatalogueFiles {
  readonly units: Part<Unit>;
  readonly questionnaires: Part<Questionnaire>;
  readonly scales: Part<Scale>;
  readonly gradeTables: Part<GradeTable>;
}

export interface Part<T> {
  readonly fingerprint: string;
  readonly records: readonly T[];
}

const text = z.strictObject({ vi: z.string().min(1), en: z.string().min(1).optional() });
const day = z.string().refine(isDay);

const unitRow = z.strictObject({
  code: z.string().regex(/^\d{2}(\d{3})?$/),
  name: z.string().min(1),
  kind: z.enum(UNIT_KINDS),
  parent: z.string().transform((parent) => (parent === '' ? null : parent)),
  valid_from: day,
  valid_to: z.union([z.literal('').transform(() => null), day]),
  decree: z.string(),
});

const scaleFile = z.array(
  z.strictObject({
    id: catalogueCode,
    levels: z
      .array(
        z.strictObject({
          code: z.int().min(1).max(9),
          label: text,
          polarity: z.enum(['negative', 'neutral', 'positive']),
          top: z.boolean(),
        }),
      )
      .min(2),
  }),
);

const gradeFile = z.array(
  z.strictObject({
    id: catalogueCode,
    name: z.string(),
    max: z.number(),
    bands: z.array(z.strictObject({ min: z.number(), label: text })),
    source: z.string(),
    status: z.enum(GRADE_STATUSES),
  }),
);

/**
 * Reads and checks the reference data of a directory.
 * @throws ZodError or a file system error when a file is missing or not of its form
 */
export async function readCatalogueFiles(directory: string): Promise<CatalogueFiles> {
  const read = (name: string) => readFile(join(directory, name), 'utf8');
  const unitTexts = [await read('units.csv'), await read('units-superseded.csv')];
  const names = (await readdir(join(directory, 'questionnaires'))).filter((name) => name.endsWith('.json')).sort();
  const questionnaireTexts = await Promise.all(names.map((name) => read(join('questionnaires', name))));
  const scaleText = await read('scales.json');
  const gradeText = await read('grades.json');
  return {
    units: part(unitTexts, unitTexts.flatMap(parseUnits)),
    questionnaires: part(
      questionnaireTexts,
      questionnaireTexts.map((content) => questionnaireShape.parse(JSON.parse(content))),
    ),
    scales: part([scaleText], scaleFile.parse(JSON.parse(scaleText))),
    gradeTables: part([gradeText], gradeFile.parse(JSON.parse(gradeText))),
  };
}

function parseUnits(content: string): Unit[] {
  const rows = z.array(unitRow).parse(parse(content, { columns: true, bom: true, skip_empty_lines: true }));
  return rows.map(({ valid_from: validFrom, valid_to: validTo, ...rest }) => ({ ...rest, validFrom, validTo }));
}

function part<T>(texts: readonly string[], records: readonly T[]): Part<T> {
  const hash = createHash('sha256');
  for (const content of texts) hash.update(content).update('\0');
  return { fingerprint: hash.digest('hex'), records };
}
