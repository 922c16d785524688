import { Readable } from 'node:stream';
import type { Services } from '../../src/services.js';
import { NO_POINTS } from '../../src/domain/tthc-score.js';
import { parsePeriod } from '../../src/domain/period.js';
import { openTestApp, type TestApp } from '../helpers/app.js';
import { officeVersion } from '../helpers/grade-tables.js';
import { directly, losingTheDatabase, type Act, type AdminChange } from '../helpers/lost-database.js';

const EVERYWHERE = { name: 'admin', role: 'admin', scope: null } as const;
let sipas: TestApp;

beforeAll(async () => {
  sipas = await openTestApp();
});
afterAll(() => sipas.close());

const losing = (what: string, state: AdminChange['state'], changes: readonly Omit<AdminChange, 'state'>[]) => {
  losingTheDatabase(what, state, changes, () => sipas.services);
};

/** The token of the device that was paired first, by kiosk. */
const firstDevices = new Map<string, string>();

/** A kiosk with a device; gives the code that paired it. */
async function pairedKiosk({ centres, kiosks }: Services, code: string): Promise<string> {
  await centres.add({ code: `C-${code}`, name: 'Trung tâm', unit: '22' });
  const { pairUrl } = await kiosks.add({ centre: `C-${code}`, code });
  const pairCode = pairUrl.split('/').at(-1) ?? '';
  const paired = await kiosks.pair(pairCode);
  if (paired.kind === 'paired') firstDevices.set(code, paired.token);
  return pairCode;
}

const ofKiosk =
  (act: Act): AdminChange['prepare'] =>
  async (services, code) => {
    await pairedKiosk(services, code);
    return () => act(services, code);
  };

losing(
  'kiosks',
  async ({ kiosks, tokens, connection }, code) => {
    const kiosk = await kiosks.find(code);
    if (!kiosk) return null;
    const named = await connection.collection<{ _id: string; device?: string }>('kiosks').findOne({ _id: code });
    const known = connection.collection<{ _id: string; kiosk?: string; device?: boolean; revokedAt?: Date }>('tokens');
    const first = firstDevices.get(code);
    return {
      kiosk,
      hasCode: (await kiosks.pairingOffer(code)) !== null,
      hasProgram: (await known.findOne({ kiosk: code, device: { $exists: false } })) !== null,
      hasDevice: (await known.findOne({ _id: named?.device ?? '', revokedAt: { $exists: false } })) !== null,
      isFirstDevice: first !== undefined && (await tokens.principal(first)) !== null,
    };
  },
  [
    {
      name: 'adding one',
      prepare: async ({ centres, kiosks }, code) => {
        await centres.add({ code: `C-${code}`, name: 'Trung tâm', unit: '22' });
        return () => kiosks.add({ centre: `C-${code}`, code });
      },
      refusedAgain: 409,
    },
    {
      name: 'making another pairing code',
      prepare: async (services, code) => {
        await pairedKiosk(services, code);
        await services.kiosks.unpair(code);
        return () => services.kiosks.offerPairing(code);
      },
    },
    {
      name: 'pairing a device by a new code',
      prepare: async (services, code) => {
        await pairedKiosk(services, code);
        const { code: pairCode } = await services.kiosks.offerPairing(code);
        return () => services.kiosks.pair(pairCode);
      },
    },
    {
      name: 'replacing a device',
      prepare: async (services, code) => {
        const pairCode = await pairedKiosk(services, code);
        return () => services.kiosks.pair(pairCode, true);
      },
    },
    { name: 'signing its device out', prepare: ofKiosk(({ kiosks }, code) => kiosks.unpair(code)) },
    { name: 'letting it rest', prepare: ofKiosk(({ kiosks }, code) => kiosks.setPaused(code, true)) },
    {
      name: 'setting its questionnaire',
      prepare: ofKiosk(({ kiosks }, code) => kiosks.setQuestionnaire(code, 'tthc-kiosk-3')),
    },
    { name: 'setting its times', prepare: ofKiosk(({ kiosks }, code) => kiosks.configure(code, { idleSeconds: 60 })) },
  ],
);

const newWebhook = ({ webhooks }: Services, name: string) =>
  webhooks.add({ name, url: 'https://example.vn/', events: ['export.done'], scope: null });

losing('webhooks', async ({ webhooks }, key) => (await webhooks.list()).filter(({ name }) => name === key), [
  { name: 'adding one', prepare: directly(newWebhook), refusedAgain: 409 },
  {
    name: 'removing one',
    prepare: async (services, name) => {
      await newWebhook(services, name);
      const happening = { id: '1', place: null, data: {} };
      await services.webhooks.note('export.done', () => [happening]);
      return () => services.webhooks.remove(name);
    },
    refusedAgain: 404,
  },
]);

/** An index of a year of its own. */
const published = (key: string) => ({
  index: 'PAPI',
  unit: '22',
  year: String(1990 + (Number(key.slice(1, -1)) % 100)),
});

