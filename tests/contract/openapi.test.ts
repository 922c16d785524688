import request, { type Response } from 'supertest';
import { METHODS } from '../../src/features/api-docs/api-docs.file.js';
import { description, json, mismatch } from '../helpers/api-document.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { validDossier } from '../helpers/dossiers.js';
import { addSite, exhaustExports, staffToken } from '../helpers/installation.js';
import { postBatch, postResponse, validResponse } from '../helpers/responses.js';

/** docs/openapi.yaml and the server say the same. */
const BASE = description.servers[0].url;

const pointerTo = (...names: readonly string[]) =>
  names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

interface Documented {
  readonly path: string;
  readonly method: (typeof METHODS)[number];
  readonly operationId: string;
}

const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  METHODS.flatMap((method): Documented[] => {
    const operation = methods[method];
    return operation ? [{ path, method, operationId: operation.operationId }] : [];
  }),
);

/** The place and content of a documented answer, which may be kept among the shared ones. */
function answerOf({ path, method }: Documented, status: string) {
  const part = description.paths[path]?.[method]?.responses[status];
  if (!part) throw new Error(`${method} ${path} has no answer ${status}`);
  const shared = '$ref' in part && typeof part.$ref === 'string' ? part.$ref.slice(1) : null;
  const pointer = shared ?? pointerTo('paths', path, method, 'responses', status);
  const found = shared === null ? part : JSON.parse(json).components.responses[shared.split('/').at(-1)!];
  return { pointer, content: (found.content ?? {}) as Record<string, { schema?: unknown; example?: unknown }> };
}

let sipas: TestApp;
let kiosk: string;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  sipas = await openTestApp();
  kiosk = (await addSite(sipas.services, { centre: 'MAU' })).token;
  for (const role of ['admin', 'manager', 'viewer', 'integration'] as const) {
    tokens[role] = await staffToken(sipas.services, role);
  }
  tokens['near'] = await staffToken(sipas.services, 'manager', '22');
  await postBatch(sipas, kiosk, [
    ...[1, 2, 3, 4, 5].map((overall) => validResponse({ answers: { overall }, reasons: ['cho-lau'] })),
    validResponse({ questionnaire: 'sipas-dvhcc-19', answers: { C15: 5, C16: 2 } }),
  ]);
  await send('post', '/dossiers/batch', tokens['integration']).send({ dossiers: [validDossier({ centre: 'MAU' })] });
  await sipas.services.tallies.run();
  await sipas.services.dossierTallies.catchUp();
});
afterAll(() => sipas.close());

function send(method: Documented['method'], path: string, token: string | undefined) {
  const asked = request(sipas.app)[method](BASE + path);
  return token === undefined ? asked : asked.set('Authorization', `Bearer ${token}`);
}

type Case = () => PromiseLike<Response>;

const get = (path: string, token = 'admin') => send('get', path, tokens[token]);
const post = (path: string, token: string | undefined, body: unknown) => send('post', path, token).send(body as object);
/** Larger than any body may be. */
const HUGE = { responses: ['x'.repeat(3_000_000)] };
const REFUSED = {
  bodies: (path: string, token: () => string | undefined): Record<string, Case> => ({
    '413': () => post(path, token(), HUGE),
    '415': () => send('post', path, token()).type('text/plain').send('hello'),
    '422': () => post(path, token(), {}),
    '403': () => post(path, tokens['viewer'], {}),
  }),
  reports: (path: string, valid: string): Record<string, Case> => ({
    '400': () => get(`${path}?${valid}&nonsense=1`),
    '403': () => get(`${path}?${valid}&unit=01`, 'near'),
    '404': () => get(`${path}?${valid}&unit=99999`),
  }),
};
const reports = (path: string, valid: string) => ({
  '200': () => get(`${path}?${valid}`),
  ...REFUSED.reports(path, valid),
});
const exported = (path: string, valid: string): Record<string, Case> => ({
  ...reports(path, valid),
  '429': async () => {
    const manager = { name: 'exhausted', role: 'manager' } as const;
    tokens['exhausted'] ??= await sipas.services.tokens.create({ ...manager, scope: null });
    await exhaustExports(sipas.services, manager);
    return get(`${path}?${valid}`, 'exhausted');
  },
});
const device = () => kiosk;
const feed = () => tokens['integration'];

