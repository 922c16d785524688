import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import { Workbook } from 'exceljs';
import type request from 'supertest';

/** What other software reads in a workbook: rows of values by the name of the sheet. */
export type Sheets = Readonly<Record<string, readonly (readonly unknown[])[]>>;

/** Texts that files and programs are apt to change. */
export const HARD_TEXTS = [
  'Trung tâm Phục vụ hành chính công — Hóa Châu',
  'e\u0302\u0301 và ế, o\u031B\u0301',
  '😐 👨‍👩‍👧‍👦 🇻🇳',
  '=HYPERLINK("http://a.vn","bấm")',
  '+1',
  '-1+1',
  '@SUM(A1:A9)',
  '＝1＋1',
  '\t=1',
  'một\nhai\n\nba',
  'một\r\nhai\rba',
  '  cách  hai bên  ',
  '<b>&amp; "ngoặc" \'đơn\' ]]>',
  '_x0041_ và _x000D_',
  '00123',
  '1.001612',
  '2026-11-22',
  'TRUE',
  'x'.repeat(1000),
  '😐'.repeat(1000),
  'a\u0001b\u0008\u000B\u001F',
  '\u0000\u0001\u0008\u000B\u001F\u007F\uFFFE\uFFFF\u2028',
];

/** Reads a workbook with exceljs: empty cells are '', texts and numbers are what they are. */
export async function readWithExcelJs(xlsx: Buffer): Promise<Sheets> {
  const workbook = await openWithExcelJs(xlsx);
  return Object.fromEntries(
    workbook.worksheets.map((sheet) => {
      const rows = Array.from({ length: sheet.rowCount }, (_, row) =>
        Array.from({ length: sheet.columnCount }, (_, column) => sheet.getCell(row + 1, column + 1).value ?? ''),
      );
      return [sheet.name, rows];
    }),
  );
}

export async function openWithExcelJs(xlsx: Buffer): Promise<Workbook> {
  const workbook = new Workbook();
  // Its declarations come from a time when Buffer was not generic.
  await workbook.xlsx.load(new Uint8Array(xlsx).buffer);
  return workbook;
}

const SOFFICE = process.env['SOFFICE'] ?? '/usr/bin/soffice';

/** `describe` where LibreOffice is; elsewhere the tests are skipped, and say why. */
export function describeInLibreOffice(name: string, tests: () => void): void {
  if (existsSync(SOFFICE)) describe(name, tests);
  else describe.skip(`${name} [skipped: no ${SOFFICE}; scripts/install-test-tools installs it]`, tests);
}

/** Comma, double quote, UTF-8, every cell as it is stored, all sheets. */
const CSV_FILTER = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1';

/** Reads a workbook with LibreOffice, which writes every value as text. */
export async function readWithLibreOffice(xlsx: Buffer): Promise<Sheets> {
  return inScratch(async (directory) => {
    await writeFile(join(directory, 'w.xlsx'), xlsx);
    await soffice(directory, ['--convert-to', CSV_FILTER]);
    const names = (await readdir(directory)).filter((name) => name.endsWith('.csv'));
    const sheets = names.map(async (name) => {
      const text = await readFile(join(directory, name), 'utf8');
      const rows: string[][] = parse(text, { relax_column_count: true, record_delimiter: '\n' });
      return [name.slice('w-'.length, -'.csv'.length), rows] as const;
    });
    return Object.fromEntries(await Promise.all(sheets));
  });
}

/** A workbook as LibreOffice writes it anew. */
export async function savedByLibreOffice(xlsx: Buffer): Promise<Buffer> {
  return inScratch(async (directory) => {
    await writeFile(join(directory, 'w.xlsx'), xlsx);
    await soffice(directory, ['--convert-to', 'xlsx:Calc MS Excel 2007 XML']);
    return readFile(join(directory, 'w.xlsx'));
  });
}

/** A workbook as the pages that LibreOffice prints. */
export async function printWithLibreOffice(xlsx: Buffer): Promise<Buffer> {
  return inScratch(async (directory) => {
    await writeFile(join(directory, 'w.xlsx'), xlsx);
    await soffice(directory, ['--convert-to', 'pdf']);
    return readFile(join(directory, 'w.pdf'));
  });
}

async function soffice(directory: string, words: readonly string[]): Promise<void> {
  const profile = `-env:UserInstallation=file://${directory}/profile`;
  const args = [profile, '--headless', '--norestore', ...words, '--outdir', directory, join(directory, 'w.xlsx')];
  await promisify(execFile)(SOFFICE, args, { timeout: 60_000, env: { PATH: process.env['PATH'], HOME: directory } });
}

async function inScratch<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'sipas-sheets-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The bytes of an answer, whatever it says it is. */
export async function bytesOfAnswer(asked: request.Test): Promise<Buffer> {
  const { status, body } = await asked.buffer(true).parse((res, done) => {
    const chunks: Buffer[] = [];
    res.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => done(null, Buffer.concat(chunks)));
  });
  if (status !== 200) throw new Error(`The answer is ${status}: ${String(body)}`);
  return body;
}
