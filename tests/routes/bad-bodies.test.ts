import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { contents } from '../helpers/database.js';
import { addSite, staffToken, type Site } from '../helpers/installation.js';
import { expectProblem } from '../helpers/problem.js';
import { postResponse, validResponse } from '../helpers/responses.js';

let sipas: TestApp;
let site: Site;
let before: string;

beforeAll(async () => {
  sipas = await openTestApp();
  site = await addSite(sipas.services);
  before = await contents(sipas.services.connection);
});
afterAll(() => sipas.close());
afterEach(async () => {
  expect(await contents(sipas.services.connection)).toBe(before);
});

const ROUTES = ['/api/v1/responses', '/api/v1/responses/batch'];
const KIB = 1024;

function send(path: string, body: string | Buffer | undefined, headers: Record<string, string> = {}): request.Test {
  return request(sipas.app)
    .post(path)
    .set({ Authorization: `Bearer ${site.token}`, 'Content-Type': 'application/json', ...headers })
    .serialize((raw: string) => raw)
    .send(body);
}

/** A valid response, padded with spaces to a size in bytes. */
const padded = (bytes: number) => JSON.stringify(validResponse({ capturedAt: '2999-01-01T00:00:00Z' })).padEnd(bytes);

describe.each(ROUTES)('POST %s', (path) => {
  it.each([
    ['is cut off', '{"id":'],
    ['ends in a comma', '{"a":1,}'],
    ['is no JSON at all', 'id=1'],
    ['holds NaN', '{"version":NaN}'],
  ])('answers 400 to a body that %s', async (_, body) => expectProblem(await send(path, body), 400, ['']));

  it.each(['[]', '[{}]', '"text"', 'null', 'true', '5'])('answers 422 to the body %s', async (body) =>
    expectProblem(await send(path, body), 422, ['']),
  );

  it('answers 422 to no body', async () => expectProblem(await send(path, undefined), 422));

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp', ''])(
    'answers 415 to the content type "%s"',
    async (type) => expectProblem(await send(path, '{}', { 'Content-Type': type }), 415),
  );

  it('answers 415 to a character set it does not read', async () =>
    expectProblem(await send(path, '{}', { 'Content-Type': 'application/json; charset=iso-8859-1' }), 415));

  it('answers 415 to a content encoding it does not read', async () =>
    expectProblem(await send(path, '{}', { 'Content-Encoding': 'compress' }), 415));

  it('answers 400 to a body that claims to be gzip and is not', async () =>
    expectProblem(await send(path, '{"a":1}', { 'Content-Encoding': 'gzip' }), 400));

  it('answers 413 to a small gzip that unpacks to more than the limit', async () =>
    expectProblem(await send(path, gzipSync(padded(3000 * KIB)), { 'Content-Encoding': 'gzip' }), 413));

  it.each(['a', 'answers', '__proto__'])('answers 422 to objects nested 16,000 deep in a field "%s"', async (name) => {
    const nested = `${`{"${name}":`.repeat(16_000)}1${'}'.repeat(16_000)}`;
    expectProblem(await send(path, nested), 422);
  });
});

describe('the size of a body', () => {
  it('may be 256 KiB for one response', async () =>
    expectProblem(await send('/api/v1/responses', padded(256 * KIB)), 422, ['capturedAt']));

  it.each([
    ['a byte more than 256 KiB', 256 * KIB + 1],
    ['1 MB', 1_000_000],
  ])('may not be %s for one response', async (_, bytes) =>
    expectProblem(await send('/api/v1/responses', padded(bytes)), 413),
  );

  it('may be 2 MiB for a batch', async () =>
    expectProblem(await send('/api/v1/responses/batch', '{"responses":[]}'.padEnd(2048 * KIB)), 422, ['responses']));

  it('may not be a byte more than 2 MiB for a batch', async () =>
    expectProblem(await send('/api/v1/responses/batch', '{"responses":[]}'.padEnd(2048 * KIB + 1)), 413));
});

describe('an address of the API that does not exist', () => {
  it('answers 404', async () => {
    const token = await staffToken(sipas.services, 'admin');
    before = await contents(sipas.services.connection);
    const answer = await request(sipas.app).get('/api/v1/nothing').set('Authorization', `Bearer ${token}`);
    expectProblem(answer, 404);
  });

  it.each(['/kiosk/pair/%E0%A4%A', '/%', '/api/v1/%ff', '/reports/%c0%af'])('answers %s with a 4xx', async (path) => {
    const answer = await request(sipas.app).get(path).set('Authorization', `Bearer ${site.token}`);
    expect(Math.floor(answer.status / 100)).toBe(4);
  });
});

it('every answer has a request id of its own', async () => {
  const answers = await Promise.all([1, 2, 3].map(() => postResponse(sipas, site.token, '{')));
  expect(new Set(answers.map(({ headers }) => headers['x-request-id'])).size).toBe(3);
});
