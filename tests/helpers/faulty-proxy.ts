import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What the network does to one request. */
export type Fault =
  /** Nothing wrong. */
  | { readonly kind: 'pass' }
  /** The request never arrives. */
  | { readonly kind: 'cut-before' }
  /** The request arrives, its answer never does. */
  | { readonly kind: 'cut-after' }
  /** Half of the answer arrives. */
  | { readonly kind: 'truncate' }
  /** The request arrives twice. */
  | { readonly kind: 'duplicate' }
  /** The answer takes this many milliseconds more. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Someone else answers. */
  | { readonly kind: 'answer'; readonly status: number; readonly type: string; readonly body: string };

const PASS: Fault = { kind: 'pass' };

/** A network between a browser and the server, as bad as a test wants it. */
export class FaultyProxy {
  /** Asked for every request what to do with it. */
  fault: (req: IncomingMessage) => Fault = () => PASS;

  private constructor(
    private readonly server: Server,
    private readonly upstream: number,
  ) {}

  static async start(upstreamPort: number): Promise<FaultyProxy> {
    const server = createServer();
    const proxy = new FaultyProxy(server, upstreamPort);
    server.on('request', (req: IncomingMessage, res: ServerResponse) => {
      proxy.handle(req, res).catch(() => res.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await buffer(req);
    const fault = this.fault(req);
    if (fault.kind === 'cut-before') {
      req.socket.destroy();
      return;
    }
    if (fault.kind === 'answer') {
      res.writeHead(fault.status, { 'Content-Type': fault.type }).end(fault.body);
      return;
    }
    if (fault.kind === 'duplicate') await this.forward(req, body);
    const answer = await this.forward(req, body);
    if (fault.kind === 'cut-after') {
      req.socket.destroy();
      return;
    }
    if (fault.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms));
    res.writeHead(answer.status, answer.headers);
    if (fault.kind === 'truncate') {
      res.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => req.socket.destroy());
      return;
    }
    res.end(answer.body);
  }

  private forward(req: IncomingMessage, body: Buffer) {
    return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>((resolve, reject) => {
      const { method, url, headers } = req;
      const onward = request({ host: '127.0.0.1', port: this.upstream, method, path: url, headers }, (answer) => {
        buffer(answer).then(
          (content) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: content }),
          reject,
        );
      });
      onward.once('error', reject);
      onward.end(body);
    });
  }
}
