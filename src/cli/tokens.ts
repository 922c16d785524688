import { ROLES, type KioskIdentity, type Role } from '../features/access/principal.js';
import { NotFoundError } from '../errors.js';
import type { Services } from '../services.js';
import { UsageError, type Command } from './command.js';
import { knownScope, scopeText } from './scope.js';
import { columns } from './text.js';

const create: Command = {
  summary: 'make an API token and print it, this once',
  options: {
    name: { type: 'string', value: 'N', required: true, about: 'name of the token, to revoke it by' },
    role: { type: 'string', value: 'R', required: true, about: ROLES.join(', ') },
    scope: { type: 'string', value: 'CODE', about: 'unit or centre; of a kiosk token: kiosk or centre, required' },
  },
  async run({ open }, args) {
    const name = args.required('name');
    const role = args.oneOf('role', ROLES);
    const asked = args.text('scope');
    if (role === undefined) throw new UsageError('--role is required.');
    if (role === 'kiosk' && asked === undefined) {
      throw new UsageError('A kiosk token needs --scope, the code of a kiosk or a centre.');
    }
    const services = await open();
    const reach = await reachOf(services, role, asked);
    const token = await services.tokens.create({ name, role, ...reach });
    return {
      data: { name, role, scope: reach.scope, token },
      text: token,
      note: `Token ${name} (${role}, ${scopeText(reach.scope)}). It is shown only now; its hash is stored.`,
    };
  },
};

const list: Command = {
  summary: 'list the API tokens, without the tokens themselves',
  options: {},
  async run({ open }) {
    const tokens = await (await open()).tokens.list();
    const rows = tokens.map(({ name, role, scope, createdAt, revoked }) => {
      return [name, role, scope ?? '-', createdAt, revoked ? 'revoked' : ''];
    });
    return { data: tokens, text: columns([['NAME', 'ROLE', 'SCOPE', 'CREATED', ''], ...rows]) };
  },
};

const revoke: Command = {
  summary: 'revoke an API token; it stops working at once',
  operands: { usage: 'N', min: 1, max: 1 },
  options: {},
  async run({ open }, args) {
    const name = args.operand(0);
    await (await open()).tokens.revoke(name);
    return { data: { name, revoked: true }, text: `Revoked token ${name}.` };
  },
};

export const tokenCommands = { 'token create': create, 'token list': list, 'token revoke': revoke };

/** Where a token may be used; a kiosk's token also says which kiosk, or which centre, it speaks for. */
async function reachOf(
  services: Services,
  role: Role,
  code: string | undefined,
): Promise<{ scope: string | null; kiosk?: KioskIdentity }> {
  if (role !== 'kiosk' || code === undefined) return { scope: await knownScope(services, code) };
  if (await services.centres.find(code)) return { scope: code, kiosk: { centre: code, code: '' } };
  const kiosk = await services.kiosks.find(code);
  if (!kiosk) throw new NotFoundError(`There is no kiosk or centre ${code}.`);
  return { scope: kiosk.centre, kiosk: { centre: kiosk.centre, code } };
}
