import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The built engine in a process of its own, so that it can be killed. */
export class EngineProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly uri: string,
  ) {}

  static async start(dataDir: string): Promise<EngineProcess> {
    const child = fork(join(__dirname, '../load/embedded-server.cjs'), [dataDir], { stdio: 'pipe' });
    const uri = await new Promise<string>((resolve, reject) => {
      child.once('message', (message: { uri: string }) => resolve(message.uri));
      child.once('exit', (code, signal) => reject(new Error(`the engine ended with ${String(code ?? signal)}`)));
    });
    return new EngineProcess(child, uri);
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** kill -9, and wait until the process is gone. */
  async kill(): Promise<void> {
    await this.#end(() => this.child.kill('SIGKILL'));
  }

  async close(): Promise<void> {
    await this.#end(() => this.child.send('close'));
  }

  async #end(ask: () => void): Promise<void> {
    if (!this.alive) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    ask();
    await ended;
  }
}

/** A directory for one test; `remove` when it is done. */
export function temporaryDirectory(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'embedded-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
