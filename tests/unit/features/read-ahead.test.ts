import { readAhead } from '../../../src/features/exports/read-ahead.js';

describe('reading ahead', () => {
  it('fetches one element beforehand and no more', async () => {
    let fetched = 0;
    async function* source() {
      for (; ; fetched += 1) yield fetched;
    }
    const reader = readAhead(source());
    expect((await reader.next()).value).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(fetched).toBe(1);
    await reader.return(undefined);
  });

  it('gives every element in its order', async () => {
    async function* source() {
      yield* [1, 2, 3];
    }
    const found: number[] = [];
    for await (const element of readAhead(source())) found.push(element);
    expect(found).toEqual([1, 2, 3]);
  });

  it('closes the source when nobody reads on', async () => {
    let closed = false;
    async function* source() {
      try {
        yield* [1, 2, 3];
      } finally {
        closed = true;
      }
    }
    for await (const element of readAhead(source())) if (element === 1) break;
    expect(closed).toBe(true);
  });

  it('fails where the source fails, after what came before', async () => {
    async function* source() {
      yield 1;
      throw new Error('the database went away');
    }
    const found: number[] = [];
    const reading = (async () => {
      for await (const element of readAhead(source())) found.push(element);
    })();
    await expect(reading).rejects.toThrow('the database went away');
    expect(found).toEqual([1]);
  });
});
