import express from 'express';
import { join } from 'node:path';
import { ValidationError } from '../../src/errors.js';
import { CatalogueService } from '../../src/features/catalogue/catalogue.service.js';
import { checkResponse } from '../../src/features/responses/responses.validators.js';
import { openDatabase } from '../../src/database/open.js';

/**
 * The measure for ingest: an Express route with the same body parsing and validation as `POST /api/v1/responses`,
 * and nothing behind it. Arguments: port, data directory.
 */
async function main(): Promise<void> {
  const [port, dataDir] = process.argv.slice(2);
  const database = await openDatabase({ mongodbUri: undefined, dataDir: String(dataDir), embeddedPort: undefined });
  const catalogue = new CatalogueService(database.connection);
  await catalogue.loadFiles(join(__dirname, '../../data'));
  await catalogue.open();
  const app = express();
  app.post('/api/v1/responses', express.json({ limit: '256kb', strict: false }), (req, res) => {
    const checked = checkResponse(req.body, catalogue, new Date());
    if (!checked.ok) throw new ValidationError(checked.errors);
    res.status(201).json({ id: checked.value.id, status: 'stored' });
  });
  app.listen(Number(port), '127.0.0.1', () => console.log('ready'));
}

void main();
