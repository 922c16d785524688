import { Router } from 'express';
import type { Connection } from 'mongoose';

const PING_LIMIT_MS = 2000;

/** Whether this process may be sent requests. */
export class Readiness {
  private stopping = false;

  constructor(private readonly connection: Connection) {}

  /** From now on no new requests are wanted. */
  stop(): void {
    this.stopping = true;
  }

  /** Why this process is not ready; empty when it is. */
  async reasons(): Promise<string[]> {
    if (this.stopping) return ['shutting down'];
    const { db } = this.connection;
    if (!db) return ['database not connected'];
    const answered = await within(PING_LIMIT_MS, db.command({ ping: 1, maxTimeMS: PING_LIMIT_MS }));
    return answered ? [] : ['database does not answer'];
  }
}

/** Whether something succeeds within a time. A server that is cut off neither answers nor refuses. */
function within(limitMs: number, outcome: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const patience = setTimeout(() => resolve(false), limitMs);
    const settle = (succeeded: boolean) => {
      clearTimeout(patience);
      resolve(succeeded);
    };
    outcome.then(
      () => settle(true),
      () => settle(false),
    );
  });
}

/** `GET /health/live` and `/health/ready` (contract §1). */
export function healthRoutes(readiness: Readiness): Router {
  const router = Router();
  router.get('/health/live', (_req, res) => {
    res.set('Cache-Control', 'no-store').json({ status: 'live' });
  });
  router.get('/health/ready', async (_req, res) => {
    const reasons = await readiness.reasons();
    res.set('Cache-Control', 'no-store');
    res
      .status(reasons.length === 0 ? 200 : 503)
      .json(reasons.length === 0 ? { status: 'ready' } : { status: 'not ready', reasons });
  });
  return router;
}
