import { Router, urlencoded, type RequestHandler, type Response } from 'express';
import { body, query } from 'express-validator';
import type { Clock } from '../../clock.js';
import { foldText } from '../../domain/fold.js';
import { HIGHEST_PERCENTAGE } from '../../domain/grades.js';
import { addDays, localDay } from '../../domain/period.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import type { MessageKey } from '../../i18n/index.js';
import { requireRight } from '../access/access.middleware.js';
import { listAddress, pageOf } from '../paging.js';
import { formTexts, textInput, type FormError, type ValidatedRequest } from '../request-input.js';
import { checkTable, valuesOf, type CheckedTable } from './grade-tables.form.js';
import type { GradeTableService, GradeTableState } from './grade-tables.service.js';
import { editPage, formError, GRADES_PATH, listLine, pathOf, removePage, tablePage } from './grade-tables.views.js';

export interface GradeTablePageServices {
  readonly gradeTables: GradeTableService;
  readonly now: Clock;
}

const ONE = `${GRADES_PATH}/:id`;
const TABLES_A_PAGE = 50;

/** An administrator's pages about grade tables. `csrf` checks a form's token. */
export function gradeTablePages(services: GradeTablePageServices, csrf: RequestHandler): Router {
  const router = Router();
  const may = requireRight('grades:manage');
  const form = [may, urlencoded({ extended: false, limit: '64kb' }), csrf];
  const revision = body('revision').isInt({ min: 0 });
  const said = query(['done', 'problem']).optional().isString().isLength({ max: 20 });
  router.get(
    GRADES_PATH,
    may,
    query(['q', 'page']).optional().isString().isLength({ max: 100 }),
    said,
    showList(services),
  );
  router.get(`${GRADES_PATH}/new`, may, showNew(services));
  router.post(`${GRADES_PATH}/new`, form, addTable(services));
  router.get(ONE, may, said, showTable(services));
  router.get(`${ONE}/version`, may, showVersion(services));
  router.post(`${ONE}/version`, form, revision, putVersion(services));
  router.get(`${ONE}/remove`, may, askToRemove(services));
  router.post(`${ONE}/remove`, form, revision, removeVersion(services));
  return router;
}

const DONE: Readonly<Record<string, MessageKey>> = {
  added: 'grades.done.added',
  saved: 'grades.done.saved',
  removed: 'grades.done.removed',
};

/** What the address says was done just now. */
function flashOf(req: ValidatedRequest, res: Response): string | null {
  const { done = '' } = textInput(req);
  const key = Object.hasOwn(DONE, done) ? DONE[done] : undefined;
  return key === undefined ? null : res.locals.t(key);
}

function showList({ gradeTables }: GradeTablePageServices): RequestHandler {
  return async (req, res) => {
    const { q = '', page } = textInput(req);
    const { lang, t } = res.locals;
    const wanted = foldText(q);
    const lines = (await gradeTables.list())
      .map((table) => listLine(table, lang, t))
      .filter(({ id, name }) => foldText(`${id} ${name}`).includes(wanted));
    const listed = pageOf(lines, page, TABLES_A_PAGE, (number) => listAddress(GRADES_PATH, { q }, number));
    res.render('grades/list', { ...listed, q, flash: flashOf(req, res) });
  };
}

function showTable({ gradeTables }: GradeTablePageServices): RequestHandler {
  return async (req, res) => {
    const table = await gradeTables.find(String(req.params['id']));
    const { lang, t } = res.locals;
    const problem = textInput(req)['problem'] === undefined ? null : t('grades.error.changed');
    res.render('grades/table', { ...tablePage(table, lang, t), problem, flash: flashOf(req, res) });
  };
}

function showNew({ now }: GradeTablePageServices): RequestHandler {
  return (_req, res) => {
    const today = localDay(now());
    const values = { status: 'office', from: addDays(today, 1) };
    const { lang, t } = res.locals;
    res.render('grades/edit', editPage({ table: null, revision: 0, values, errors: [], today }, lang, t));
  };
}

function addTable({ gradeTables, now }: GradeTablePageServices): RequestHandler {
  return async (req, res) => {
    const { lang, t } = res.locals;
    const today = localDay(now());
    const values = formTexts(req.body);
    const again = (status: number, errors: readonly FormError[]) =>
      res.status(status).render('grades/edit', editPage({ table: null, revision: 0, values, errors, today }, lang, t));
    const checked = checkTable(values, { today, max: HIGHEST_PERCENTAGE, isNew: true });
    if (!checked.ok) {
      again(422, errorsOf(checked, res));
      return;
    }
    try {
      await gradeTables.add(checked.id, checked.version);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      again(409, [formError({ field: 'id', key: 'grades.error.taken' }, lang, t)]);
      return;
    }
    res.redirect(303, `${pathOf(checked.id)}?done=added`);
  };
}

/** The form of the version that waits for its day; where none does, of a new one, filled in as the present one is. */
function showVersion({ gradeTables, now }: GradeTablePageServices): RequestHandler {
  return async (req, res) => {
    const table = await gradeTables.find(String(req.params['id']));
    const { lang, t } = res.locals;
    const today = localDay(now());
    const values = valuesOfState(table, today);
    res.render('grades/edit', editPage({ table, revision: table.revision, values, errors: [], today }, lang, t));
  };
}

function valuesOfState({ pending, present }: GradeTableState, today: string) {
  const start = pending ?? present;
  return start ? valuesOf(start, pending?.from ?? addDays(today, 1)) : {};
}

function putVersion({ gradeTables, now }: GradeTablePageServices): RequestHandler {
  return async (req, res) => {
    const table = await gradeTables.find(String(req.params['id']));
    const { lang, t } = res.locals;
    const today = localDay(now());
    const values = formTexts(req.body);
    const revision = Number(textInput(req)['revision'] ?? -1);
    const again = (status: number, errors: readonly FormError[]) =>
      res.status(status).render('grades/edit', editPage({ table, revision, values, errors, today }, lang, t));
    // A table whose only version waits for its day was never reported by, but has its code already.
    const checked = checkTable(values, { today, max: table.max, isNew: false });
    if (!checked.ok) {
      again(422, errorsOf(checked, res));
      return;
    }
    try {
      await gradeTables.put(table.id, revision, checked.version);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      again(409, [{ field: 'name', message: t('grades.error.changedForm') }]);
      return;
    }
    res.redirect(303, `${pathOf(table.id)}?done=saved`);
  };
}

function errorsOf({ problems }: Extract<CheckedTable, { ok: false }>, res: Response): FormError[] {
  return problems.map((problem) => formError(problem, res.locals.lang, res.locals.t));
}

/** What cannot be undone is asked first. */
function askToRemove({ gradeTables }: GradeTablePageServices): RequestHandler {
  return async (req, res) => {
    const table = await gradeTables.find(String(req.params['id']));
    if (!table.pending) throw new NotFoundError('No version of this table waits for its day.');
    res.render('grades/remove', removePage(table, table.pending, res.locals.lang, res.locals.t));
  };
}

function removeVersion({ gradeTables }: GradeTablePageServices): RequestHandler {
  return async (req, res) => {
    const { id, versions } = await gradeTables.find(String(req.params['id']));
    try {
      await gradeTables.remove(id, Number(textInput(req)['revision'] ?? -1));
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      res.redirect(303, `${pathOf(id)}?problem=changed`);
      return;
    }
    // With its only version a table is gone.
    res.redirect(303, `${versions.length > 1 ? pathOf(id) : GRADES_PATH}?done=removed`);
  };
}
