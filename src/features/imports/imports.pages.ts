import { basename } from 'node:path';
import { Router, urlencoded, type Request, type RequestHandler } from 'express';
import { z } from 'zod';
import { BadRequestError } from '../../errors.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { multipartBody, type FormFile } from '../multipart-body.js';
import { IMPORT_KINDS, type ImportKind } from './file-imports.service.js';
import { columnChoices, suggestedMapping } from './imports.choices.js';
import type { ColumnMapping } from './imports.columns.js';
import { ImportFileError } from './imports.errors.js';
import type { Upload } from './imports.spool.js';
import {
  columnField,
  fileProblemText,
  IMPORTS_PATH,
  previewPage,
  resultPage,
  uploadPage,
  UPLOAD_MAX_MB,
} from './imports.views.js';
import type { UploadService } from './uploads.service.js';

export interface ImportPageServices {
  readonly uploads: UploadService;
  readonly catalogue: CatalogueService;
}

const ONE = `${IMPORTS_PATH}/:id`;
const LONGEST_NAME = 200;

/** Where an administrator uploads a file, says what its columns are, and takes it in. `csrf` checks a form's token. */
export function importPages(services: ImportPageServices, csrf: RequestHandler): Router {
  const router = Router();
  const may = requireRight('imports:write');
  const upload = [may, multipartBody(`${UPLOAD_MAX_MB}mb`), csrf].flat();
  const form = [may, urlencoded({ extended: false, limit: '256kb' }), csrf];
  router.get(IMPORTS_PATH, may, showUploadForm());
  router.post(IMPORTS_PATH, upload, receiveFile(services));
  router.get(ONE, may, showUpload(services));
  router.post(ONE, form, importUpload(services));
  router.get(`${ONE}/rejected`, may, sendRejected(services));
  return router;
}

function showUploadForm(): RequestHandler {
  return (req, res) => {
    res.render('imports/upload', uploadPage(kindOf(req.query['kind']), [], res.locals));
  };
}

function receiveFile({ uploads }: ImportPageServices): RequestHandler {
  return async (req, res) => {
    const kind = kindOf(formTexts(req)['kind']);
    const refuse = (message: string) => {
      res.status(422).render('imports/upload', uploadPage(kind, [{ field: 'file', message }], res.locals));
    };
    const file = req.files?.get('file');
    if (!file || file.bytes.length === 0) {
      refuse(res.locals.t('imports.error.noFile'));
      return;
    }
    try {
      const id = await uploads.receive(principalOf(req), kind, { ...file, name: nameOf(file) });
      res.redirect(303, `${IMPORTS_PATH}/${id}`);
    } catch (error) {
      if (!(error instanceof ImportFileError)) throw error;
      refuse(fileProblemText(error, res.locals));
    }
  };
}

function kindOf(asked: unknown): ImportKind {
  return IMPORT_KINDS.find((one) => one === asked) ?? 'responses';
}

/** The name of a file as it can be shown and written down; browsers may send a path. */
function nameOf({ name }: FormFile): string {
  const last = basename(name.replaceAll('\\', '/'));
  return (
    last
      .replace(/\p{Cc}/gu, '')
      .slice(-LONGEST_NAME)
      .toWellFormed() || 'file'
  );
}

function showUpload(services: ImportPageServices): RequestHandler {
  return async (req, res) => {
    const by = principalOf(req);
    const upload = await services.uploads.find(by, String(req.params['id']));
    if (upload.result || (await services.uploads.isUnderWay(upload))) {
      res.render('imports/result', resultPage(upload, res.locals));
      return;
    }
    const choices = columnChoices(upload.kind, services.catalogue);
    const mapping = suggestedMapping(upload.header, choices, await services.uploads.remembered(by, upload));
    res.render('imports/preview', previewPage(upload, choices, mapping, [], res.locals));
  };
}

function importUpload({ uploads, catalogue }: ImportPageServices): RequestHandler {
  return async (req, res) => {
    const by = principalOf(req);
    const upload = await uploads.find(by, String(req.params['id']));
    const address = `${IMPORTS_PATH}/${upload.id}`;
    // Whoever sends the form twice is shown what became of the first.
    if (upload.result) {
      res.redirect(303, address);
      return;
    }
    const choices = columnChoices(upload.kind, catalogue);
    const mapping = mappingOf(upload, formTexts(req));
    const refuse = (message: string) => {
      const errors = [{ field: columnField(0), message }];
      res.status(422).render('imports/preview', previewPage(upload, choices, mapping, errors, res.locals));
    };
    const twice = chosenTwice(mapping);
    if (twice.length > 0) {
      refuse(res.locals.t('imports.error.chosenTwice', { columns: twice.join(', ') }));
      return;
    }
    try {
      await uploads.run(by, upload, mapping);
      res.redirect(303, address);
    } catch (error) {
      if (!(error instanceof ImportFileError)) throw error;
      refuse(fileProblemText(error, res.locals));
    }
  };
}

function mappingOf({ header }: Upload, texts: Readonly<Record<string, string>>): ColumnMapping {
  return new Map(header.map((name, index) => [name, texts[columnField(index)] ?? '']));
}

function chosenTwice(mapping: ColumnMapping): string[] {
  const chosen = [...mapping.values()].filter((column) => column !== '');
  return [...new Set(chosen.filter((column, index) => chosen.indexOf(column) < index))];
}

function sendRejected({ uploads }: ImportPageServices): RequestHandler {
  return async (req, res) => {
    const upload = await uploads.find(principalOf(req), String(req.params['id']));
    const { name, type, path } = uploads.rejected(upload);
    res.type(type);
    await new Promise<void>((resolve, reject) => {
      res.download(path, name, { dotfiles: 'allow' }, (error) => {
        // A reader who goes away half way has what they wanted.
        if (error && !res.headersSent) reject(error);
        else resolve();
      });
    });
  };
}

const textsShape = z.record(z.string(), z.string());

/** The texts of a form. @throws BadRequestError when a field was sent twice */
function formTexts(req: Request): Readonly<Record<string, string>> {
  const parsed = textsShape.safeParse(req.body);
  if (!parsed.success) throw new BadRequestError('The form could not be read.');
  return parsed.data;
}
