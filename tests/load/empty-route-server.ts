import { join } from 'node:path';
import express from 'express';
import { ValidationError } from '../../src/errors.js';
import { readCatalogueFiles } from '../../src/features/catalogue/catalogue.files.js';
import { checkResponse, type QuestionnaireSource } from '../../src/features/responses/responses.validators.js';

/**
 * The measure for ingest: an Express route with the same body parsing and validation as `POST /api/v1/responses`,
 * and nothing behind it. Argument: port.
 */
async function main(): Promise<void> {
  const catalogue = await questionnaireSource();
  const app = express();
  app.post('/api/v1/responses', express.json({ limit: '256kb', strict: false }), (req, res) => {
    const checked = checkResponse(req.body, catalogue, new Date());
    if (!checked.ok) throw new ValidationError(checked.errors);
    res.status(201).json({ id: checked.value.id, status: 'stored' });
  });
  app.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
}

async function questionnaireSource(): Promise<QuestionnaireSource> {
  const files = await readCatalogueFiles(join(__dirname, '../../data'));
  const versions = (id: string) => files.questionnaires.records.filter((known) => known.id === id);
  return {
    versions,
    questionnaire: (id, version) => versions(id).find((known) => known.version === version),
    scale: (id) => {
      const scale = files.scales.records.find((known) => known.id === id);
      if (!scale) throw new Error(`No scale ${id}`);
      return scale;
    },
  };
}

void main();
