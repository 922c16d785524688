import { Router, urlencoded, type Request, type RequestHandler, type Response } from 'express';
import { body, query } from 'express-validator';
import { foldText } from '../../domain/fold.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import type { MessageKey } from '../../i18n/index.js';
import type { Languages } from '../../i18n/languages.js';
import { requireRight } from '../access/access.middleware.js';
import { contentOf, type CatalogueService } from '../catalogue/catalogue.service.js';
import { multipartBody } from '../multipart-body.js';
import { textInput, type FormError } from '../request-input.js';
import { saveForm, showForm } from './questionnaires.edit.pages.js';
import { readJson } from './questionnaires.file.js';
import { QuestionnaireError, type Problem } from './questionnaires.problems.js';
import { stateOf, type QuestionnaireHistory, type QuestionnaireService } from './questionnaires.service.js';
import {
  fileError,
  kioskNames,
  listLine,
  pathOf,
  preview,
  QUESTIONNAIRES_PATH,
  versionLines,
} from './questionnaires.views.js';

export interface QuestionnairePageServices {
  readonly questionnaires: QuestionnaireService;
  readonly catalogue: CatalogueService;
  readonly languages: Languages;
}

const ONE = `${QUESTIONNAIRES_PATH}/:id`;
const LINES_A_PAGE = 50;
const FILE_LIMIT = '256kb';
const FORM_LIMIT = '512kb';
/** What is asked first on a page of its own. */
const ACTS = ['publish', 'discard', 'retire', 'reinstate'] as const;
/** A form of the most rows there may be has some 5,000 fields. */
const MOST_FIELDS = 8000;

/** An administrator's pages about questionnaires. `csrf` checks a form's token. */
export function questionnairePages(services: QuestionnairePageServices, csrf: RequestHandler): Router {
  const router = Router();
  const may = requireRight('questionnaires:manage');
  const form = [may, urlencoded({ extended: false, limit: FORM_LIMIT, parameterLimit: MOST_FIELDS }), csrf];
  const upload = [may, multipartBody(FILE_LIMIT), csrf].flat();
  const copyFields = body(['from', 'id', 'title']).isString().trim().isLength({ max: 1000 });
  const revision = body('revision').isInt({ min: 1 });
  const { questionnaires } = services;
  router.get(
    QUESTIONNAIRES_PATH,
    may,
    query(['q', 'page', 'done']).isString().isLength({ max: 100 }),
    showList(services),
  );
  router.get(`${QUESTIONNAIRES_PATH}/new`, may, (_req, res) => renderNew(services, res, {}));
  router.post(`${QUESTIONNAIRES_PATH}/copy`, form, copyFields, copy(services));
  router.post(`${QUESTIONNAIRES_PATH}/upload`, upload, receive(services));
  router.get(ONE, may, query(['version', 'done', 'problem']).isString(), showOne(services));
  router.get(`${ONE}/versions/:version.json`, may, sendVersion(services));
  router.post(
    `${ONE}/draft`,
    form,
    change('edit', (id) => questionnaires.startNext(id)),
  );
  router.get(`${ONE}/edit`, may, showForm(services));
  router.post(`${ONE}/edit`, form, revision, saveForm(services));
  for (const act of ACTS) router.get(`${ONE}/${act}`, may, askFirst(services, act));
  router.post(
    `${ONE}/publish`,
    form,
    revision,
    change('published', (id, at) => questionnaires.publish(id, at)),
  );
  router.post(
    `${ONE}/discard`,
    form,
    revision,
    change('discarded', (id, at) => questionnaires.discard(id, at)),
  );
  router.post(
    `${ONE}/retire`,
    form,
    change('retired', (id) => questionnaires.retire(id)),
  );
  router.post(
    `${ONE}/reinstate`,
    form,
    change('reinstated', (id) => questionnaires.reinstate(id)),
  );
  return router;
}

const DONE: Readonly<Record<string, MessageKey>> = {
  added: 'questionnaires.done.added',
  saved: 'questionnaires.done.saved',
  published: 'questionnaires.done.published',
  discarded: 'questionnaires.done.discarded',
  retired: 'questionnaires.done.retired',
  reinstated: 'questionnaires.done.reinstated',
};

