import { randomInt, randomUUID } from 'node:crypto';
import { localDay } from '../../src/domain/period.js';
import { SeededRandom } from '../../src/features/demo/demo.random.js';
import { TEST_SECRET, uniqueUri } from '../helpers/app.js';
import { ServerProcess } from '../helpers/server-process.js';

const RESPONSES = 2000;
const POSTERS = 16;
const KILLS = 6;
const DAY_MS = 24 * 3_600_000;

interface Posted {
  readonly body: { readonly id: string; readonly answers: { readonly overall: number } };
  accepted: boolean;
}

function count(responses: readonly Posted[]): number {
  return responses.filter(({ accepted }) => accepted).length;
}

/** Posts what is not accepted yet until all or `stopAfter` more is, or the server is gone. */
async function post(url: string, token: string, responses: readonly Posted[], stopAfter = Infinity): Promise<void> {
  const waiting = responses.filter(({ accepted }) => !accepted);
  let accepted = 0;
  const poster = async () => {
    for (let next = waiting.shift(); next && accepted < stopAfter; next = waiting.shift()) {
      const answer = await fetch(`${url}/api/v1/responses`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
        body: JSON.stringify(next.body),
      }).catch(() => null);
      if (!answer) return;
      if (answer.status !== 201 && answer.status !== 200) throw new Error(`Unexpected status ${answer.status}`);
      next.accepted = true;
      accepted += 1;
    }
  };
  await Promise.all(Array.from({ length: POSTERS }, poster));
}

describe('a server that is killed again and again while kiosks post', () => {
  const seed = randomInt(2 ** 31);
  const random = new SeededRandom(seed);
  const responses: Posted[] = Array.from({ length: RESPONSES }, () => ({
    body: {
      id: randomUUID(),
      questionnaire: 'tthc-kiosk-5',
      version: 1,
      answers: { overall: 1 + random.below(5) },
      capturedAt: new Date(Date.now() - random.below(3 * DAY_MS)).toISOString(),
      field: ['Hộ tịch', 'Đất đai', 'a.b$c'][random.below(3)],
    },
    accepted: false,
  }));
  let server: ServerProcess;
  let token: string;

  beforeAll(async () => {
    // The database of the test run is used when it is a real MongoDB; the embedded one dies with its server.
    const embedded = process.env['SIPAS_TEST_EMBEDDED'] !== undefined;
    server = await ServerProcess.prepare(embedded ? {} : { MONGODB_URI: uniqueUri(), SIPAS_SECRET: TEST_SECRET });
    await server.start();
    const centre = await server.command('centre', 'add', '--code', 'TT', '--name', 'Trung tâm', '--unit', '22');
    expect(centre).toMatchObject({ code: 0 });
    const kiosk = await server.command('kiosk', 'add', '--centre', 'TT', '--code', 'TT-1', '--json');
    token = JSON.parse(kiosk.stdout).token;
  }, 60_000);

  afterAll(() => server.dispose());

  it(`loses none of ${RESPONSES} responses, counts none twice and leaves tallies that equal a recount (seed ${seed})`, async () => {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const killAt = count(responses) + 1 + random.below(RESPONSES / KILLS - POSTERS);
      const posting = post(server.url, token, responses, RESPONSES / KILLS);
      await waitUntil(() => count(responses) >= killAt);
      await server.kill();
      await posting;
      await server.start();
    }
    await post(server.url, token, responses);
    expect(count(responses)).toBe(RESPONSES);

    responses.forEach((response) => (response.accepted = false));
    await post(server.url, token, responses);

    const check = await server.command('recount', '--check', '--json');
    expect(check).toMatchObject({ code: 0 });
    const exported = await server.command(
      'export',
      'satisfaction',
      '--centre',
      'TT',
      '--from',
      localDay(new Date(Date.now() - 7 * DAY_MS)),
    );
    expect(exported.stdout).toContain(`likert5,TT,Trung tâm,${RESPONSES},${RESPONSES},`);
    const counts = [1, 2, 3, 4, 5].map(
      (level) => responses.filter(({ body }) => body.answers.overall === level).length,
    );
    expect(exported.stdout).toContain(`,${RESPONSES},${RESPONSES},${counts.join(',')},`);
  }, 300_000);
});

async function waitUntil(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}
