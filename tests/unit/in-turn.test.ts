import { BusyError, InTurn } from '../../src/in-turn.js';

/** Work that goes on until it is told to end. */
function work() {
  let end: (result: string) => void = () => undefined;
  const promise = new Promise<string>((resolve) => (end = resolve));
  return { run: jest.fn(() => promise), end };
}

/** Lets everything run that waits for nothing but its turn. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

it('begins no work before the one before it has ended', async () => {
  const turns = new InTurn();
  const [first, second] = [work(), work()];
  const done = [turns.do(first.run), turns.do(second.run)];
  await settle();
  expect([first.run.mock.calls.length, second.run.mock.calls.length]).toEqual([1, 0]);
  first.end('a');
  second.end('b');
  expect(await Promise.all(done)).toEqual(['a', 'b']);
});

it('goes on after work that failed', async () => {
  const turns = new InTurn();
  await expect(turns.do(() => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
  expect(await turns.do(() => Promise.resolve('next'))).toBe('next');
});

it('refuses what would wait too long, until something has ended', async () => {
  const turns = new InTurn(2);
  const [first, second] = [work(), work()];
  const done = [turns.do(first.run), turns.do(second.run)];
  await expect(turns.do(() => Promise.resolve('third'))).rejects.toThrow(BusyError);
  first.end('a');
  second.end('b');
  await Promise.all(done);
  expect(await turns.do(() => Promise.resolve('third'))).toBe('third');
});
