import { randomUUID } from 'node:crypto';
import type { Role } from '../../src/features/access/principal.js';
import { valuesOf } from '../../src/features/questionnaires/questionnaires.form.js';
import { validDossier } from './dossiers.js';
import { validResponse } from './responses.js';
import { shippedQuestionnaire } from './questionnaires.js';

/** A centre, and what there is of it, to ask about. */
export interface Place {
  readonly unit: string;
  readonly centre: string;
  readonly kiosk: string;
  readonly ticket: string;
  /** A file of the place that each role asked for, in the address it is taken from. */
  readonly files: ReadonlyMap<Role, string>;
  /** Of the administrator, waiting to be imported; one of its lines will be refused. */
  readonly upload: string;
}

/** Who may use a route, and how it is asked about a place. */
export interface RouteRow {
  readonly route: string;
  readonly may: readonly Role[];
  /** @param role of who asks; nobody in particular asks as an administrator would */
  path(place: Place, role: Role): string;
  body?(place: Place): object;
  /** Sent with the body, as forms send files. */
  readonly file?: { readonly name: string; readonly content: string };
  /** How it answers about a place outside the scope of who asks; absent: it is about no place. */
  readonly outside?: number;
}

const ALL = ['admin', 'manager', 'viewer', 'integration', 'kiosk'] as const;
const READERS = ['admin', 'manager', 'viewer'] as const;
const MANAGERS = ['admin', 'manager'] as const;
const ONE_STOP = ['admin', 'manager', 'integration'] as const;
const ADMIN = ['admin'] as const;

const RANGE = 'period=2026-11';
const api = (name: string, query = '') => `/api/v1${name}${query}`;

function reports(may: readonly Role[], base: string, names: readonly string[], outside: number): RouteRow[] {
  return names.map((name) => ({
    route: `GET ${base}${name}`,
    may,
    path: ({ centre }) => `${base}${name}?${RANGE}&centre=${centre}`,
    outside,
  }));
}

/** The same exports for programs and for people. */
function exportRows(base: string): RouteRow[] {
  const ofUnit = (name: string): RouteRow => ({
    route: `GET ${base}/exports/${name}`,
    may: MANAGERS,
    path: ({ unit }) => `${base}/exports/${name}?period=2026&unit=${unit}`,
    outside: 403,
  });
  const names = ['responses', 'satisfaction', 'criteria'].flatMap((name) =>
    ['csv', 'xlsx'].map((format) => `/exports/${name}.${format}`),
  );
  return [...reports(MANAGERS, base, names, 403), ofUnit('mau-02.xlsx'), ofUnit('mau-03.xlsx')];
}

const API_ROWS: readonly RouteRow[] = [
  { route: 'GET /api/v1/me', may: ALL, path: () => api('/me') },
  { route: 'GET /api/v1/units', may: ALL, path: () => api('/units') },
  { route: 'GET /api/v1/centres', may: ALL, path: () => api('/centres') },
  { route: 'GET /api/v1/questionnaires', may: ALL, path: () => api('/questionnaires') },
  { route: 'GET /api/v1/questionnaires/:id', may: ALL, path: () => api('/questionnaires/tthc-kiosk-5') },
  ...reports(READERS, '/api/v1', ['/reports/satisfaction', '/reports/on-time', '/reports/response-rate'], 403),
  {
    route: 'GET /api/v1/reports/index',
    may: READERS,
    path: ({ centre }) => api('/reports/index', `?${RANGE}&centre=${centre}&questionnaire=sipas-dvhcc-19`),
    outside: 403,
  },
  {
    route: 'GET /api/v1/reports/ranking',
    may: READERS,
    path: ({ unit }) => api('/reports/ranking', `?${RANGE}&unit=${unit}&measure=satisfied`),
    outside: 403,
  },
  ...exportRows('/api/v1'),
  { route: 'POST /api/v1/responses', may: ['kiosk'], path: () => api('/responses'), body: () => validResponse() },
  {
    route: 'POST /api/v1/responses/batch',
    may: ['kiosk'],
    path: () => api('/responses/batch'),
    body: () => ({ responses: [validResponse()] }),
  },
  {
    route: 'POST /api/v1/dossiers/batch',
    may: ['admin', 'integration'],
    path: () => api('/dossiers/batch'),
    // One answer an item: those of other places are invalid, as tests/routes/dossiers.test.ts shows.
    body: ({ centre }) => ({ dossiers: [validDossier({ centre, code: `D-${centre}` })] }),
  },
  {
    route: 'POST /api/v1/kiosks/:code/next',
    may: ONE_STOP,
    path: ({ kiosk }) => api(`/kiosks/${kiosk}/next`),
    body: () => ({ officer: 'CB1' }),
    outside: 403,
  },
  {
    route: 'DELETE /api/v1/kiosks/:code/next',
    may: ONE_STOP,
    path: ({ kiosk }) => api(`/kiosks/${kiosk}/next`),
    outside: 403,
  },
  {
    route: 'POST /api/v1/tickets',
    may: ONE_STOP,
    path: () => api('/tickets'),
    body: ({ centre }) => ({ centre }),
    outside: 403,
  },
  {
    route: 'GET /api/v1/tickets/:ticket/sheet.svg',
    may: ONE_STOP,
    path: ({ ticket }) => api(`/tickets/${ticket}/sheet.svg`),
    outside: 403,
  },
];

