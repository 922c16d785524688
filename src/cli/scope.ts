import { NotFoundError } from '../errors.js';
import type { Services } from '../services.js';

/**
 * The unit or centre an option names, known to exist; null, which is everything, when it names none.
 * @throws NotFoundError
 */
export async function knownScope(
  { catalogue, centres }: Pick<Services, 'catalogue' | 'centres'>,
  code: string | undefined,
): Promise<string | null> {
  if (code === undefined) return null;
  if (catalogue.unit(code) || (await centres.find(code))) return code;
  throw new NotFoundError(`There is no unit or centre ${code}.`);
}

/** "scope 22", or "everything". */
export function scopeText(scope: string | null): string {
  return scope === null ? 'everything' : `scope ${scope}`;
}
