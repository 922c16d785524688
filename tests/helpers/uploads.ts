import type request from 'supertest';
import { PASSWORD, hiddenField, signIn, visitor, type Visitor } from './pages.js';
import type { TestApp } from './app.js';
import { bytesOfAnswer } from './spreadsheets.js';

/** Somebody at the pages of imports, without JavaScript. */
export class Importer {
  private constructor(
    private readonly browser: Visitor,
    private readonly csrf: string,
  ) {}

  /** Adds an administrator and signs them in. */
  static async signedIn(sipas: TestApp, username: string, scope: string | null = null): Promise<Importer> {
    await sipas.services.accounts.add({ username, role: 'admin', scope, password: PASSWORD });
    const browser = visitor(sipas);
    await signIn(browser, { username });
    const { text } = await browser.get('/imports');
    return new Importer(browser, hiddenField(text, '_csrf'));
  }

  get(path: string): request.Test {
    return this.browser.get(path);
  }

  upload(name: string, content: string | Buffer, kind = 'responses', csrf = this.csrf): request.Test {
    return this.browser
      .post('/imports')
      .field('_csrf', csrf)
      .field('kind', kind)
      .attach('file', Buffer.from(content), name);
  }

  /** What the page of an import says became of its lines, by outcome. */
  async outcomes(address: string): Promise<Record<string, string>> {
    const { text } = await this.get(address);
    const rows = text.matchAll(/<tr><th scope="row">([^<]*)<\/th><td class="number">([^<]*)<\/td>/g);
    return Object.fromEntries([...rows].map(([, outcome = '', count = '']) => [outcome, count]));
  }

  /** The file of the lines that were refused. */
  async refusedLines(address: string): Promise<string> {
    return (await bytesOfAnswer(this.get(`${address}/rejected`))).toString();
  }

  /** Uploads a file that can be read, and gives the address of its preview. */
  async uploaded(name: string, content: string | Buffer, kind = 'responses'): Promise<string> {
    const { status, headers, text } = await this.upload(name, content, kind);
    if (status !== 303) throw new Error(`The upload was answered ${status}: ${text}`);
    return String(headers['location']);
  }

  /** Imports what is uploaded at an address; the choices not given are those of the page. */
  async import(address: string, choices: Readonly<Record<string, string>> = {}): Promise<request.Response> {
    const { text } = await this.get(address);
    return this.browser
      .post(address)
      .type('form')
      .send({ ...chosen(text), ...choices, _csrf: this.csrf });
  }
}

/** What a page has chosen in its lists, by their names. */
export function chosen(html: string): Record<string, string> {
  const lists = html.matchAll(/<select id="[^"]*" name="([^"]*)">(.*?)<\/select>/gs);
  return Object.fromEntries(
    [...lists].map(([, name = '', options = '']) => [name, /value="([^"]*)" selected/.exec(options)?.[1] ?? '']),
  );
}
