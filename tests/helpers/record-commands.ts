/**
 * Writes down what a real MongoDB answers to every command case, for the tests of the embedded database.
 *
 *   npx tsx tests/helpers/record-commands.ts mongodb://127.0.0.1:27017/
 */
import { writeFileSync } from 'node:fs';
import { MongoClient } from 'mongodb';
import { answerTo, CASES_FILE, readCases } from './command-cases.js';

async function main(uri: string): Promise<void> {
  const client = await MongoClient.connect(uri, { retryWrites: false });
  const lines: string[] = [];
  for (const { name, steps } of readCases())
    lines.push(JSON.stringify({ name, steps, answer: await answerTo(client, { steps }) }));
  await client.close();
  writeFileSync(CASES_FILE, `[\n${lines.join(',\n')}\n]\n`);
}

void main(process.argv[2] ?? '');
