import type { Response } from 'supertest';

/**
 * Checks that an answer is a complete problem document (RFC 9457, contract §3) with this status and, where fields are
 * at fault, exactly these paths.
 */
export function expectProblem(answer: Response, status: number, paths?: readonly string[]): void {
  expect(answer.status).toBe(status);
  expect(answer.type).toBe('application/problem+json');
  const { errors, ...problem } = answer.body;
  expect(problem).toEqual({
    type: expect.stringMatching(/^urn:sipas:problem:[a-z-]+$/),
    title: expect.stringMatching(/\S/),
    status,
    detail: expect.stringMatching(/\S/),
    instance: answer.headers['x-request-id'],
  });
  expect(problem.instance).toMatch(/\S/);
  if (status !== 400 && status !== 422) return;
  const expected = paths?.map((path) => ({ path, message: expect.stringMatching(/\S/) }));
  expect(errors).toEqual(expected ?? expect.any(Array));
}