losing(
  'indices that others publish',
  async ({ connection }, key) => {
    const year = Number(published(key).year);
    const found = await connection.collection('other_indices').findOne({ year }, { maxTimeMS: 10_000 });
    return found && [found['value'], found['source']];
  },
  [
    {
      name: 'entering one',
      prepare: async ({ otherIndices }, key) => {
        await otherIndices.put({ ...published(key), value: '40', source: 'Báo cáo cũ' });
        return () => otherIndices.put({ ...published(key), value: '45,1', source: 'Báo cáo' });
      },
    },
    {
      name: 'removing one',
      prepare: async ({ otherIndices }, key) => {
        const fields = published(key);
        await otherIndices.put({ ...fields, value: '40', source: 'Báo cáo' });
        return () => otherIndices.remove({ index: 'PAPI', unit: '22', year: Number(fields.year) });
      },
    },
  ],
);

const PERIOD = parsePeriod('2026-10')!;

losing(
  'points of the 9 indicators',
  async ({ scopes, tthcScores }, centre) =>
    (await tthcScores.show(await scopes.select(EVERYWHERE, { centre }), PERIOD)).entered,
  [
    {
      name: 'entering both columns',
      prepare: async ({ centres, scopes, tthcScores }, centre) => {
        await centres.add({ code: centre, name: 'Trung tâm', unit: '22' });
        const scope = await scopes.select(EVERYWHERE, { centre });
        const [self, appraised] = [1.5, 1].map((points) => NO_POINTS.map(() => points));
        return () =>
          tthcScores.put(EVERYWHERE, scope, PERIOD, { ...(self && { self }), ...(appraised && { appraised }) });
      },
    },
  ],
);

losing('files', ({ centres }, key) => Promise.all(['1', '2', '3'].map((n) => centres.find(`${key}-${n}`))), [
  {
    name: 'importing centres',
    prepare: directly(async ({ fileImports }, key) => {
      const lines = ['1', '2', '3'].map((n) => `${key}-${n},Trung tâm ${n},22`);
      const source = Readable.from([Buffer.from(['code,name,unit', ...lines].join('\n'))]);
      const file = await fileImports.open('centres', source, 'a.csv');
      await fileImports.store(EVERYWHERE, file, () => Promise.reject(new Error('A line was refused')));
    }),
  },
]);

const communeOf = (key: string) => `99${key.replace(/\D/g, '').padStart(3, '0')}`;

losing(
  'units',
  async ({ catalogue }, key) => {
    // As within ten seconds in every process.
    await catalogue.refresh();
    return catalogue.unitVersionsOf(communeOf(key)).map(({ name, kind, validFrom }) => [name, kind, validFrom]);
  },
  [
    {
      name: 'importing a commune',
      prepare: directly(async ({ fileImports }, key) => {
        const lines = ['code,name,kind,parent,valid_from,decree', `${communeOf(key)},Mới,xa,22,2026-11-10,12/NQ`];
        const file = await fileImports.open('units', Readable.from([Buffer.from(lines.join('\n'))]), 'a.csv');
        await fileImports.store(EVERYWHERE, file, () => Promise.reject(new Error('A line was refused')));
      }),
    },
  ],
);

const LATER = officeVersion('2027-01-01', { 80: 'Đạt', 0: 'Chưa đạt' });
const LATER_STILL = officeVersion('2027-02-01', { 70: 'Đạt', 0: 'Chưa đạt' });

losing(
  'grade tables',
  async ({ gradeTables, catalogue }, key) => {
    // As within ten seconds in every process.
    await catalogue.refresh();
    const found = (await gradeTables.list()).find(({ id }) => id === key) ?? null;
    return [found, catalogue.gradeTable(key, '2027-12-31') ?? null];
  },
  [
    { name: 'adding one', prepare: directly(({ gradeTables }, id) => gradeTables.add(id, LATER)), refusedAgain: 409 },
    {
      name: 'setting new limits of a table of the product',
      prepare: async ({ gradeTables, connection }, id) => {
        const shipped = { id, name: 'Bảng', max: 100, bands: LATER.bands, source: 'QĐ', status: 'sourced' };
        await connection.collection('grade_tables').insertOne(shipped);
        return () => gradeTables.put(id, 0, LATER);
      },
      refusedAgain: 409,
    },
    {
      name: 'correcting coming limits',
      prepare: async ({ gradeTables }, id) => {
        await gradeTables.add(id, LATER);
        return () => gradeTables.put(id, 1, LATER_STILL);
      },
      refusedAgain: 409,
    },
    {
      name: 'removing coming limits',
      prepare: async ({ gradeTables }, id) => {
        await gradeTables.add(id, officeVersion('2020-01-01', { 50: 'Đạt', 0: 'Chưa đạt' }));
        await gradeTables.put(id, 1, LATER);
        return () => gradeTables.remove(id, 2);
      },
      refusedAgain: 409,
    },
    {
      name: 'removing a table that is not in force',
      prepare: async ({ gradeTables }, id) => {
        await gradeTables.add(id, LATER);
        return () => gradeTables.remove(id, 1);
      },
      refusedAgain: 404,
    },
  ],
);

losing('settings', async ({ settings }) => settings.state(), [
  {
    name: 'setting them the first time',
    prepare: async ({ settings, connection }) => {
      await connection.collection('settings').deleteMany({});
      return () => settings.change(0, { commentMonths: 36, tthcScore: false });
    },
    refusedAgain: 409,
  },
  {
    name: 'changing them',
    prepare: async ({ settings, connection }) => {
      await connection.collection('settings').deleteMany({});
      await settings.change(0, { requireTotp: 'all', dossierMonths: 24 });
      return () => settings.change(1, { requireTotp: 'none', dossierMonths: 36 });
    },
    refusedAgain: 409,
  },
]);
