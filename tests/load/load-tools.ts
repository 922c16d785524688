import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';

/** A response as a kiosk sends it, captured now. */
export function kioskAnswer(): string {
  return JSON.stringify({
    id: randomUUID(),
    questionnaire: 'tthc-kiosk-5',
    version: 1,
    answers: { overall: 4 },
    reasons: [],
    comment: '',
    demographics: {},
    capturedAt: new Date().toISOString(),
    locale: 'vi',
    procedure: '1.001612',
    field: 'Hộ tịch',
    counter: 'Q3',
  });
}

/** Kiosk answers posted to a server, each another; an answer that is refused ends the benchmark. */
export async function postAnswers(
  url: string,
  token: string,
  options: Partial<autocannon.Options>,
): Promise<autocannon.Result> {
  const result = await autocannon({
    url,
    ...options,
    requests: [
      {
        method: 'POST',
        path: '/api/v1/responses',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        setupRequest: (request) => ({ ...request, body: kioskAnswer() }),
      },
    ],
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} refusals, ${result.errors} errors`);
  return result;
}

/** The value below which a share of the others lie. */
export function quantile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] ?? NaN;
}

/** Anonymous resident memory of a process in MB. */
export function anonymousMemory(pid: number): number {
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN) / 1024;
}

/** The cookie of the administrator who a test server is started with. */
export async function signIn(url: string): Promise<string> {
  const page = await fetch(`${url}/login`);
  const csrf = /name="_csrf" value="([^"]+)/.exec(await page.text())?.[1] ?? '';
  const form = new URLSearchParams({ _csrf: csrf, username: 'admin', password: 'matkhau-admin' });
  const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? '';
  const answer = await fetch(`${url}/login`, { method: 'POST', body: form, headers: { cookie }, redirect: 'manual' });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}
