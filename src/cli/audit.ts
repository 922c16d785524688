import { readDay } from '../features/audit/audit.validators.js';
import { ACTIONS, type Facts } from '../features/audit/audit.model.js';
import type { AuditEntry } from '../features/audit/audit.service.js';
import type { Arguments } from './arguments.js';
import { UsageError, type Command } from './command.js';
import { columns, counted } from './text.js';

const USUAL_LINES = 50;
const MOST_LINES = 10_000;

const list: Command = {
  summary: 'show who did what, the newest first',
  options: {
    from: { type: 'string', value: 'DAY', about: 'first day, such as 2026-11-01' },
    to: { type: 'string', value: 'DAY', about: 'last day, included' },
    actor: { type: 'string', value: 'NAME', about: 'account, token or user of the machine' },
    action: { type: 'string', value: 'A', about: ACTIONS.join(', ') },
    subject: { type: 'string', value: 'S', about: 'code or name of what it was about' },
    limit: { type: 'string', value: 'N', about: `most lines to show; ${USUAL_LINES} unless given` },
  },
  async run({ open }, args) {
    const query = {
      action: args.oneOf('action', ACTIONS),
      actor: args.text('actor'),
      subject: args.text('subject'),
      from: dayOf(args, 'from')?.start,
      until: dayOf(args, 'to')?.end,
    };
    const limit = args.wholeNumber('limit', { or: USUAL_LINES, min: 1, max: MOST_LINES });
    const entries = await (await open()).audit.list(query, limit);
    const rows = entries.map((entry) => lineOf(entry));
    return {
      data: entries,
      text: columns([['NO', 'AT', 'WHO', 'FROM', 'ACTION', 'ABOUT', 'OUTCOME', 'BEFORE > AFTER'], ...rows]),
    };
  },
};

const verify: Command = {
  summary: 'check that no entry of the audit was changed, removed or added',
  options: {},
  async run({ open }) {
    const checked = await (await open()).audit.verify();
    const { entries, head, problems } = checked;
    const text = `${counted(entries, 'entry', 'entries')}, the newest is ${head.number} with the seal ${head.seal}.`;
    if (problems.length === 0) return { data: checked, text: `${text}\nThe chain is whole.` };
    const failure = `${counted(problems.length, 'problem')} found.`;
    return { data: checked, text: [text, ...problems].join('\n'), failure };
  },
};

export const auditCommands = { 'audit list': list, 'audit verify': verify };

/** @throws UsageError */
function dayOf(args: Arguments, name: string) {
  const text = args.text(name);
  if (text === undefined) return undefined;
  const day = readDay(text);
  if (!day) throw new UsageError(`--${name} must be a day such as 2026-11-01.`);
  return day;
}

function lineOf({ number, at, actor, action, subject, outcome, before, after }: AuditEntry): string[] {
  const facts = [before, after].map(factsText).join(' > ');
  const who = actor.name === '' ? actor.kind : actor.name;
  const cells = [String(number), at.toISOString(), who, actor.address, action, subject, outcome];
  return [...cells, facts === ' > ' ? '' : facts].map(printable);
}

function factsText(facts: Facts | null): string {
  return Object.entries(facts ?? {})
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

/** A name may hold what a terminal would obey. */
function printable(cell: string): string {
  return cell.replace(/\p{Cc}|\p{Cf}/gu, '?');
}