/** A request for every documented answer, by operation; 401 is the same everywhere. */
const CASES: Readonly<Record<string, Readonly<Record<string, Case>>>> = {
  postResponse: {
    '201': () => postResponse(sipas, kiosk, validResponse()),
    '200': async () => {
      const body = validResponse();
      await postResponse(sipas, kiosk, body);
      return postResponse(sipas, kiosk, body);
    },
    '409': async () => {
      const body = validResponse();
      await postResponse(sipas, kiosk, body);
      return postResponse(sipas, kiosk, { ...body, answers: { overall: 1 } });
    },
    ...REFUSED.bodies('/responses', device),
  },
  postResponses: {
    '200': () => postBatch(sipas, kiosk, [validResponse(), validResponse({ answers: { overall: 9 } }), 7]),
    ...REFUSED.bodies('/responses/batch', device),
  },
  bindNext: {
    '200': () => post('/kiosks/MAU-K1/next', feed(), { procedure: '1.001612' }),
    '404': () => post('/kiosks/none/next', feed(), {}),
    '409': async () => {
      await postResponse(sipas, kiosk, validResponse({ dossier: 'H1' }));
      return post('/kiosks/MAU-K1/next', feed(), { dossier: 'H1' });
    },
    ...REFUSED.bodies('/kiosks/MAU-K1/next', feed),
  },
  releaseNext: {
    '204': () => send('delete', '/kiosks/MAU-K1/next', feed()),
    '403': () => send('delete', '/kiosks/MAU-K1/next', tokens['viewer']),
    '404': () => send('delete', '/kiosks/none/next', feed()),
  },
  postTicket: {
    '201': () => post('/tickets', feed(), { centre: 'MAU', dossier: 'H2' }),
    '409': async () => {
      await postResponse(sipas, kiosk, validResponse({ dossier: 'H3' }));
      return post('/tickets', feed(), { centre: 'MAU', dossier: 'H3' });
    },
    ...REFUSED.bodies('/tickets', feed),
  },
  getTicketSheet: {
    '200': async () => {
      const made = await post('/tickets', feed(), { centre: 'MAU' });
      return get(`/tickets/${made.body.ticket}/sheet.svg`);
    },
    '403': () => get('/tickets/none/sheet.svg', 'viewer'),
    '404': () => get('/tickets/none/sheet.svg'),
  },
  postDossiers: {
    '200': () =>
      post('/dossiers/batch', feed(), {
        dossiers: [validDossier({ centre: 'MAU' }), validDossier({ centre: 'NONE' })],
      }),
    ...REFUSED.bodies('/dossiers/batch', feed),
  },
  getSatisfaction: reports('/reports/satisfaction', 'period=2026-11&groupBy=day'),
  getIndex: reports('/reports/index', 'period=2026-11&questionnaire=sipas-dvhcc-19'),
  getRanking: reports('/reports/ranking', 'period=2026-11&questionnaire=tthc-kiosk-5&minN=0'),
  getOnTime: reports('/reports/on-time', 'period=2026-11&groupBy=centre'),
  getResponseRate: reports('/reports/response-rate', 'period=2026-11'),
  exportResponsesCsv: exported('/exports/responses.csv', 'period=2026-11&delimiter=tab'),
  exportResponsesXlsx: exported('/exports/responses.xlsx', 'period=2026-11'),
  exportSatisfactionCsv: exported('/exports/satisfaction.csv', 'period=2026-11'),
  exportSatisfactionXlsx: exported('/exports/satisfaction.xlsx', 'period=2026-11'),
  exportCriteriaCsv: exported('/exports/criteria.csv', 'period=2026-11&delimiter=tab'),
  exportCriteriaXlsx: exported('/exports/criteria.xlsx', 'period=2026-11'),
  exportForm02: exported('/exports/mau-02.xlsx', 'period=2026-Q4'),
  exportForm03: exported('/exports/mau-03.xlsx', 'period=2026-Q4'),
  getUnits: {
    '200': () => get('/units?parent=22'),
    '400': () => get('/units?nonsense=1'),
    '404': () => get('/units?parent=99999'),
  },
  getCentres: {
    '200': () => get('/centres?unit=22'),
    '400': () => get('/centres?nonsense=1'),
    '403': () => get('/centres?unit=01', 'near'),
    '404': () => get('/centres?unit=99999'),
  },
  getQuestionnaires: { '200': () => get('/questionnaires'), '400': () => get('/questionnaires?nonsense=1') },
  getQuestionnaire: {
    '200': () => get('/questionnaires/phuong-9?version=1'),
    '400': () => get('/questionnaires/phuong-9?version=x'),
    '404': () => get('/questionnaires/none'),
  },
  getMe: { '200': () => send('get', '/me', kiosk) },
  getDescription: { '200': () => send('get', '/openapi.json', undefined) },
  getDescriptionAsYaml: { '200': () => send('get', '/openapi.yaml', undefined) },
};

