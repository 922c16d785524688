import { randomUUID } from 'node:crypto';
import request from 'supertest';
import type { TestApp } from './app.js';

/** A response as a device sends it: every field may be replaced, and one set to undefined is left out. */
export function validResponse(
  overrides: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> & { id: string } {
  return {
    id: randomUUID(),
    questionnaire: 'tthc-kiosk-5',
    version: 1,
    answers: { overall: 5 },
    capturedAt: '2026-11-22T01:02:03.456Z',
    ...overrides,
  };
}

/** A response with every field that there is. */
export function fullResponse(
  overrides: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> & { id: string } {
  return validResponse({
    answers: { overall: 1 },
    reasons: ['thai-do', 'cho-lau'],
    comment: 'Chờ lâu quá 😐\nXin cải thiện.',
    demographics: {},
    locale: 'vi',
    procedure: '1.001612',
    field: 'Hộ tịch',
    counter: 'Q3',
    officer: 'CB12',
    dossier: '000.00.22-261122-0001',
    ...overrides,
  });
}

/** Posts one response with a kiosk's token. */
export function postResponse({ app }: Pick<TestApp, 'app'>, token: string, body: object | string): request.Test {
  return request(app)
    .post('/api/v1/responses')
    .set('Authorization', `Bearer ${token}`)
    .set('Content-Type', 'application/json')
    .send(body);
}

/** Posts several responses at once with a kiosk's token. */
export function postBatch({ app }: Pick<TestApp, 'app'>, token: string, responses: readonly unknown[]): request.Test {
  return request(app).post('/api/v1/responses/batch').set('Authorization', `Bearer ${token}`).send({ responses });
}
