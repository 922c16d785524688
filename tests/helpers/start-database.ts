import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as EmbeddedMongoModule from '../../src/embedded-mongo/index.js';

declare global {
  var embeddedForTests: { engine: EmbeddedMongoModule.EmbeddedMongo; dataDir: string } | undefined;
}

/** One database server for all test files: the MongoDB of MONGODB_URI, else the embedded engine as built. */
export default async function startDatabase(): Promise<void> {
  // A server's own time zone must not matter; this one is on another day than Việt Nam for half of the time.
  process.env['TZ'] = 'America/New_York';
  if (process.env['MONGODB_URI'] !== undefined) {
    console.log(`\nTests run on the MongoDB of MONGODB_URI.`);
    return;
  }
  // As built: the engine's worker thread needs JavaScript.
  const built: string = join(__dirname, '../../dist/embedded-mongo/index.js');
  const { startEmbeddedMongo } = (await import(built)) as typeof EmbeddedMongoModule;
  const dataDir = mkdtempSync(join(tmpdir(), 'sipas-test-'));
  const engine = await startEmbeddedMongo({ dataDir });
  globalThis.embeddedForTests = { engine, dataDir };
  process.env['MONGODB_URI'] = engine.uri;
  // Tests that start a server of their own give it an embedded database of its own, too.
  process.env['SIPAS_TEST_EMBEDDED'] = '1';
  console.log('\nTests run on the embedded database; set MONGODB_URI to run them on a MongoDB.');
}
