import request from 'supertest';
import type { TestApp } from './app.js';

export type Visitor = ReturnType<typeof request.agent>;

/** A browser without JavaScript: keeps cookies, follows nothing by itself. */
export function visitor({ app }: Pick<TestApp, 'app'>): Visitor {
  return request.agent(app);
}

/** The value of a hidden field of the first form that has one of this name. */
export function hiddenField(html: string, name: string): string {
  const value = new RegExp(`<input type="hidden" name="${name}" value="([^"]*)">`).exec(html)?.[1];
  if (value === undefined) throw new Error(`The page has no hidden field ${name}`);
  return value;
}

export const PASSWORD = 'một mật khẩu đủ dài';

export interface SignIn {
  readonly username: string;
  readonly password?: string;
}

/** Fills in the sign-in form and sends it. */
export async function signIn(browser: Visitor, { username, password = PASSWORD }: SignIn): Promise<request.Response> {
  const { text } = await browser.get('/login');
  return browser
    .post('/login')
    .type('form')
    .send({ _csrf: hiddenField(text, '_csrf'), username, password });
}

/** The value of a cookie that an answer sets, without its attributes. */
export function cookieSet(answer: request.Response, name: string): string | undefined {
  const header: unknown = answer.headers['set-cookie'];
  const cookies = Array.isArray(header) ? header.map(String) : [];
  return cookies.find((cookie) => cookie.startsWith(`${name}=`))?.split(';')[0];
}

/** A page as its reader sees it: what differs from one request to the next is left out. */
export function withoutNonces(html: string): string {
  return html
    .replace(/name="_csrf" value="[^"]*"/g, 'name="_csrf"')
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID');
}