/** What the address says was done just now. */
function flashOf(req: Request, res: Response): string | null {
  const { done = '' } = textInput(req);
  const key = Object.hasOwn(DONE, done) ? DONE[done] : undefined;
  return key === undefined ? null : res.locals.t(key);
}

function showList({ questionnaires }: QuestionnairePageServices): RequestHandler {
  return async (req, res) => {
    const { q = '', page = '1' } = textInput(req);
    const { lang, t } = res.locals;
    const wanted = foldText(q);
    const lines = (await questionnaires.list())
      .map((history) => listLine(history, lang, t))
      .filter(({ id, title }) => foldText(`${id} ${title}`).includes(wanted));
    const number = /^[1-9]\d{0,3}$/.test(page) ? Number(page) : 1;
    const addressOf = (other: number) =>
      `${QUESTIONNAIRES_PATH}?${new URLSearchParams({ q, page: String(other) }).toString()}`;
    res.render('questionnaires/list', {
      flash: flashOf(req, res),
      q,
      lines: lines.slice((number - 1) * LINES_A_PAGE, number * LINES_A_PAGE),
      previous: number > 1 ? addressOf(number - 1) : null,
      next: lines.length > number * LINES_A_PAGE ? addressOf(number + 1) : null,
    });
  };
}

interface NewPage {
  readonly values?: Readonly<Partial<Record<string, string>>>;
  readonly copyErrors?: readonly FormError[];
  readonly fileErrors?: readonly FormError[];
}

async function renderNew(
  { questionnaires }: QuestionnairePageServices,
  res: Response,
  { values = {}, copyErrors = [], fileErrors = [] }: NewPage,
): Promise<void> {
  const { lang, t } = res.locals;
  const sources = (await questionnaires.list()).filter(({ published }) => published.length > 0);
  const status = copyErrors.length + fileErrors.length > 0 ? 422 : 200;
  res.status(status).render('questionnaires/new', {
    sources: sources.map((history) => listLine(history, lang, t)),
    values,
    copyErrors,
    fileErrors,
  });
}

function copy(services: QuestionnairePageServices): RequestHandler {
  return async (req, res) => {
    const values = textInput(req);
    const { from = '', id = '', title = '' } = values;
    await refusing(
      () => services.questionnaires.copy(from, id, title),
      async (problems) => {
        const copyErrors = problems.map(({ path, key, params }) => ({
          field: path === 'title.vi' ? 'title' : path,
          message: res.locals.t(key, params),
        }));
        await renderNew(services, res, { values, copyErrors });
      },
      () => res.redirect(303, `${pathOf(id)}/edit?done=added`),
    );
  };
}

/** A file, or else what was pasted. */
function receive(services: QuestionnairePageServices): RequestHandler {
  return async (req, res) => {
    const form: unknown = req.body;
    const pasted = typeof form === 'object' && form !== null && 'json' in form ? String(form.json) : '';
    const file = req.files?.get('file');
    const bytes = file && file.bytes.length > 0 ? file.bytes : Buffer.from(pasted);
    const added: Questionnaire[] = [];
    await refusing(
      async () => void added.push(await services.questionnaires.add(readJson(bytes))),
      async (problems) => {
        const fileErrors = problems.map((problem) => fileError(problem, res.locals.t));
        await renderNew(services, res, { values: { json: pasted }, fileErrors });
      },
      () => res.redirect(303, `${pathOf(added[0]?.id ?? '')}?done=added`),
    );
  };
}

/** Does something with a questionnaire, and says what is wrong with it where that is why it was not done. */
async function refusing(
  work: () => Promise<void>,
  refuse: (problems: readonly Problem[]) => Promise<void>,
  done: () => void,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof QuestionnaireError)) throw error;
    await refuse(error.problems);
    return;
  }
  done();
}

