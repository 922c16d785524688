import { query } from 'express-validator';
import { parsePeriod } from '../../domain/period.js';
import { textInput, type ValidatedRequest } from '../request-input.js';
import { ACTIONS, type Action } from './audit.model.js';
import type { AuditQuery } from './audit.service.js';

const LOCAL_OFFSET = '+07:00';
const DAY_MS = 86_400_000;
const LONGEST_TEXT = 100;

/** What the page and its download may be asked. */
export const AUDIT_FIELDS = ['from', 'to', 'actor', 'action', 'subject', 'below'] as const;
export type AuditField = (typeof AUDIT_FIELDS)[number];

export const auditQueryFields = AUDIT_FIELDS.map((name) => query(name).optional().isString());

/** Fields as typed, what they ask for, and which of them are wrong. */
export interface AuditQueryInput {
  readonly values: Readonly<Partial<Record<string, string>>>;
  readonly query: AuditQuery;
  readonly wrong: readonly AuditField[];
}

/** A local day as instants: its start, and the start of the next. Null: no such day. */
export function readDay(text: string): { readonly start: Date; readonly end: Date } | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || !parsePeriod(text)) return null;
  const start = new Date(`${text}T00:00:00${LOCAL_OFFSET}`);
  return { start, end: new Date(start.getTime() + DAY_MS) };
}

/** Reads a query; a field that is wrong filters nothing and is named. */
export function readAuditQuery(req: ValidatedRequest): AuditQueryInput {
  const values = textInput(req);
  const { from, to, actor, subject, action, below } = values;
  const [first, last] = [from, to].map((day) => (day === undefined ? undefined : readDay(day)));
  const known: Action | undefined = ACTIONS.find((one) => one === action);
  const tooLong = (text: string | undefined) => text !== undefined && text.length > LONGEST_TEXT;
  const number = below === undefined ? undefined : /^\d{1,15}$/.test(below) ? Number(below) : null;
  const isWrong: Readonly<Record<AuditField, boolean>> = {
    from: first === null,
    to: last === null || Boolean(first && last && last.end <= first.start),
    actor: tooLong(actor),
    subject: tooLong(subject),
    action: action !== undefined && !known,
    below: number === null,
  };
  return {
    values,
    query: { from: first?.start, until: last?.end, actor, subject, action: known, below: number ?? undefined },
    wrong: AUDIT_FIELDS.filter((field) => isWrong[field]),
  };
}
