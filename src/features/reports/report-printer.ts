import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { InTurn } from '../../in-turn.js';
import { hasCode } from '../../errors.js';
import type { FontFiles } from '../../pdf/typeface.js';
import type { ReportFonts } from '../../pdf/pages.js';
import type { PrintedReport } from '../../pdf/printed-report.js';
import { principalOf } from '../access/access.middleware.js';
import type { AccountLimit } from '../access/account-limit.js';
import type { AuditService } from '../audit/audit.service.js';
import type { FiguresPage } from './figures.views.js';
import { rowsShown } from './reports.paging.js';
import { printedFigures, printedSatisfaction } from './reports.printed.js';
import type { SatisfactionPage } from './reports.views.js';

const PDF = 'pdf';
const BASE = 'http://sipas.invalid';
const manifestShape = z.record(z.string(), z.string());

/** Shows reports as pages or, where the address says `format=pdf`, as files to keep and sign. */
export class ReportPrinter {
  private fonts: Promise<ReportFonts> | undefined;
  /** One at a time: a table of every commune takes 150 MB while it is written. */
  private readonly turns = new InTurn();

  /** @param assets directory of the built files, with the fonts */
  constructor(
    private readonly assets: string,
    private readonly limit: AccountLimit,
    private readonly audit: AuditService,
  ) {}

  /** @param more what only the page has, such as links to other pages */
  async figures(req: Request, res: Response, page: FiguresPage, more: object = {}): Promise<void> {
    if (isPdfAsked(req, page)) await this.send(req, res, printedFigures(page, res.locals));
    else res.render('reports/figures', { ...inParts(req, res, page), ...more, pdfUrl: pdfAddress(req) });
  }

  async satisfaction(req: Request, res: Response, page: SatisfactionPage): Promise<void> {
    if (isPdfAsked(req, page)) await this.send(req, res, printedSatisfaction(page, res.locals));
    else res.render('reports/satisfaction', { ...inParts(req, res, page), pdfUrl: pdfAddress(req) });
  }

  /** A file is more work than a page and leaves the system: limited and recorded as exports are. */
  private async send(req: Request, res: Response, report: PrintedReport): Promise<void> {
    await this.limit.take(principalOf(req));
    const rows = report.tables.reduce((sum, table) => sum + table.rows.length, 0);
    const after = { report: req.path, query: new URL(req.originalUrl, BASE).search.slice(1), rows };
    const event = { action: 'export', subject: 'report.pdf', after } as const;
    const parts = await this.audit.change(event, () =>
      this.turns.do(async () => {
        // What writes PDFs takes 14 MB of memory, and many a server never writes one.
        const { reportPdf } = await import('../../pdf/report.js');
        return reportPdf(report, await this.loadFonts());
      }),
    );
    const name = req.path.split('/').slice(2).join('-') || 'satisfaction';
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    res.attachment(`bao-cao-${name}.pdf`).set({ 'Cache-Control': 'no-store', 'Content-Length': String(length) });
    // Never joined: of a table of every commune they are 13 MB.
    await pipeline(Readable.from(parts), res).catch((error: unknown) => {
      // Whoever went away before the end wants nothing more.
      if (!hasCode(error, 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
    });
  }

  private loadFonts(): Promise<ReportFonts> {
    this.fonts ??= readFonts(this.assets).catch((error: unknown) => {
      this.fonts = undefined;
      throw error;
    });
    return this.fonts;
  }
}

/** A page without figures stays a page: it says what is missing. */
function isPdfAsked(req: Request, { periodText }: { readonly periodText: string }): boolean {
  return req.query['format'] === PDF && periodText !== '';
}

/** A page whose long tables are shown in parts. */
function inParts<R, P extends { readonly sections: readonly { readonly rows: readonly R[] }[] }>(
  req: Request,
  res: Response,
  page: P,
) {
  const address = new URL(req.originalUrl, BASE);
  const sections = page.sections.map((section) => ({ ...section, ...rowsShown(section.rows, address, res.locals) }));
  return { ...page, sections };
}

function pdfAddress(req: Request): string {
  const { pathname, searchParams } = new URL(req.originalUrl, BASE);
  searchParams.delete('page');
  searchParams.set('format', PDF);
  return `${pathname}?${searchParams.toString()}`;
}

async function readFonts(assets: string): Promise<ReportFonts> {
  const manifest = manifestShape.parse(JSON.parse(await readFile(join(assets, 'manifest.json'), 'utf8')));
  const file = (subset: string, weight: number) => {
    const name = `fonts/be-vietnam-pro-${subset}-${weight}.woff`;
    const built = manifest[name];
    if (built === undefined) throw new Error(`${name} was not built`);
    return readFile(join(assets, built));
  };
  const weight = async (one: number): Promise<FontFiles> => ({
    latin: await file('latin', one),
    vietnamese: await file('vietnamese', one),
  });
  return { regular: await weight(400), bold: await weight(600) };
}