function showOne({ questionnaires, catalogue, languages }: QuestionnairePageServices): RequestHandler {
  return async (req, res) => {
    const { version, problem } = textInput(req);
    const history = await questionnaires.find(String(req.params['id']));
    const shown = versionOf(history, version);
    const newest = history.published.at(-1);
    const { lang, t } = res.locals;
    res.render('questionnaires/questionnaire', {
      flash: flashOf(req, res),
      problem: problem === undefined ? null : t(PROBLEM_TEXTS[problem] ?? 'questionnaires.error.changed'),
      line: listLine(history, lang, t),
      versions: versionLines(history, shown.version, t),
      version: shown.version,
      hasDraft: history.draft !== null,
      canRetire: newest !== undefined && stateOf(newest) === 'published' && !questionnaires.isDefault(history.id),
      isDefault: questionnaires.isDefault(history.id),
      isRetired: newest !== undefined && stateOf(newest) === 'retired',
      kiosks: kioskNames(await questionnaires.kiosksOf(history.id), t),
      preview: preview(catalogue.localized(shown), catalogue.scale(shown.scale), languages),
    });
  };
}

const PROBLEM_TEXTS: Readonly<Record<string, MessageKey>> = {
  'questionnaire-in-use': 'questionnaires.error.inUse',
};

/** The version an address names; else the draft, or the newest. @throws NotFoundError */
function versionOf({ published, draft }: QuestionnaireHistory, version?: string) {
  const all = [...published, ...(draft ? [draft] : [])];
  const found = version === undefined ? all.at(-1) : all.find((one) => String(one.version) === version);
  if (!found) throw new NotFoundError('There is no such version.');
  return found;
}

/** A version in the form that can be changed and uploaded again. */
function sendVersion({ questionnaires }: QuestionnairePageServices): RequestHandler {
  return async (req, res) => {
    const found = versionOf(await questionnaires.find(String(req.params['id'])), String(req.params['version']));
    res.set('Cache-Control', 'no-store').attachment(`${found.id}-${found.version}.json`);
    res.type('application/json').send(`${JSON.stringify(contentOf(found), null, 2)}\n`);
  };
}

/** What cannot be undone, or reaches every kiosk, is asked first. */
function askFirst({ questionnaires }: QuestionnairePageServices, act: (typeof ACTS)[number]): RequestHandler {
  return async (req, res) => {
    const history = await questionnaires.find(String(req.params['id']));
    const { published, draft, id } = history;
    const newest = published.at(-1);
    const isDraftAct = act === 'publish' || act === 'discard';
    const about = isDraftAct ? draft : newest;
    const fits = act === 'reinstate' ? 'retired' : isDraftAct ? 'draft' : 'published';
    if (!about || stateOf(about) !== fits) throw new NotFoundError();
    const { lang, t } = res.locals;
    const problems = act === 'publish' ? await questionnaires.problemsOf(contentOf(about)) : [];
    const kiosks = await questionnaires.kiosksOf(id);
    res.render('questionnaires/ask', {
      act,
      line: listLine(history, lang, t),
      version: about.version,
      revision: about.revision ?? null,
      kiosks,
      kioskNames: kioskNames(kiosks, t),
      isBlocked: problems.length > 0 || (act === 'retire' && (kiosks.length > 0 || questionnaires.isDefault(id))),
      errors: problems.map((problem) => fileError(problem, t)),
    });
  };
}

/** Does something, and goes to the page that says so, or why not. */
function change(done: string, act: (id: string, revision: number) => Promise<void>): RequestHandler {
  return async (req, res) => {
    const id = String(req.params['id']);
    try {
      await act(id, Number(textInput(req)['revision'] ?? 0));
    } catch (error) {
      if (error instanceof QuestionnaireError) res.redirect(303, `${pathOf(id)}/publish`);
      else if (error instanceof ConflictError) res.redirect(303, `${pathOf(id)}?problem=${error.type}`);
      else throw error;
      return;
    }
    res.redirect(303, afterwards(id, done));
  };
}

/** A first draft that was thrown away has no page any more. */
function afterwards(id: string, done: string): string {
  if (done === 'edit') return `${pathOf(id)}/edit`;
  return done === 'discarded' ? `${QUESTIONNAIRES_PATH}?done=${done}` : `${pathOf(id)}?done=${done}`;
}
