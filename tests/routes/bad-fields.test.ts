import { openTestApp, type TestApp } from '../helpers/app.js';
import { contents } from '../helpers/database.js';
import { addSite, type Site } from '../helpers/installation.js';
import { expectProblem } from '../helpers/problem.js';
import { fullResponse, postBatch, postResponse, validResponse } from '../helpers/responses.js';

let sipas: TestApp;
let site: Site;
let before: string;

beforeAll(async () => {
  sipas = await openTestApp();
  site = await addSite(sipas.services);
  await postResponse(sipas, site.token, validResponse());
  before = await contents(sipas.services.connection);
});
afterAll(() => sipas.close());

/** Posts it alone and in a batch: both name the fields at fault, and neither leaves a trace. */
async function expectRefused(body: object | string, paths: readonly string[]): Promise<void> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  expectProblem(await postResponse(sipas, site.token, text), 422, paths);
  const batch = await postBatch(sipas, site.token, [JSON.parse(text)]);
  expect(batch.body.results).toEqual([
    expect.objectContaining({
      status: 'invalid',
      errors: paths.map((path) => ({ path, message: expect.stringMatching(/\S/) })),
    }),
  ]);
  expect(await contents(sipas.services.connection)).toBe(before);
}

const ANY_VALUES: readonly (readonly [string, unknown])[] = [
  ['a number', 17.5],
  ['a text', '?'],
  ['an object', { $gt: '' }],
  ['a list', [{}]],
  ['null', null],
  ['true', true],
];

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  // Every field, and what of ANY_VALUES is of the right type for it.
  id: [],
  questionnaire: [],
  version: [],
  answers: [],
  capturedAt: [],
  reasons: [],
  comment: ['a text'],
  demographics: [],
  locale: [],
  procedure: ['a text'],
  field: ['a text'],
  counter: ['a text'],
  officer: ['a text'],
  dossier: ['a text'],
};

describe('a response is refused without', () => {
  it.each(['id', 'questionnaire', 'version', 'answers', 'capturedAt'])('its field %s', (field) =>
    expectRefused(validResponse({ [field]: undefined }), [field]),
  );
});

