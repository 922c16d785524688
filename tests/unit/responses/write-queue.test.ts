import { WriteQueue } from '../../../src/features/responses/write-queue.js';

describe('a queue of writes', () => {
  /** Doubles numbers, notes what was written together, and fails when told a negative one. */
  function doubling(limit = 100) {
    const writes: number[][] = [];
    const queue = new WriteQueue<number, number>(async (items) => {
      writes.push([...items]);
      if (items.some((item) => item < 0)) throw new Error('refused');
      return items.map((item) => item * 2);
    }, limit);
    return { queue, writes };
  }

  it('gives every item its own result', async () => {
    const { queue } = doubling();
    expect(await Promise.all([1, 2, 3].map((item) => queue.add(item)))).toEqual([2, 4, 6]);
  });

  it('writes together what arrives together', async () => {
    const { queue, writes } = doubling();
    await Promise.all([1, 2, 3].map((item) => queue.add(item)));
    expect(writes).toEqual([[1, 2, 3]]);
  });

  it('writes no more than its limit at once, and leaves nobody waiting', async () => {
    const { queue, writes } = doubling(2);
    await Promise.all([1, 2, 3, 4, 5].map((item) => queue.add(item)));
    expect(writes).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('writes what arrives during a write with the next one', async () => {
    const { queue, writes } = doubling();
    const first = queue.add(1);
    await first;
    await Promise.all([queue.add(2), queue.add(3)]);
    expect(writes).toEqual([[1], [2, 3]]);
  });

  it('fails everyone in a write that fails, and goes on with the next', async () => {
    const { queue } = doubling();
    const failed = await Promise.allSettled([queue.add(-1), queue.add(2)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await queue.add(3)).toBe(6);
  });
});