/** Files in the making are those of whoever asked, even among equals. */
const JOB_ROWS: readonly RouteRow[] = [
  { route: 'GET /exports/jobs', may: MANAGERS, path: () => '/exports/jobs' },
  {
    route: 'POST /exports/jobs',
    may: MANAGERS,
    path: () => '/exports/jobs',
    body: ({ centre }) => ({ period: '2026-11', centre, file: 'csv' }),
    outside: 403,
  },
  {
    route: 'GET /exports/jobs/:id/file',
    may: MANAGERS,
    path: ({ files }, role) => `/exports/jobs/${files.get(role) ?? ''}/file`,
    outside: 404,
  },
  {
    route: 'POST /exports/jobs/:id/cancel',
    may: MANAGERS,
    path: ({ files }, role) => `/exports/jobs/${files.get(role) ?? ''}/cancel`,
    body: () => ({}),
    outside: 404,
  },
];

function kioskChange(name: string, body: object = {}): RouteRow {
  return {
    route: `POST /admin/kiosks/:code/${name}`,
    may: MANAGERS,
    path: ({ kiosk }) => `/admin/kiosks/${kiosk}/${name}`,
    body: () => body,
    outside: 403,
  };
}

function centreChange(name: string, body: object = {}): RouteRow {
  return {
    route: `POST /admin/centres/:code/${name}`,
    may: ADMIN,
    path: ({ centre }) => `/admin/centres/${centre}/${name}`,
    body: () => body,
  };
}

function accountChange(name: string, body: object = {}): RouteRow {
  return {
    route: `POST /admin/accounts/:username/${name}`,
    may: ADMIN,
    path: () => `/admin/accounts/other/${name}`,
    body: () => body,
  };
}

/** About `drafted`, which is a draft, and `sipas-dvhcc-19`, which is retired. */
function questionnaire(method: 'GET' | 'POST', name: string, path: string, body: object = {}): RouteRow {
  const route = `${method} /admin/questionnaires${name}`;
  const address = `/admin/questionnaires${path}`;
  return { route, may: ADMIN, path: () => address, ...(method === 'POST' ? { body: () => body } : {}) };
}

const QUESTIONNAIRE_ROWS: readonly RouteRow[] = [
  questionnaire('GET', '', ''),
  questionnaire('GET', '/new', '/new'),
  questionnaire('POST', '/copy', '/copy', { from: 'phuong-9', id: 'of-route-table', title: 'Bản sao' }),
  {
    ...questionnaire('POST', '/upload', '/upload'),
    body: () => ({ json: '' }),
    file: { name: 'a.json', content: JSON.stringify({ ...shippedQuestionnaire('phuong-9'), id: 'uploaded' }) },
  },
  questionnaire('GET', '/:id', '/drafted'),
  questionnaire('GET', '/:id/versions/:version.json', '/drafted/versions/1.json'),
  questionnaire('GET', '/:id/edit', '/drafted/edit'),
  questionnaire('POST', '/:id/edit', '/drafted/edit', {
    ...valuesOf(shippedQuestionnaire('tthc-kiosk-3')),
    revision: '1',
  }),
  questionnaire('GET', '/:id/publish', '/drafted/publish'),
  questionnaire('GET', '/:id/discard', '/drafted/discard'),
  questionnaire('POST', '/:id/publish', '/drafted/publish', { revision: '2' }),
  questionnaire('POST', '/:id/draft', '/drafted/draft'),
  questionnaire('POST', '/:id/discard', '/drafted/discard', { revision: '1' }),
  questionnaire('GET', '/:id/retire', '/phuong-9/retire'),
  questionnaire('POST', '/:id/retire', '/phuong-9/retire'),
  questionnaire('GET', '/:id/reinstate', '/sipas-dvhcc-19/reinstate'),
  questionnaire('POST', '/:id/reinstate', '/sipas-dvhcc-19/reinstate'),
];

