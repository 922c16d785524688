import { STAFF_ROLES } from '../features/accounts/accounts.service.js';
import { UsageError, type Command, type Context } from './command.js';
import { knownScope, scopeText } from './scope.js';
import { columns } from './text.js';

/** More than any password is long; what goes on beyond it is not one. */
const PASSWORD_BYTES = 4096;

const add: Command = {
  summary: 'add an account',
  options: {
    username: { type: 'string', value: 'U', required: true, about: 'name to sign in with' },
    role: { type: 'string', value: 'R', required: true, about: STAFF_ROLES.join(', ') },
    scope: { type: 'string', value: 'CODE', about: 'unit or centre the account is limited to' },
    'must-change': { type: 'boolean', about: 'the password must be changed at the first sign-in' },
    'password-stdin': { type: 'boolean', required: true, about: 'read the password from standard input' },
  },
  async run({ open, input }, args) {
    const username = args.required('username');
    const role = args.oneOf('role', STAFF_ROLES);
    if (role === undefined) throw new UsageError('--role is required.');
    const password = await readPassword(input);
    const services = await open();
    const scope = await knownScope(services, args.text('scope'));
    await services.accounts.add({ username, role, scope, password, mustChange: args.flag('must-change') });
    const account = { username: username.toLowerCase(), role, scope };
    return { data: account, text: `Added account ${account.username} (${role}, ${scopeText(scope)}).` };
  },
};

const list: Command = {
  summary: 'list the accounts',
  options: {},
  async run({ open }) {
    const accounts = await (await open()).accounts.list();
    const rows = accounts.map(({ username, role, scope, createdAt, disabled }) => {
      return [username, role, scope ?? '-', createdAt, disabled ? 'disabled' : ''];
    });
    return { data: accounts, text: columns([['USERNAME', 'ROLE', 'SCOPE', 'CREATED', ''], ...rows]) };
  },
};

const disable: Command = {
  summary: 'disable an account; its sessions end at once',
  operands: { usage: 'U', min: 1, max: 1 },
  options: {},
  async run({ open }, args) {
    const username = args.operand(0).toLowerCase();
    await (await open()).accounts.disable(username);
    return { data: { username, disabled: true }, text: `Disabled account ${username}.` };
  },
};

const factor: Command = {
  summary: 'tell whether an account has a second factor, or remove it for an owner who lost it',
  operands: { usage: 'U', min: 1, max: 1 },
  options: { remove: { type: 'boolean', about: 'remove it; the password alone then signs in, or it is set up anew' } },
  async run({ open }, args) {
    const username = args.operand(0).toLowerCase();
    const { accounts, factors } = await open();
    const { secondFactor } = await accounts.find(username);
    if (!args.flag('remove')) {
      const text = `Account ${username} has ${secondFactor ? 'a' : 'no'} second factor.`;
      return { data: { username, secondFactor }, text };
    }
    const removed = await factors.remove(username);
    const text = removed ? `Removed the second factor of ${username}.` : `Account ${username} had no second factor.`;
    return { data: { username, secondFactor: false }, text };
  },
};

export const userCommands = { 'user add': add, 'user list': list, 'user disable': disable, 'user factor': factor };

/** Standard input as a password, without the one line end that `echo` adds. */
async function readPassword(input: Context['input']): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.length;
    if (length > PASSWORD_BYTES) break;
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
