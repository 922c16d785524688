import { once } from 'node:events';
import { PassThrough, pipeline, Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { MAX_ROWS, RowWriter, sheetEnd, sheetStart, type Cell, type Sheet } from './sheet.js';
import { StyleBook } from './styles.js';
import { attribute, XML_START } from './xml.js';

/** The same rows are the same bytes, whenever and wherever they are written: no entry says when. */
const UNDATED = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true };
/** The least there is: a sheet of a million rows takes a third of the time, and a third more space. */
const COMPRESSED = { ...UNDATED, compressionLevel: 1 };

/**
 * The sheets as an XLSX file, written as they are read: memory does not grow with the rows. Rows beyond what one sheet
 * can hold go on in `name (2)` and so on, under the same header. When a source fails, so does the stream; when the
 * stream is destroyed, so are the sources.
 * @param maxRows only tests need another number
 */
export function xlsxStream(sheets: readonly Sheet[], maxRows = MAX_ROWS): Readable {
  const zip = new ZipFile();
  const output = new PassThrough();
  const parts = new Parts(zip);
  pipeline(zip.outputStream, output, (error) => parts.stop(error));
  writeParts(parts, sheets, maxRows).then(
    () => zip.end(),
    (error: unknown) => output.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return output;
}

/** The parts of the package, written one after another. */
class Parts {
  private current: Readable | undefined;
  private stopped: Error | undefined;

  constructor(private readonly zip: ZipFile) {}

  /** Adds a part; done when all of its text is read. */
  async add(path: string, text: AsyncIterable<string>): Promise<void> {
    const source = Readable.from(text, { objectMode: false });
    const ended = once(source, 'end');
    if (this.stopped) source.destroy(this.stopped);
    this.current = source;
    this.zip.addReadStream(source, path, COMPRESSED);
    await ended;
  }

  addText(path: string, text: string): void {
    this.zip.addBuffer(Buffer.from(text), path, COMPRESSED);
  }

  /** Nobody reads on: the source of the part being written is closed. */
  stop(error: Error | null | undefined): void {
    if (!error) return;
    this.stopped = error;
    this.current?.destroy(error);
  }
}

/** The first entries are those by which programs tell an XLSX file from any other archive. */
async function writeParts(parts: Parts, sheets: readonly Sheet[], maxRows: number): Promise<void> {
  parts.addText('[Content_Types].xml', CONTENT_TYPES);
  parts.addText('_rels/.rels', PACKAGE_RELATIONS);
  const styles = new StyleBook();
  const written: WrittenSheet[] = [];
  for (const sheet of sheets) {
    const rows = new RowSource(sheet.rows);
    for (let part = 1; part === 1 || (await rows.hasMore()); part += 1) {
      const name = part === 1 ? sheet.name : `${sheet.name} (${part})`;
      written.push({ name, sheet });
      const writer = new RowWriter(styles, sheet.heights);
      await parts.add(`xl/worksheets/sheet${written.length}.xml`, sheetXml(sheet, rows, writer, maxRows));
    }
  }
  parts.addText('xl/styles.xml', styles.xml());
  parts.addText('xl/workbook.xml', workbookXml(written));
  parts.addText('xl/_rels/workbook.xml.rels', workbookRelations(written.length));
}

async function* sheetXml(
  sheet: Sheet,
  rows: RowSource,
  writer: RowWriter,
  maxRows: number,
): AsyncGenerator<string, void> {
  let complete = false;
  try {
    yield sheetStart(sheet) + (sheet.header ? writer.xml(sheet.header) : '');
    while (writer.count < maxRows && (await rows.hasMore())) {
      let xml = '';
      for (const row of rows.take(maxRows - writer.count)) xml += writer.xml(row);
      yield xml;
    }
    complete = true;
  } finally {
    // Left half way: nobody reads on.
    if (!complete) await rows.close();
  }
  yield sheetEnd(sheet);
}

type Batch = readonly (readonly Cell[])[];

/** Rows that come in batches and are taken in other portions. */
class RowSource {
  private readonly batches: AsyncIterator<Batch> | Iterator<Batch>;
  private waiting: Batch = [];

  constructor(rows: Sheet['rows']) {
    this.batches = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]();
  }

  async hasMore(): Promise<boolean> {
    while (this.waiting.length === 0) {
      const next = await this.batches.next();
      if (next.done) return false;
      this.waiting = next.value;
    }
    return true;
  }

  /** At most `count` of the rows that are there. */
  take(count: number): Batch {
    const taken = this.waiting.slice(0, count);
    this.waiting = this.waiting.slice(count);
    return taken;
  }

  async close(): Promise<void> {
    await this.batches.return?.();
  }
}

interface WrittenSheet {
  readonly name: string;
  readonly sheet: Sheet;
}

const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const SPREADSHEET = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** Every part is a worksheet but those named: how many there will be is not known when this is written. */
const CONTENT_TYPES = [
  XML_START,
  `<Types xmlns="${PACKAGE}/content-types">`,
  '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>',
  `<Default Extension="xml" ContentType="${SPREADSHEET}.worksheet+xml"/>`,
  `<Override PartName="/xl/workbook.xml" ContentType="${SPREADSHEET}.sheet.main+xml"/>`,
  `<Override PartName="/xl/styles.xml" ContentType="${SPREADSHEET}.styles+xml"/>`,
  '</Types>',
].join('');

const PACKAGE_RELATIONS =
  XML_START +
  `<Relationships xmlns="${PACKAGE}/relationships">` +
  `<Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`;

function workbookXml(written: readonly WrittenSheet[]): string {
  const sheets = written.map(
    ({ name }, index) => `<sheet name="${attribute(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
  );
  const titles = written.flatMap(({ name, sheet }, index) => {
    const rows = sheet.page?.repeatedRows;
    if (rows === undefined) return [];
    const range = `'${name.replaceAll("'", "''")}'!$${rows.replace(':', ':$')}`;
    return [`<definedName name="_xlnm.Print_Titles" localSheetId="${index}">${attribute(range)}</definedName>`];
  });
  return [
    XML_START,
    `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="${OFFICE}">`,
    '<bookViews><workbookView activeTab="0"/></bookViews>',
    `<sheets>${sheets.join('')}</sheets>`,
    titles.length > 0 ? `<definedNames>${titles.join('')}</definedNames>` : '',
    '</workbook>',
  ].join('');
}

function workbookRelations(sheets: number): string {
  const relations = Array.from(
    { length: sheets },
    (_, index) =>
      `<Relationship Id="rId${index + 1}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${index + 1}.xml"/>`,
  );
  const styles = `<Relationship Id="rId${sheets + 1}" Type="${OFFICE}/styles" Target="styles.xml"/>`;
  return `${XML_START}<Relationships xmlns="${PACKAGE}/relationships">${relations.join('')}${styles}</Relationships>`;
}
