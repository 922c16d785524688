import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { startServer, type RunningServer } from '../../../src/embedded-mongo/server.js';
import { answerTo, readCases } from '../../helpers/command-cases.js';

const cases = readCases();
const families = [...new Set(cases.map(({ name }) => name.split(':')[0] ?? ''))];

describe('the embedded database answers as MongoDB 7.0.15 did', () => {
  const directory = mkdtempSync(join(tmpdir(), 'commands-'));
  const socket = join(directory, 'mongo.sock');
  let server: RunningServer;
  let client: MongoClient;

  beforeAll(async () => {
    server = await startServer(directory, socket, undefined);
    client = await MongoClient.connect(`mongodb://${encodeURIComponent(socket)}/?directConnection=true`, {
      retryWrites: false,
    });
  });
  afterAll(async () => {
    await client.close();
    await server.close();
    rmSync(directory, { recursive: true });
  });

  it.each(families)(
    'to %s',
    async (family) => {
      const differ: unknown[] = [];
      for (const { name, steps, answer } of cases) {
        if (name.split(':')[0] !== family) continue;
        const told = await answerTo(client, { steps });
        if (JSON.stringify(told) !== JSON.stringify(answer)) differ.push({ name, told, answer });
      }
      expect(differ).toEqual([]);
    },
    60_000,
  );
});
