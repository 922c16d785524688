import { conditionOf } from '../features/kiosks/kiosks.admin.views.js';
import { SETTING_LIMITS } from '../features/kiosks/kiosks.service.js';
import { CommandError, type Command } from './command.js';
import { columns } from './text.js';

const CODE = { usage: 'CODE', min: 1, max: 1 } as const;

const list: Command = {
  summary: 'list the kiosks: when each was last heard of, and what it still holds',
  options: { centre: { type: 'string', value: 'C', about: 'only those of this centre' } },
  async run({ open }, args) {
    const centre = args.text('centre');
    const { kiosks, centres, now } = await open();
    const codes = centre === undefined ? (await centres.inUnits('all')).map(({ code }) => code) : [centre];
    const list = await kiosks.ofCentres(codes);
    const hours = await centres.hoursOf(list.map((kiosk) => kiosk.centre));
    const data = list.map((kiosk) => ({
      ...{ code: kiosk.code, centre: kiosk.centre, counter: kiosk.counter, questionnaire: kiosk.questionnaire },
      condition: conditionOf(kiosk, now(), hours.get(kiosk.centre)),
      lastSeen: kiosk.lastSeen?.at.toISOString() ?? null,
      queued: kiosk.lastSeen?.queued ?? null,
      setAside: kiosk.lastSeen?.setAside ?? null,
    }));
    const rows = data.map(({ code, centre: of, condition, lastSeen, queued, setAside }) => [
      ...[code, of, condition, lastSeen ?? 'never'],
      ...[`${queued ?? 0} queued`, `${setAside ?? 0} refused`],
    ]);
    return { data, text: columns(rows) };
  },
};

const pair: Command = {
  summary: 'make a new pairing code, for a first device or one that replaces it',
  operands: CODE,
  options: {},
  async run({ open }, args) {
    const { kiosks } = await open();
    const offer = await kiosks.offerPairing(args.operand(0));
    const rows = [
      ['code:', offer.code],
      ['pairUrl:', offer.pairUrl],
    ];
    return { data: offer, text: columns(rows) };
  },
};

const unpair: Command = {
  summary: 'sign the device of a kiosk out at once; answers it still holds stay on it',
  operands: CODE,
  options: {},
  async run({ open }, args) {
    const code = args.operand(0);
    await (await open()).kiosks.unpair(code);
    return { data: { code, paired: false }, text: `${code} is unpaired.` };
  },
};

/** Lets a kiosk rest, or go on. */
function pausing(paused: boolean): Command {
  return {
    summary: paused ? 'show "paused" on a kiosk instead of the rating screen' : 'let a paused kiosk go on',
    operands: CODE,
    options: {},
    async run({ open }, args) {
      const code = args.operand(0);
      await (await open()).kiosks.setPaused(code, paused);
      return { data: { code, paused }, text: `${code} ${paused ? 'is paused' : 'goes on'}.` };
    },
  };
}

const SETTINGS = {
  idle: 'idleSeconds',
  thanks: 'thanksSeconds',
  repeat: 'repeatSeconds',
  flag: 'flagSeconds',
} as const;

const set: Command = {
  summary: 'change the times of a kiosk, all in seconds; its device takes them at its next contact',
  operands: CODE,
  options: {
    idle: { type: 'string', value: 'S', about: 'without a tap for this long the screen counts down and goes back' },
    thanks: { type: 'string', value: 'S', about: 'how long the thanks are shown' },
    repeat: { type: 'string', value: 'S', about: 'a tap this soon after a rating is not a new one' },
    flag: { type: 'string', value: 'S', about: 'ratings that follow each other faster are flagged too-fast' },
  },
  async run({ open }, args) {
    const code = args.operand(0);
    const given = Object.entries(SETTINGS).flatMap(([option, name]) =>
      args.text(option) === undefined
        ? []
        : [[name, args.wholeNumber(option, { or: 0, min: 0, max: SETTING_LIMITS[name] })] as const],
    );
    const { kiosks } = await open();
    if (given.length > 0) await kiosks.configure(code, Object.fromEntries(given));
    const kiosk = await kiosks.find(code);
    if (!kiosk) throw new CommandError(`there is no kiosk ${code}.`);
    const rows = Object.entries(SETTINGS).map(([option, name]) => [`${option}:`, `${kiosk.settings[name]} s`]);
    return { data: { code, ...kiosk.settings }, text: columns(rows) };
  },
};

/** What happens to a kiosk after it was added. */
export const kioskLifecycleCommands = {
  'kiosk list': list,
  'kiosk pair': pair,
  'kiosk unpair': unpair,
  'kiosk pause': pausing(true),
  'kiosk resume': pausing(false),
  'kiosk set': set,
};