describe.each(Object.entries(FIELDS))('the field %s of a response', (field, fitting) => {
  it.each(ANY_VALUES.filter(([kind]) => !fitting.includes(kind)))('must not be %s', async (_, value) => {
    const answer = await postResponse(sipas, site.token, JSON.stringify({ ...validResponse(), [field]: value }));
    expectProblem(answer, 422);
    const paths: string[] = answer.body.errors.map(({ path }: { path: string }) => path);
    expect(paths.filter((path) => path.split(/[.[]/)[0] !== field)).toEqual([]);
    expect(await contents(sipas.services.connection)).toBe(before);
  });
});

describe('a level', () => {
  it.each([0, 6, -1, 1.5, 1e21, '5', null, true, [5], {}])('of the 5-level scale cannot be %p', (level) =>
    expectRefused(validResponse({ answers: { overall: level } }), ['answers.overall']),
  );

  it.each([0, 4, 5])('of the 3-level scale cannot be %p', (level) =>
    expectRefused(validResponse({ questionnaire: 'tthc-kiosk-3', answers: { attitude: level } }), ['answers.attitude']),
  );
});

describe('what the questionnaire does not know is refused:', () => {
  const refused: [string, Record<string, unknown>, string[]][] = [
    ['an unknown questionnaire', { questionnaire: 'tthc-kiosk-7' }, ['questionnaire']],
    ['the questionnaire "__proto__"', { questionnaire: '__proto__' }, ['questionnaire']],
    ['an unknown version', { version: 2 }, ['version']],
    ['the version 0', { version: 0 }, ['version']],
    ['the version 1.5', { version: 1.5 }, ['version']],
    ['an unknown item', { answers: { overall: 5, C15: 5 } }, ['answers.C15']],
    ['an item of another scale', { answers: { attitude: 3 } }, ['answers.attitude']],
    ['no answer at all', { answers: {} }, ['answers']],
    ['an unknown reason', { reasons: ['khac', 'xyz'] }, ['reasons[1]']],
    ['a reason given twice', { reasons: ['khac', 'khac'] }, ['reasons[1]']],
    ['a reason that is no text', { reasons: ['khac', 7] }, ['reasons[1]']],
    [
      'a question about the citizen it does not ask',
      { demographics: { 'gioi-tinh': 'nam' } },
      ['demographics.gioi-tinh'],
    ],
    ['several things at once', { answers: { overall: 9 }, reasons: ['x'] }, ['answers.overall', 'reasons[0]']],
  ];
  it.each(refused)('%s', (_, overrides, paths) => expectRefused(validResponse(overrides), paths));

  it.each([
    ['an option it does not offer', { 'gioi-tinh': 'khac' }, ['demographics.gioi-tinh']],
    ['an option that is no text', { 'gioi-tinh': 1 }, ['demographics.gioi-tinh']],
    ['a question it does not ask', { 'dan-toc': 'kinh' }, ['demographics.dan-toc']],
  ])('%s', (_, demographics, paths) =>
    expectRefused(validResponse({ questionnaire: 'phuong-9', answers: { P1: 3 }, demographics }), paths),
  );
});

describe('a text is refused when it is', () => {
  const long = (length: number) => 'x'.repeat(length);
  it.each([
    ['an id that is no UUID', { id: '0192f0c4' }, ['id']],
    ['an id in braces', { id: '{01234567-89ab-cdef-0123-456789abcdef}' }, ['id']],
    ['a comment of 1,001 characters', { comment: long(1001) }, ['comment']],
    ['a comment with half a character', { comment: 'a\ud83d' }, ['comment']],
    ['a procedure of 65 characters', { procedure: long(65) }, ['procedure']],
    ['a field of 201 characters', { field: long(201) }, ['field']],
    ['a counter of 65 characters', { counter: long(65) }, ['counter']],
    ['an officer of 65 characters', { officer: long(65) }, ['officer']],
    ['a dossier of 101 characters', { dossier: long(101) }, ['dossier']],
    ['an empty procedure', { procedure: '' }, ['procedure']],
    ['a field with a line break', { field: 'Hộ\ntịch' }, ['field']],
    ['an officer with a NUL', { officer: 'a\u0000b' }, ['officer']],
    ['a locale that is no language tag', { locale: 'tiếng Việt' }, ['locale']],
    ['a day that does not exist', { capturedAt: '2026-02-30T00:00:00Z' }, ['capturedAt']],
    ['a moment without an offset', { capturedAt: '2026-11-22T01:02:03' }, ['capturedAt']],
    ['a day without a time', { capturedAt: '2026-11-22' }, ['capturedAt']],
  ])('%s', (_, overrides, paths) => expectRefused(validResponse(overrides), paths));

  it('but a comment of 1,000 characters is taken, however many bytes they have', async () => {
    const answer = await postResponse(sipas, site.token, validResponse({ comment: '😐'.repeat(1000) }));
    expect(answer.status).toBe(201);
    before = await contents(sipas.services.connection);
  });
});

describe('an unknown field is refused under its own path:', () => {
  const names = ['extra', '$where', '__proto__', 'constructor', 'prototype', 'toString', 'a.b', '', 'centre', '_id'];

  it.each(names)('%p of the response', (name) => expectRefused(withField(fullResponse(), [name]), [name]));

  it.each(names)('%p among the answers', (name) =>
    expectRefused(withField(validResponse(), ['answers', name]), [`answers.${name}`]),
  );

  it.each(names)('%p among the demographics', (name) =>
    expectRefused(withField(validResponse({ demographics: {} }), ['demographics', name]), [`demographics.${name}`]),
  );

  /** JSON text, because an object literal cannot hold a field named `__proto__`. */
  function withField(response: object, [outer = '', inner]: readonly string[]): string {
    const value = outer === 'demographics' ? '"nam"' : '5';
    const text = JSON.stringify(response);
    if (inner === undefined) return text.replace(/}$/, `,${JSON.stringify(outer)}:${value}}`);
    const opening = `${JSON.stringify(outer)}:{`;
    const separator = text.includes(`${opening}}`) ? '' : ',';
    return text.replace(opening, `${opening}${JSON.stringify(inner)}:${value}${separator}`);
  }
});