/** A change of grade tables; `coming` has a version that waits for its day. */
const GRADE_FORM = {
  ...{ name: 'Bảng', source: 'QĐ 1', status: 'sourced', from: '2027-01-01' },
  ...{ 'bands.0.min': '80', 'bands.0.vi': 'Đạt', 'bands.1.min': '0', 'bands.1.vi': 'Chưa đạt' },
};

const GRADE_ROWS: readonly RouteRow[] = [
  { route: 'GET /admin/grades', may: ADMIN, path: () => '/admin/grades' },
  { route: 'GET /admin/grades/new', may: ADMIN, path: () => '/admin/grades/new' },
  {
    route: 'POST /admin/grades/new',
    may: ADMIN,
    path: () => '/admin/grades/new',
    body: () => ({ ...GRADE_FORM, id: `g-${randomUUID()}` }),
  },
  { route: 'GET /admin/grades/:id', may: ADMIN, path: () => '/admin/grades/coming' },
  { route: 'GET /admin/grades/:id/version', may: ADMIN, path: () => '/admin/grades/coming/version' },
  {
    route: 'POST /admin/grades/:id/version',
    may: ADMIN,
    path: () => '/admin/grades/coming/version',
    body: () => ({ ...GRADE_FORM, revision: '1' }),
  },
  { route: 'GET /admin/grades/:id/remove', may: ADMIN, path: () => '/admin/grades/coming/remove' },
  {
    route: 'POST /admin/grades/:id/remove',
    may: ADMIN,
    path: () => '/admin/grades/coming/remove',
    body: () => ({ revision: '2' }),
  },
];

