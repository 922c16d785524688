import { StringDecoder } from 'node:string_decoder';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { DELIMITERS, type DelimiterName } from '../exports/exports.csv.js';

/** One row as it stood in a CSV: its cells, or the text of what is no row. */
export type CsvRow = { readonly cells: readonly string[] } | { readonly broken: string };

/**
 * A quoted cell of more than this is a quote that was never closed: what follows it is read again line by line, so that
 * one wrong character does not swallow the file. A comment holds at most 1,000 characters.
 */
const MAX_QUOTED = 20_000;

/** The rows of a CSV, those with a broken quote apart; reading goes on behind them. Lines end in LF or CRLF. */
export async function* csvRows(source: AsyncIterable<unknown>, delimiter: DelimiterName): AsyncGenerator<CsvRow> {
  const records = new Records(DELIMITERS[delimiter]);
  const decoder = new StringDecoder('utf8');
  for await (const chunk of source) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('An import reads bytes');
    yield* rowsOf(records.take(decoder.write(chunk)), delimiter);
  }
  yield* rowsOf(records.take(decoder.end()), delimiter);
  yield* rowsOf(records.end(), delimiter);
}

interface RecordText {
  readonly text: string;
  readonly whole: boolean;
}

const parsedRows = z.array(z.array(z.string()));

/** Whole records are parsed together, which costs a tenth of one by one. */
function* rowsOf(records: readonly RecordText[], delimiter: DelimiterName): Generator<CsvRow> {
  const whole = records.filter((record) => record.whole).map(({ text }) => text);
  const options = { delimiter: DELIMITERS[delimiter], record_delimiter: '\n', relax_column_count: true };
  const parsed = parsedRows.parse(parse(whole.map((text) => `${text}\n`).join(''), options)).values();
  for (const { text, whole: isWhole } of records) {
    if (!isWhole) yield { broken: text };
    else yield { cells: parsed.next().value ?? [] };
  }
}

/** Cuts text into records: a line, or several where a quoted cell holds line breaks. */
class Records {
  private rest = '';
  /** Lines of a record whose quote is open. */
  private open: string[] = [];
  private openSize = 0;
  private first = true;
  private readonly wholePattern: RegExp;
  private readonly openPattern: RegExp;

  constructor(delimiter: string) {
    const quoted = '"[^"]*(?:""[^"]*)*';
    const cell = `(?:${quoted}"|[^"${delimiter}\\n]*)`;
    this.wholePattern = new RegExp(`^${cell}(?:${delimiter}${cell})*$`);
    this.openPattern = new RegExp(`^(?:${cell}${delimiter})*${quoted}$`);
  }

  /** The records that are complete with this text. */
  take(text: string): RecordText[] {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    return lines.flatMap((line) => this.line(line));
  }

  /** What is left when no more text comes. */
  end(): RecordText[] {
    const last = this.rest === '' ? [] : this.line(this.rest);
    this.rest = '';
    const left = this.open;
    return left.length === 0 ? last : [...last, ...this.reread(left), ...this.end()];
  }

  private line(line: string): RecordText[] {
    const text = this.first ? line.replace(/^\uFEFF/, '') : line;
    this.first = false;
    // Without a quote in it, a line neither closes a quote nor breaks one.
    if (this.open.length === 0 || text.includes('"')) return this.judge([...this.open, text]);
    this.open.push(text);
    this.openSize += text.length + 1;
    return this.openSize > MAX_QUOTED ? this.reread(this.open) : [];
  }

  private judge(lines: string[]): RecordText[] {
    const text = lines.join('\n').replace(/\r$/, '');
    if (this.wholePattern.test(text)) {
      this.open = [];
      return [{ text, whole: true }];
    }
    if (text.length <= MAX_QUOTED && this.openPattern.test(text)) {
      this.open = lines;
      this.openSize = text.length;
      return [];
    }
    return this.reread(lines);
  }

  /** The first line is no row; those behind it may be. */
  private reread([broken = '', ...behind]: readonly string[]): RecordText[] {
    this.open = [];
    return [{ text: broken.replace(/\r$/, ''), whole: false }, ...behind.flatMap((line) => this.line(line))];
  }
}
