import { AppError } from './errors.js';

/** How long until a long line has become shorter, about. */
const RETRY_SECONDS = 10;

/** Too much of the same kind waits to be done; trying again a little later helps. */
export class BusyError extends AppError {
  constructor() {
    super('busy', 503, 'Busy', 'The server is busy with questions of this kind; try again in a moment.', [], {
      'Retry-After': String(RETRY_SECONDS),
    });
  }
}

/** Does pieces of work one after another, in the order they come. */
export class InTurn {
  private last: Promise<unknown> = Promise.resolve();
  private unfinished = 0;

  /** @param most how much may be unfinished at a time */
  constructor(private readonly most = Infinity) {}

  /** What the work gives, when its turn has come. @throws BusyError where too much is before it */
  async do<T>(work: () => Promise<T>): Promise<T> {
    if (this.unfinished >= this.most) throw new BusyError();
    this.unfinished += 1;
    const done = this.last.then(work).finally(() => {
      this.unfinished -= 1;
    });
    this.last = done.catch(() => undefined);
    return done;
  }
}