const PAGE_ROWS: readonly RouteRow[] = [
  ...reports(MANAGERS, '', ['/exports'], 422),
  ...reports(READERS, '', ['/reports', '/reports/index', '/reports/on-time', '/reports/compare'], 422),
  ...reports(READERS, '', ['/reports/overview', '/reports/tthc-score'], 422),
  {
    route: 'GET /reports/ranking',
    may: READERS,
    path: ({ unit }) => `/reports/ranking?${RANGE}&unit=${unit}`,
    outside: 422,
  },
  {
    route: 'GET /reports/indices',
    may: READERS,
    path: ({ unit }) => `/reports/indices?unit=${unit}`,
    outside: 422,
  },
  {
    route: 'GET /reports/centres/:code',
    may: READERS,
    path: ({ centre }) => `/reports/centres/${centre}`,
    outside: 403,
  },
  ...exportRows(''),
  ...JOB_ROWS,
  { route: 'GET /admin/kiosks', may: MANAGERS, path: () => '/admin/kiosks' },
  {
    route: 'POST /admin/kiosks',
    may: MANAGERS,
    path: () => '/admin/kiosks',
    body: ({ centre }) => ({ centre, code: `K-${randomUUID().slice(0, 8)}` }),
    outside: 422,
  },
  {
    route: 'GET /admin/kiosks/:code',
    may: MANAGERS,
    path: ({ kiosk }) => `/admin/kiosks/${kiosk}`,
    outside: 403,
  },
  kioskChange('pair'),
  {
    route: 'GET /admin/kiosks/:code/qr.svg',
    may: MANAGERS,
    path: ({ kiosk }) => `/admin/kiosks/${kiosk}/qr.svg`,
    outside: 403,
  },
  kioskChange('pause'),
  kioskChange('resume'),
  kioskChange('unpair'),
  kioskChange('questionnaire', { questionnaire: 'tthc-kiosk-3' }),
  kioskChange('settings', { idleSeconds: '30', thanksSeconds: '5', repeatSeconds: '5', flagSeconds: '10' }),
  {
    route: 'GET /admin/centres/:code',
    may: MANAGERS,
    path: ({ centre }) => `/admin/centres/${centre}`,
    outside: 403,
  },
  {
    route: 'POST /admin/centres/:code/hours',
    may: MANAGERS,
    path: ({ centre }) => `/admin/centres/${centre}/hours`,
    body: () => ({ days: ['1', '2'], times: '07:30-17:00' }),
    outside: 403,
  },
  { route: 'GET /admin/centres', may: ADMIN, path: () => '/admin/centres' },
  centreChange('name', { name: 'Trung tâm' }),
  centreChange('counters', { counter: 'Q1', name: 'Quầy 1' }),
  centreChange('counters/name', { counter: 'Q1', name: 'Quầy một' }),
  centreChange('counters/close', { counter: 'Q1' }),
  centreChange('counters/reopen', { counter: 'Q1' }),
  { route: 'GET /admin/centres/:code/close', may: ADMIN, path: ({ centre }) => `/admin/centres/${centre}/close` },
  centreChange('close', { on: '2026-11-22' }),
  centreChange('reopen'),
  { route: 'GET /admin/units', may: ADMIN, path: () => '/admin/units' },
  { route: 'GET /admin/units/:code', may: ADMIN, path: ({ unit }) => `/admin/units/${unit}` },
  {
    route: 'POST /admin/units/:code/centres',
    may: ADMIN,
    path: ({ unit }) => `/admin/units/${unit}/centres`,
    body: () => ({ code: `C-${randomUUID().slice(0, 8)}`, name: 'Trung tâm' }),
  },
  { route: 'GET /admin/tickets', may: MANAGERS, path: () => '/admin/tickets' },
  {
    route: 'POST /admin/tickets',
    may: MANAGERS,
    path: () => '/admin/tickets',
    body: ({ centre }) => ({ centre }),
    outside: 422,
  },
  {
    route: 'GET /admin/tickets/:ticket/sheet.svg',
    may: MANAGERS,
    path: ({ ticket }) => `/admin/tickets/${ticket}/sheet.svg`,
    outside: 403,
  },
  { route: 'GET /admin/accounts', may: ADMIN, path: () => '/admin/accounts' },
  {
    route: 'POST /admin/accounts',
    may: ADMIN,
    path: () => '/admin/accounts',
    body: () => ({ username: `u-${randomUUID()}`, role: 'viewer' }),
  },
  { route: 'GET /admin/accounts/:username', may: ADMIN, path: () => '/admin/accounts/viewer' },
  accountChange('rights', { role: 'viewer', scope: '22' }),
  accountChange('identity', { identity: '' }),
  accountChange('link'),
  accountChange('disable'),
  accountChange('enable'),
  accountChange('sessions'),
  accountChange('factor'),
  { route: 'GET /admin/tokens', may: ADMIN, path: () => '/admin/tokens' },
  {
    route: 'POST /admin/tokens',
    may: ADMIN,
    path: () => '/admin/tokens',
    body: () => ({ name: randomUUID(), role: 'viewer' }),
  },
  { route: 'GET /admin/tokens/:name/revoke', may: ADMIN, path: () => '/admin/tokens/spare/revoke' },
  { route: 'POST /admin/tokens/:name/revoke', may: ADMIN, path: () => '/admin/tokens/spare/revoke', body: () => ({}) },
  { route: 'GET /admin/webhooks', may: ADMIN, path: () => '/admin/webhooks' },
  {
    route: 'POST /admin/webhooks',
    may: ADMIN,
    path: () => '/admin/webhooks',
    body: () => ({ name: randomUUID(), url: 'https://example.vn/', exportDone: '1' }),
  },
  { route: 'GET /admin/webhooks/:name/remove', may: ADMIN, path: () => '/admin/webhooks/spare/remove' },
  {
    route: 'POST /admin/webhooks/:name/remove',
    may: ADMIN,
    path: () => '/admin/webhooks/spare/remove',
    body: () => ({}),
  },
  ...QUESTIONNAIRE_ROWS,
  ...GRADE_ROWS,
  { route: 'GET /admin/languages', may: ADMIN, path: () => '/admin/languages' },
  { route: 'GET /admin/languages/template.json', may: ADMIN, path: () => '/admin/languages/template.json' },
  { route: 'GET /admin/settings', may: ADMIN, path: () => '/admin/settings' },
  {
    route: 'POST /admin/settings',
    may: ADMIN,
    path: () => '/admin/settings',
    body: () => ({
      ...{ commentMonths: '24', dossierMonths: '12', requireTotp: 'none', tthcScore: 'on', revision: '0' },
    }),
  },
  { route: 'GET /admin/audit', may: ADMIN, path: () => '/admin/audit' },
  { route: 'GET /admin/audit.csv', may: ADMIN, path: () => '/admin/audit.csv' },
  { route: 'GET /imports', may: ADMIN, path: () => '/imports' },
  {
    route: 'POST /imports',
    may: ADMIN,
    path: () => '/imports',
    body: () => ({ kind: 'dossiers' }),
    file: { name: 'a.csv', content: 'code,centre,receivedAt,dueAt\n' },
  },
  { route: 'GET /imports/:id', may: ADMIN, path: ({ upload }) => `/imports/${upload}` },
  {
    route: 'POST /imports/:id',
    may: ADMIN,
    path: ({ upload }) => `/imports/${upload}`,
    body: () => ({ 'column-0': 'code', 'column-1': 'centre', 'column-2': 'receivedAt', 'column-3': 'dueAt' }),
  },
  { route: 'GET /imports/:id/rejected', may: ADMIN, path: ({ upload }) => `/imports/${upload}/rejected` },
  {
    route: 'GET /admin/tthc-score',
    may: MANAGERS,
    path: ({ centre }) => `/admin/tthc-score?${RANGE}&centre=${centre}`,
    outside: 403,
  },
  {
    route: 'POST /admin/tthc-score',
    may: MANAGERS,
    path: () => '/admin/tthc-score',
    body: ({ centre }) => ({ period: '2026-11', centre, self2: '1,5' }),
    outside: 403,
  },
  { route: 'GET /admin/indices', may: ADMIN, path: () => '/admin/indices' },
  {
    route: 'POST /admin/indices',
    may: ADMIN,
    path: () => '/admin/indices',
    body: ({ unit }) => ({ index: 'PAPI', unit, year: '2025', value: '45,1', source: 'Báo cáo' }),
  },
  {
    route: 'POST /admin/indices/remove',
    may: ADMIN,
    path: () => '/admin/indices/remove',
    body: ({ unit }) => ({ index: 'PAPI', unit, year: '2025' }),
  },
];

