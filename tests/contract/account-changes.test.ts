import { generateSync } from 'otplib';
import type { Services } from '../../src/services.js';
import { NOON, openTestApp, type TestApp } from '../helpers/app.js';
import { directly, losingTheDatabase, type Act, type AdminChange } from '../helpers/lost-database.js';
import { PASSWORD } from '../helpers/pages.js';

const OTHER_PASSWORD = 'một mật khẩu khác hẳn';
const HOUR_AGO = NOON.getTime() - 3_600_000;
let sipas: TestApp;

beforeAll(async () => {
  sipas = await openTestApp();
});
afterAll(() => sipas.close());

const losing = (what: string, state: AdminChange['state'], changes: readonly Omit<AdminChange, 'state'>[]) => {
  losingTheDatabase(what, state, changes, () => sipas.services);
};

/** A change of an account that somebody signed in to an hour ago. */
const ofAccount =
  (act: Act): AdminChange['prepare'] =>
  async (services, username) => {
    await services.accounts.add({ username, role: 'viewer', scope: '22', password: PASSWORD });
    const session = { username, signedInAt: HOUR_AGO, address: '127.0.0.1' };
    const expires = new Date(Date.now() + 86_400_000);
    await sessionsOf(services).insertOne({ _id: `session of ${username}`, session, expires });
    return () => act(services, username);
  };

const sessionsOf = ({ connection }: Services) =>
  connection.collection<{ _id: string; session: object; expires: Date }>('sessions');

losing(
  'accounts',
  async ({ accounts, connection }, username) => {
    const record = await connection
      .collection<{ _id: string; link?: object }>('accounts')
      .findOne({ _id: username }, { maxTimeMS: 10_000 });
    if (!record) return null;
    return {
      ...(await accounts.find(username)),
      opens: await Promise.all([PASSWORD, OTHER_PASSWORD].map((one) => accounts.isPassword(username, one))),
      // Whoever signed in an hour ago still is, or would be again once a disabled account is enabled.
      isSignedIn: (await accounts.sessionsOf(username)).length > 0,
      hasLink: record.link !== undefined,
    };
  },
  [
    {
      name: 'adding one',
      prepare: directly(({ accounts }, username) => accounts.add({ username, role: 'viewer', scope: '22' })),
      refusedAgain: 409,
    },
    {
      name: 'changing role and scope',
      prepare: ofAccount(({ accounts }, username) => accounts.setRights(username, { role: 'manager', scope: null })),
    },
    { name: 'disabling it', prepare: ofAccount(({ accounts }, username) => accounts.disable(username)) },
    {
      name: 'enabling it again',
      prepare: async (services, username) => {
        const enable = await ofAccount(({ accounts }) => accounts.enable(username))(services, username);
        await services.accounts.disable(username);
        return enable;
      },
    },
    { name: 'making a link', prepare: ofAccount(({ accounts }, username) => accounts.makeLink(username)) },
    { name: 'ending its sessions', prepare: ofAccount(({ accounts }, username) => accounts.endSessions(username)) },
    {
      name: 'changing the password',
      prepare: ofAccount(({ accounts }, username) => accounts.changePassword(username, PASSWORD, OTHER_PASSWORD)),
    },
    {
      name: 'setting the password by a link',
      prepare: async (services, username) => {
        await ofAccount(() => Promise.resolve())(services, username);
        const link = await services.accounts.makeLink(username);
        return () => services.accounts.setByLink(link, OTHER_PASSWORD);
      },
    },
    {
      name: 'switching a second factor on',
      prepare: async (services, username) => {
        await ofAccount(() => Promise.resolve())(services, username);
        const sealed = services.factors.offer(username);
        const secret = services.factors.reveal(username, sealed)?.text.replaceAll(' ', '') ?? '';
        const code = generateSync({ secret, epoch: NOON.getTime() / 1000 });
        return () => services.factors.enable(username, sealed, code);
      },
    },
    {
      name: 'removing a second factor',
      prepare: async (services, username) => {
        await ofAccount(() => Promise.resolve())(services, username);
        const factor = { secret: 'x', lastStep: 0, recovery: [], since: NOON };
        await services.connection
          .collection<{ _id: string }>('accounts')
          .updateOne({ _id: username }, { $set: { factor } });
        return () => services.factors.remove(username);
      },
    },
  ],
);

losing('tokens', async ({ tokens }, key) => (await tokens.list()).filter(({ name }) => name === key), [
  {
    name: 'making one',
    prepare: directly(({ tokens }, name) => tokens.create({ name, role: 'viewer', scope: '22' })),
    refusedAgain: 409,
  },
  {
    name: 'revoking one',
    prepare: async ({ tokens }, name) => {
      await tokens.create({ name, role: 'viewer', scope: '22' });
      return () => tokens.revoke(name);
    },
  },
]);
