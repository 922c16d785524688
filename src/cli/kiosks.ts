import { DEFAULT_QUESTIONNAIRE } from '../features/centres/known-place.js';
import type { Command } from './command.js';
import { kioskLifecycleCommands } from './kiosk-lifecycle.js';
import { columns } from './text.js';

const add: Command = {
  summary: 'add a kiosk; prints its token and the link that pairs a device, this once',
  options: {
    centre: { type: 'string', value: 'C', required: true, about: 'code of its centre' },
    code: { type: 'string', value: 'K', required: true, about: 'code of the kiosk' },
    questionnaire: { type: 'string', value: 'Q', about: `what it asks; ${DEFAULT_QUESTIONNAIRE} unless given` },
    counter: { type: 'string', value: 'X', about: 'counter it stands at' },
  },
  async run({ open }, args) {
    const [centre, code] = [args.required('centre'), args.required('code')];
    const [questionnaire, counter] = [args.text('questionnaire'), args.text('counter')];
    const { kiosks } = await open();
    const kiosk = await kiosks.add({
      centre,
      code,
      ...(questionnaire === undefined ? {} : { questionnaire }),
      ...(counter === undefined ? {} : { counter }),
    });
    const rows = [
      ['code:', kiosk.code],
      ['token:', kiosk.token],
      ['pairUrl:', kiosk.pairUrl],
    ];
    return { data: kiosk, text: columns(rows) };
  },
};

export const kioskCommands = { 'kiosk add': add, ...kioskLifecycleCommands };
