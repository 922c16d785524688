import request from 'supertest';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { staffToken } from '../helpers/installation.js';
import { expectProblem } from '../helpers/problem.js';

let sipas: TestApp;
let admin: string;

beforeAll(async () => {
  sipas = await openTestApp();
  admin = await staffToken(sipas.services, 'admin');
});
afterAll(() => sipas.close());

const ask = (path: string, query: string) =>
  request(sipas.app).get(`/api/v1${path}?${query}`).set('Authorization', `Bearer ${admin}`);

describe.each(['/reports/satisfaction', '/exports/satisfaction.csv', '/exports/responses.csv'])(
  'the query of %s',
  (path) => {
    it.each([
      ['a first day after the last', 'from=2026-11-23&to=2026-11-22', ['to']],
      ['a first day after today', 'from=2026-11-23', ['to']],
      ['a last day without a first', 'to=2026-11-22', ['from']],
      ['30 February', 'from=2026-02-30&to=2026-03-01', ['from']],
      ['31 April', 'from=2026-04-01&to=2026-04-31', ['to']],
      ['29 February of a common year', 'period=2026-02-29', ['period']],
      ['a day written the other way round', 'from=22/11/2026&to=22/11/2026', ['from', 'to']],
      ['a day without zeros', 'from=2026-1-1&to=2026-1-2', ['from', 'to']],
      ['a moment instead of a day', 'from=2026-11-22T00:00:00Z&to=2026-11-22', ['from']],
      ['200 years', 'from=1900-01-01&to=2100-01-01', ['from']],
      ['the year 3000', 'period=3000', ['period']],
      ['the year 0', 'from=0000-01-01&to=0000-01-02', ['from', 'to']],
      ['the month 13', 'period=2026-13', ['period']],
      ['the quarter 5', 'period=2026-Q5', ['period']],
      ['a week that the year has not', 'period=2025-W53', ['period']],
      ['a period in words', 'period=Q4', ['period']],
      ['a period beside a range', 'period=2026&from=2026-01-01&to=2026-01-02', ['period']],
      ['an unknown grouping', 'groupBy=colour', ['groupBy']],
      ['the grouping "__proto__"', 'groupBy=__proto__', ['groupBy']],
      ['a grouping in capitals', 'groupBy=MONTH', ['groupBy']],
      ['a unit code of 65 characters', `unit=${'1'.repeat(65)}`, ['unit']],
      ['a repeated parameter', 'from=2026-11-01&from=2026-11-02', ['from']],
      ['a repeated code', 'centre=A&centre=B', ['centre']],
      ['a unit beside a centre', 'unit=22&centre=X', ['centre']],
      ['a filter of 201 characters', `counter=${'q'.repeat(201)}`, ['counter']],
      ['a repeated filter', 'channel=qr&channel=kiosk', ['channel']],
      ['a repeated filter beside another', 'field=a&officer=b&officer=c', ['officer']],
      ['an unknown field', 'colour=red', ['colour']],
      ['an operator', 'centre[$ne]=x', ['centre[$ne]']],
      ['the field "__proto__"', '__proto__=x', ['__proto__']],
      ['the field "constructor"', 'constructor=x', ['constructor']],
      ['the field "a.b"', 'a.b=x', ['a.b']],
    ])('is refused with %s', async (_, query, paths) => expectProblem(await ask(path, query), 400, paths));

    it.each(['questionnaire=none', 'questionnaire=__proto__', 'unit=99', 'centre=none'])(
      'answers 404 to the unknown code %s',
      async (query) => expectProblem(await ask(path, query), 404),
    );

    it('takes empty fields, as a form sends them, for fields not given', async () => {
      const answer = await ask(path, 'from=&to=&period=2026&unit=&centre=&questionnaire=&groupBy=');
      expect(answer.status).toBe(200);
    });
  },
);

describe('the query of an export', () => {
  it.each(['delimiter=x', 'delimiter=%7C', 'delimiter=__proto__', 'delimiter=,&delimiter=;'])(
    'is refused with %s',
    async (query) => expectProblem(await ask('/exports/responses.csv', query), 400, ['delimiter']),
  );
});

describe('the query of the catalogue', () => {
  it.each([
    ['/units', 'parent=22&parent=24', ['parent']],
    ['/units', 'colour=red', ['colour']],
    ['/centres', `unit=${'1'.repeat(65)}`, ['unit']],
    ['/questionnaires', 'q=x', ['q']],
    ['/questionnaires/tthc-kiosk-5', 'version=x', ['version']],
    ['/questionnaires/tthc-kiosk-5', 'version=0', ['version']],
  ])('%s?%s is refused', async (path, query, paths) => expectProblem(await ask(path, query), 400, paths));

  it.each([
    ['/units', 'parent=99'],
    ['/centres', 'unit=99'],
    ['/questionnaires/none', ''],
    ['/questionnaires/tthc-kiosk-5', 'version=2'],
    ['/questionnaires/__proto__', ''],
  ])('%s?%s answers 404', async (path, query) => expectProblem(await ask(path, query), 404));
});
