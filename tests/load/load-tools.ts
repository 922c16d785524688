import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';

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
