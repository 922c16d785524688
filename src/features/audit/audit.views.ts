import type { MessageKey, Translate } from '../../i18n/index.js';
import { formatInstant } from '../../domain/format-vi.js';
import { ACTIONS, type Facts } from './audit.model.js';
import type { AuditEntry } from './audit.service.js';
import type { AuditField, AuditQueryInput } from './audit.validators.js';

const PAGE = '/admin/audit';

/** Locals of `audit/audit`; `entries` holds one more than a page when there are more. */
export function auditPage(
  { values, wrong }: AuditQueryInput,
  entries: readonly AuditEntry[],
  size: number,
  t: Translate,
) {
  const shown = entries.slice(0, size);
  const last = shown.at(-1);
  return {
    lines: shown.map((entry) => auditLine(entry, t)),
    actions: ACTIONS.map((action) => ({ value: action, label: t(`audit.action.${action}`) })),
    values,
    errors: wrong.map((field) => ({ field, message: t(problemOf(field)) })),
    older: last && entries.length > size ? addressOf(PAGE, { ...values, below: String(last.number) }) : null,
    newest: values['below'] === undefined ? null : addressOf(PAGE, { ...values, below: undefined }),
    download: addressOf(`${PAGE}.csv`, { ...values, below: undefined }),
  };
}

function auditLine({ number, at, actor, action, subject, outcome, before, after }: AuditEntry, t: Translate) {
  return {
    number,
    at: formatInstant(at, true),
    actor: actor.name,
    kind: t(`audit.kind.${actor.kind}`),
    address: actor.address,
    action: t(`audit.action.${action}`),
    subject,
    outcome: t(`audit.outcome.${outcome}`),
    isDone: outcome === 'done',
    before: factLines(before),
    after: factLines(after),
  };
}

function factLines(facts: Facts | null): string[] {
  return Object.entries(facts ?? {}).map(([name, value]) => `${name}: ${value === null ? '–' : String(value)}`);
}

function problemOf(field: AuditField): MessageKey {
  if (field === 'from' || field === 'to') return 'audit.error.day';
  return field === 'actor' || field === 'subject' ? 'audit.error.text' : 'audit.error.other';
}

function addressOf(path: string, values: Readonly<Partial<Record<string, string>>>): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  const query = new URLSearchParams(Object.fromEntries(given)).toString();
  return query === '' ? path : `${path}?${query}`;
}
