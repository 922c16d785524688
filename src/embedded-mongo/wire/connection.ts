import type { Socket } from 'node:net';
import type { Doc } from '../bson/values.js';
import { encodeReply, MAX_MESSAGE_BYTES, parseMessage, type Message } from './messages.js';

type Run = (body: Doc) => Promise<Doc>;

/**
 * Serves one client: its messages one after another. A message that is not one of the protocol closes the connection and
 * nothing else.
 */
export class Connection {
  #chunks: Buffer[] = [];
  #buffered = 0;
  readonly #waiting: Message[] = [];
  #busy = false;

  constructor(
    private readonly socket: Socket,
    private readonly run: Run,
  ) {
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    // A connection that breaks ends by itself; 'close' follows.
    socket.on('error', () => socket.destroy());
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    try {
      for (let message = this.#next(); message; message = this.#next()) this.#waiting.push(message);
    } catch {
      this.socket.destroy();
      return;
    }
    if (!this.#busy) void this.#work();
  }

  /** The next whole message. @throws ProtocolError when the bytes are none. */
  #next(): Message | undefined {
    if (this.#buffered < 16) return undefined;
    const length = this.#joined(4).readInt32LE(0);
    if (length < 16 || length > MAX_MESSAGE_BYTES) throw new RangeError('message length out of range');
    if (this.#buffered < length) return undefined;
    const first = this.#joined(length);
    const rest = first.subarray(length);
    this.#chunks = rest.length > 0 ? [rest, ...this.#chunks.slice(1)] : this.#chunks.slice(1);
    this.#buffered -= length;
    return parseMessage(first.subarray(0, length));
  }

  /** The first chunk, made at least so long. */
  #joined(length: number): Buffer {
    const [first] = this.#chunks;
    if (first && first.length >= length) return first;
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let message = this.#waiting.shift(); message; message = this.#waiting.shift()) {
      try {
        const reply = await this.run(message.body);
        if (message.wantsReply && !this.socket.destroyed) {
          this.socket.write(encodeReply(message.opcode, message.requestId, reply));
        }
      } catch {
        this.socket.destroy();
        break;
      }
    }
    this.#busy = false;
  }
}