function caseOf({ method, path, operationId }: Documented, status: string): Case {
  if (status === '401') return () => send(method, path.replace(/\{\w+\}/, 'some'), undefined);
  const found = CASES[operationId]?.[status];
  if (!found) throw new Error(`No request is known that makes ${operationId} answer ${status}`);
  return found;
}

describe.each(operations)('$method $path', (operation) => {
  const statuses = Object.keys(description.paths[operation.path]?.[operation.method]?.responses ?? {});

  it.each(statuses)('answers %s as it is described', async (status) => {
    const answer = await caseOf(operation, status)();
    const { pointer, content } = answerOf(operation, status);
    expect(answer.status).toBe(Number(status));
    expect(Object.keys(content)).toEqual(answer.type === '' ? [] : [answer.type]);
    if (content[answer.type]?.schema === undefined) return;
    const value = /json$/.test(answer.type) ? JSON.parse(answer.text) : answer.text;
    expect(mismatch(`${pointer}${pointerTo('content', answer.type, 'schema')}`, value)).toBeNull();
  });
});

describe('the description', () => {
  it('has every route that there is, and no other', () => {
    const described = operations.map(({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`);
    expect(registeredRoutes().sort()).toEqual(described.sort());
  });

  it('has examples that are what it says', () => {
    const wrong = examples(JSON.parse(json), '').flatMap(({ pointer, value }) => {
      const problem = mismatch(pointer, value);
      return problem === null ? [] : [`${pointer}: ${problem}`];
    });
    expect(wrong).toEqual([]);
  });

  it('has examples of responses that the server takes', async () => {
    const { examples: shared } = JSON.parse(json).components;
    const now = await postResponse(sipas, kiosk, shared.LeastResponse.value);
    expect([now.status, (await postResponse(sipas, kiosk, shared.FullResponse.value)).status]).toEqual([201, 201]);
  });

  it('is a page to read, with every operation', async () => {
    const { text, status } = await request(sipas.app).get('/api-docs');
    expect(status).toBe(200);
    for (const { operationId, path } of operations) {
      expect(text).toContain(`id="${operationId}"`);
      expect(text).toContain(`${BASE}${path}`);
    }
    for (const { post: sent } of Object.values(description.webhooks))
      expect(text).toContain(`id="${sent.operationId}"`);
    expect(text).not.toContain('undefined');
  });
});

/** Every example beside its schema, and where that schema is. */
function examples(part: unknown, pointer: string): { pointer: string; value: unknown }[] {
  if (typeof part !== 'object' || part === null) return [];
  const here = 'schema' in part && 'example' in part ? [{ pointer: `${pointer}/schema`, value: part.example }] : [];
  return [...here, ...Object.entries(part).flatMap(([name, member]) => examples(member, pointer + pointerTo(name)))];
}

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: { readonly stack?: readonly Layer[] };
  match(path: string): { readonly path: string } | null;
}

/** The routes below the address of the API, as Express has them. */
function registeredRoutes(): string[] {
  const { stack } = sipas.app.router as unknown as { stack: readonly Layer[] };
  const api = stack.filter((layer) => layer.handle.stack && layer.match(`${BASE}/x`)?.path === BASE);
  return [...new Set(api.flatMap(routesOf))];
}

function routesOf({ route, handle }: Layer): string[] {
  if (route) return Object.keys(route.methods).map((method) => `${method} ${route.path}`);
  return (handle.stack ?? []).flatMap(routesOf);
}
