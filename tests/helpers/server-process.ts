import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(__dirname, '../..');
const START_LIMIT_MS = 30_000;

/** What `npm start` passes to Node: its options, and the built product. */
function startArguments(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { start: string } };
  return scripts.start.split(' ').slice(1, -1).concat(join(ROOT, 'dist/server.js'));
}

/** The built product as its own process, on a data directory and a port of its own. */
export class ServerProcess {
  private process: ChildProcess | undefined;
  private readonly output: string[] = [];

  private constructor(
    readonly port: number,
    private readonly environment: NodeJS.ProcessEnv,
    readonly dataDir: string,
  ) {}

  /** Prepares a server; `environment` adds to what a test sets anyway. */
  static async prepare(environment: NodeJS.ProcessEnv): Promise<ServerProcess> {
    const dataDir = mkdtempSync(join(tmpdir(), 'sipas-server-'));
    const port = await freePort();
    const inherited = { ...process.env };
    delete inherited['MONGODB_URI'];
    const own = { PORT: String(port), SIPAS_DATA_DIR: dataDir, SIPAS_ADMIN_PASSWORD: 'matkhau-admin' };
    return new ServerProcess(port, { ...inherited, ...own, ...environment }, dataDir);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Lines printed so far, over all starts. */
  get lines(): readonly string[] {
    return this.output;
  }

  get pid(): number {
    if (this.process?.pid === undefined) throw new Error('The server does not run');
    return this.process.pid;
  }

  /** Starts the server and waits until it says that it runs. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, startArguments(), { env: this.environment, cwd: this.dataDir });
    this.process = child;
    const errors: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
    const timeout = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.output.push(line);
        if (line.startsWith('SIPAS is running')) setImmediate(resolve);
      });
      child.once('exit', (code) => reject(new Error(`The server ended with ${String(code)}: ${errors.join('\n')}`)));
    });
    clearTimeout(timeout);
  }

  /** Ends the server at once, as a power cut would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  /** Stops the server and removes its data directory. */
  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Runs a command of the CLI on this server's data and gives what it printed. */
  async command(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = spawn(join(ROOT, 'bin/sipas'), args, { env: this.environment, cwd: this.dataDir });
    const texts = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (texts.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (texts.stderr += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, ...texts };
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('No port')),
      );
    });
  });
}
