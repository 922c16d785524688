import { KeptCentres } from '../../src/features/centres/centres.kept.js';
import type { CentreRecord } from '../../src/features/centres/centres.model.js';
import { NOON, openTestApp, type TestApp } from '../helpers/app.js';

const NAME = 'Bộ phận Một cửa';

let sipas: TestApp;
beforeAll(async () => {
  sipas = await openTestApp();
  for (const code of ['KEPT-1', 'KEPT-2']) await add(code);
});
afterAll(() => sipas.close());
afterEach(() => sipas.setNow(NOON));

const add = (code: string, name = NAME) => sipas.services.centres.add({ code, name, unit: '22' });
const model = () => sipas.services.connection.model<CentreRecord>('Centre');

/** The centres as another process keeps them. */
function another(): KeptCentres {
  return new KeptCentres(sipas.services.connection, model(), sipas.services.now);
}

async function namesIn(kept: KeptCentres): Promise<Record<string, string>> {
  return Object.fromEntries((await kept.all()).map(({ code, name }) => [code, name]));
}

describe('centres kept in memory', () => {
  it('are not read again while none is changed', async () => {
    const kept = another();
    expect(await kept.all()).toBe(await kept.all());
  });

  it.each([
    ['added', () => add('KEPT-3'), { code: 'KEPT-3', name: NAME }],
    ['imported', () => sipas.services.centres.addAll([{ code: 'KEPT-4', name: NAME, unit: '22' }]), { code: 'KEPT-4' }],
    ['renamed', () => sipas.services.centres.rename('KEPT-1', 'Tên mới'), { code: 'KEPT-1', name: 'Tên mới' }],
    [
      'closed',
      () => sipas.services.centres.close('KEPT-2', { on: '2026-11-21' }),
      { code: 'KEPT-2', closed: { on: '2026-11-21' } },
    ],
    [
      'given a counter',
      () => sipas.services.centres.counters.add('KEPT-1', { code: 'Q1', name: 'Quầy 1' }),
      { code: 'KEPT-1', counters: [{ code: 'Q1', name: 'Quầy 1' }] },
    ],
  ])('are read again at once by every process when one is %s', async (_, change, expected) => {
    const kept = another();
    await kept.all();
    await change();
    expect(await kept.all()).toContainEqual(expect.objectContaining(expected));
  });

  it('are not kept as they were read in the middle of a change', async () => {
    const [kept, writer] = [another(), another()];
    await writer.change(async () => {
      await kept.all();
      await model().create({ _id: 'KEPT-MID', name: NAME, unit: '22', level: 'province' });
    });
    expect(await namesIn(kept)).toHaveProperty('KEPT-MID');
  });

  it('are read again after a change that failed, for it may have been done', async () => {
    const [kept, writer] = [another(), another()];
    await kept.all();
    const lost = writer.change(async () => {
      await model().create({ _id: 'KEPT-LOST', name: NAME, unit: '22', level: 'province' });
      throw new Error('no answer came');
    });
    await expect(lost).rejects.toThrow('no answer came');
    expect(await namesIn(kept)).toHaveProperty('KEPT-LOST');
  });

  it('are read again after a minute, whoever changed them', async () => {
    const kept = another();
    await kept.all();
    await model().updateOne({ _id: 'KEPT-1' }, { name: 'Sửa bằng tay' });
    sipas.setNow(new Date(NOON.getTime() + 60_000));
    expect(await namesIn(kept)).toMatchObject({ 'KEPT-1': 'Sửa bằng tay' });
  });

  it('are read again when the clock was set back', async () => {
    const kept = another();
    await kept.all();
    await model().updateOne({ _id: 'KEPT-1' }, { name: 'Sửa lần nữa' });
    sipas.setNow(new Date(NOON.getTime() - 3_600_000));
    expect(await namesIn(kept)).toMatchObject({ 'KEPT-1': 'Sửa lần nữa' });
  });

  it('are those of the units asked for, the first of them where no more are wanted', async () => {
    const { centres } = sipas.services;
    expect((await centres.inUnits(['22'], 2)).map(({ code }) => code)).toEqual(['KEPT-1', 'KEPT-2']);
    expect(await centres.inUnits(['01'])).toEqual([]);
  });
});
