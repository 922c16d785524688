import type { Centre } from './centres.model.js';

/** Whether a centre was closed before a local day; answers of later days may still have come in late. */
export function isClosedBefore({ closed }: Pick<Centre, 'closed'>, day: string): boolean {
  return closed !== undefined && closed.on < day;
}
