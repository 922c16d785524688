import { WEBHOOK_EVENTS } from '../features/webhooks/webhooks.model.js';
import type { Command } from './command.js';
import { knownScope, scopeText } from './scope.js';
import { columns } from './text.js';

const add: Command = {
  summary: 'send events to an address, and print the secret of its signatures, this once',
  options: {
    name: { type: 'string', value: 'N', required: true, about: 'name of the webhook, to remove it by' },
    url: { type: 'string', value: 'URL', required: true, about: 'where events are posted' },
    events: { type: 'string', value: 'E,…', required: true, about: WEBHOOK_EVENTS.join(', ') },
    scope: { type: 'string', value: 'CODE', about: 'unit or centre whose events are sent; all unless given' },
  },
  async run({ open }, args) {
    const [name, url] = [args.required('name'), args.required('url')];
    const events = args.required('events').split(',');
    const services = await open();
    const scope = await knownScope(services, args.text('scope'));
    const secret = await services.webhooks.add({ name, url, events, scope });
    return {
      data: { name, url, events, scope, secret },
      text: secret,
      note: `Webhook ${name} (${events.join(', ')}; ${scopeText(scope)}). Its secret is shown only now.`,
    };
  },
};

const list: Command = {
  summary: 'list the webhooks, with what waits to be sent and what went wrong last',
  options: {},
  async run({ open }) {
    const webhooks = await (await open()).webhooks.list();
    const rows = webhooks.map(({ name, url, events, scope, waiting, givenUp, problem }) => {
      return [name, url, events.join(','), scope ?? '-', String(waiting), String(givenUp), problem ?? ''];
    });
    const text = columns([['NAME', 'URL', 'EVENTS', 'SCOPE', 'WAITING', 'GIVEN UP', 'PROBLEM'], ...rows]);
    return { data: webhooks, text };
  },
};

const remove: Command = {
  summary: 'remove a webhook, with what it was not sent yet',
  operands: { usage: 'N', min: 1, max: 1 },
  options: {},
  async run({ open }, args) {
    const name = args.operand(0);
    await (await open()).webhooks.remove(name);
    return { data: { name, removed: true }, text: `Removed webhook ${name}.` };
  },
};

export const webhookCommands = { 'webhook add': add, 'webhook list': list, 'webhook remove': remove };
