import { AsyncLocalStorage } from 'node:async_hooks';

export const ACTOR_KINDS = ['account', 'token', 'visitor', 'command', 'system'] as const;

/** Who does something, and from where. */
export interface Actor {
  readonly kind: (typeof ACTOR_KINDS)[number];
  /** User name, name of the token, or user of the machine; empty for a visitor. */
  readonly name: string;
  /** Network address; empty on the machine itself. */
  readonly address: string;
  /** The request it is part of, as in the log and in `X-Request-Id`; empty without one. */
  readonly request: string;
}

const SYSTEM: Actor = { kind: 'system', name: '', address: '', request: '' };

/**
 * Who acts travels with the work itself and not through every signature on its way, so that no new way in can forget
 * to say it. A request's actor is asked for only when something is recorded: by then it has signed in.
 */
const current = new AsyncLocalStorage<() => Actor>();

/** Does work in somebody's name. */
export function actingAs<T>(actor: () => Actor, work: () => T): T {
  return current.run(actor, work);
}

/** Who acts; the system itself where nobody said so, as in a timed job. */
export function currentActor(): Actor {
  return current.getStore()?.() ?? SYSTEM;
}
