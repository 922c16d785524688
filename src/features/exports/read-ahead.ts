/** The same elements; while one is used, the next is already being fetched. The source is closed when nobody reads on. */
export async function* readAhead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = source.next();
  try {
    for (;;) {
      const step = await next;
      if (step.done) return;
      next = source.next();
      // Told to whoever waits for it, or to nobody once reading has ended.
      next.catch(() => undefined);
      yield step.value;
    }
  } finally {
    await source.return(undefined);
  }
}
