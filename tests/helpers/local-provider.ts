import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import request from 'supertest';
import type { OidcConfig } from '../../src/config.js';
import { freePort } from './server-process.js';

/** Where the application says that it is, in tests of its routes. */
const SITE = 'http://127.0.0.1:3000';
const START_LIMIT_MS = 20_000;

/** A real provider of OpenID Connect, as its own process; to a browser on another site than 127.0.0.1. */
export class LocalProvider {
  private process: ChildProcess | undefined;

  private redirectUri = '';

  private constructor(private readonly port: number) {}

  static async prepare(): Promise<LocalProvider> {
    return new LocalProvider(await freePort());
  }

  get config(): OidcConfig {
    return {
      ...{ issuer: `http://localhost:${this.port}`, clientId: 'sipas', clientSecret: 'secret of sipas' },
      ...{ claim: 'preferred_username', name: undefined },
    };
  }

  /** Starts it for an installation at an address. */
  async start(site = SITE): Promise<void> {
    this.redirectUri = `${site}/login/oidc/callback`;
    const script = join(__dirname, 'oidc-provider.mjs');
    const child = spawn(process.execPath, [script, this.config.issuer, this.redirectUri]);
    this.process = child;
    const errors: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
    const timeout = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => line === 'listening' && resolve());
      child.once('exit', (code) => reject(new Error(`The provider ended with ${String(code)}: ${errors.join('\n')}`)));
    });
    clearTimeout(timeout);
  }

  async stop(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /**
   * Signs somebody in at the provider as a new browser would that was sent to an address of it, and gives the path on our
   * site that the browser is sent back to.
   */
  async signIn(address: string, login: string): Promise<string> {
    const browser = request.agent(this.config.issuer);
    let answer = await browser.get(pathOf(address));
    for (let steps = 0; steps < 12; steps += 1) {
      const location = answer.headers['location'];
      if (typeof location === 'string') {
        if (location.startsWith(this.redirectUri)) return pathOf(location);
        answer = await browser.get(pathOf(new URL(location, this.config.issuer).href));
      } else {
        const form = /action="([^"]+)"[\s\S]*?name="prompt" value="(\w+)"/.exec(answer.text);
        if (!form) throw new Error(`The provider answered ${answer.status}: ${answer.text.slice(0, 500)}`);
        const [, action = '', prompt] = form;
        answer = await browser.post(pathOf(action)).type('form').send({ prompt, login, password: 'x' });
      }
    }
    throw new Error('The provider goes round in circles');
  }
}

function pathOf(address: string): string {
  const { pathname, search } = new URL(address);
  return pathname + search;
}
