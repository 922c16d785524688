interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers items that arrive one by one while a write is under way and writes them together with the next: under load
 * many share one round trip and one flush to the disk, and a lone item waits for nobody.
 */
export class WriteQueue<T, R> {
  private waiting: Waiting<T, R>[] = [];
  private writing = false;

  /** `write` gives one result an item, in order. */
  constructor(
    private readonly write: (items: readonly T[]) => Promise<readonly R[]>,
    private readonly limit: number,
  ) {}

  /** Resolves with the item's own result once it was written; rejects when the write it was part of failed. */
  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.writing) void this.writeAll();
    });
  }

  private async writeAll(): Promise<void> {
    this.writing = true;
    // What else this turn of the event loop brings goes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const together = this.waiting.slice(0, this.limit);
      this.waiting = this.waiting.slice(this.limit);
      await this.writeTogether(together);
    }
    this.writing = false;
  }

  private async writeTogether(together: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.write(together.map(({ item }) => item));
      together.forEach(({ resolve, reject }, index) => {
        const result = results[index];
        if (result === undefined) reject(new Error('A written item has no result'));
        else resolve(result);
      });
    } catch (error) {
      for (const { reject } of together) reject(error);
    }
  }
}