/** Routes by their right and scope: those of programs, who have tokens, and those of people, who sign in. */
export const PROTECTED_ROUTES: readonly RouteRow[] = [...API_ROWS, ...PAGE_ROWS];

/** Routes for everyone. What a ticket or a pairing code allows, whoever has it may do. */
export const OPEN_ROUTES: readonly string[] = [
  'GET /',
  'GET /api-docs',
  'GET /api/v1/openapi.json',
  'GET /api/v1/openapi.yaml',
  'GET /audio/:lang/:file',
  'GET /health/live',
  'GET /health/ready',
  // From this machine, or with an administrator's token: tests/routes/health.test.ts.
  'GET /metrics',
  'GET /kiosk/pair/:code',
  'GET /kiosk/worker.js',
  'POST /kiosk/pair',
  // Of whoever is signed in, about themselves: tests/routes/accounts.test.ts.
  'GET /account',
  'POST /account/password',
  'POST /account/sessions',
  'GET /account/factor',
  'GET /account/factor/qr.svg',
  'POST /account/factor',
  'POST /account/factor/remove',
  // Whoever has the link.
  'GET /password/:secret',
  'POST /password/:secret',
  'GET /login',
  'POST /login',
  // Whoever gave the right password: tests/routes/second-factor.test.ts.
  'GET /login/code',
  'POST /login/code',
  // Whoever the provider has proved: tests/routes/oidc.test.ts.
  'GET /login/oidc',
  'GET /login/oidc/callback',
  'POST /logout',
  'GET /r/:ticket',
  'GET /r/:ticket/question',
  'GET /r/:ticket/rated',
  'GET /r/:ticket/reasons',
  'GET /r/:ticket/thanks',
  'POST /r/:ticket/answers',
  'POST /r/:ticket/reasons',
  'GET /privacy',
  'GET /results',
  'GET /results.csv',
  'GET /results/:code',
];

/** Routes of a paired device, whoever is signed in on it. */
export const DEVICE_ROUTES: readonly string[] = [
  'GET /kiosk',
  'GET /kiosk/question',
  'GET /kiosk/queue',
  'GET /kiosk/rated',
  'GET /kiosk/reasons',
  'GET /kiosk/thanks',
  'POST /kiosk/answers',
  'POST /kiosk/heartbeat',
  'POST /kiosk/reasons',
  'POST /kiosk/responses',
];
