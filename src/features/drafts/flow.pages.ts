import { Router, urlencoded, type Request, type RequestHandler, type Response } from 'express';
import { body, query } from 'express-validator';
import type { Questionnaire } from '../../domain/questionnaire.js';
import { BadRequestError } from '../../errors.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { ClipService } from '../clips/clips.service.js';
import { inputErrors, textInput } from '../request-input.js';
import type { ErrandService } from '../responses/errands.service.js';
import type { Outcome } from '../responses/responses.service.js';
import { COMMENT_MAX } from '../responses/responses.validators.js';
import { characterCount } from '../validation.js';
import type { DraftRecord } from './drafts.model.js';
import type { DraftService, Place } from './drafts.service.js';
import { levelsToAskWhy, ratePage, reasonsPage, returnHeader } from './flow.views.js';

export interface FlowServices {
  readonly clips: ClipService;
  readonly drafts: DraftService;
  readonly errands: ErrandService;
  readonly catalogue: CatalogueService;
}

/** After how many seconds a screen goes back to rest. */
export interface Returns {
  readonly question: number;
  readonly reasons: number;
  readonly thanks: number;
}

/** Where the screens of one citizen's flow lie and what they show. */
export interface Station extends Place {
  /** The path below which the screens lie. */
  readonly base: string;
  readonly centreName: string;
  /** Null: a phone, whose screens stay for as long as its owner likes. */
  readonly returns: Returns | null;
  /** Whether the counter may say in the address what the errand is. */
  readonly takesErrand: boolean;
}

export const MAX_REASONS = 3;

const stations = new WeakMap<Response, Station>();

/** Says where the flow of this request takes place. */
export function setStation(res: Response, station: Station): void {
  stations.set(res, station);
}

/** Where the flow of this request takes place. @throws when nobody has said so */
export function stationOf(res: Response): Station {
  const station = stations.get(res);
  if (!station) throw new Error('No station was set');
  return station;
}

/** The screens after the first one, by plain forms, below `path`; `findStation` sets the station of a request. */
export function flowRoutes(services: FlowServices, path: string, findStation: RequestHandler[]): Router {
  const router = Router();
  const form = urlencoded({ extended: false, limit: '16kb' });
  const draft = query('draft').isUUID('loose');
  router.post(`${path}/answers`, form, findStation, answerFields, postAnswer(services));
  router.get(`${path}/question`, findStation, draft, query('step').isInt(), showQuestion(services));
  router.get(`${path}/reasons`, findStation, draft, showReasons(services));
  router.post(`${path}/reasons`, form, findStation, reasonFields, postReasons(services));
  router.get(`${path}/thanks`, findStation, showEnd('kiosk/thanks'));
  router.get(`${path}/rated`, findStation, showEnd('kiosk/rated'));
  return router;
}

/** What a counter's link may say of the errand; a field that is not well-formed counts as not said. */
export const saidInAddress = [
  query('dossier').isString().isLength({ min: 1, max: 100 }),
  query('procedure').isString().isLength({ min: 1, max: 64 }),
  query('officer').isString().isLength({ min: 1, max: 64 }),
];

const answerFields = [
  body('responseId').isUUID('loose'),
  body('item').isString().isLength({ min: 1, max: 64 }),
  body('version').optional().isInt({ min: 1, max: 1_000_000 }),
  body('level').optional().isInt({ min: 1, max: 9 }),
  body('skip').optional().isString(),
  body('dossier').optional().isString().isLength({ max: 100 }),
  body(['procedure', 'officer']).optional().isString().isLength({ max: 64 }),
];

const reasonFields = [
  body('responseId').isUUID('loose'),
  body('reasons').optional().toArray(),
  body('reasons.*').isString().isLength({ max: 64 }),
  body('comment').optional().isString(),
  body('skip').optional().isString(),
];

function postAnswer(services: FlowServices): RequestHandler {
  const { drafts, errands, catalogue } = services;
  return async (req, res) => {
    const station = stationOf(res);
    const { base } = station;
    const { responseId, item, version, level, dossier, procedure, officer } = validFields(req);
    const questionnaire = await askedVersion(station.questionnaire, version, catalogue);
    const position = questionnaire.items.findIndex(({ code }) => code === item);
    const levels = catalogue.scale(questionnaire.scale).levels;
    const chosen = level === undefined ? undefined : levels.find(({ code }) => code === Number(level));
    if (responseId === undefined || item === undefined || position < 0 || (level !== undefined && !chosen)) {
      throw new BadRequestError('The answer does not belong to this questionnaire.');
    }
    const said = station.takesErrand ? errands.errandOf({ dossier, procedure, officer }) : {};
    const place = { ...station, questionnaire, errand: { ...station.errand, ...said } };
    const answers = chosen ? { [item]: chosen.code } : {};
    const draft = await drafts.answer(responseId.toLowerCase(), place, res.locals.lang, answers);
    res.redirect(303, `${base}/${draft ? await screenAfter(position, draft, services) : 'thanks'}`);
  };
}

/** What a page that shows a version asks, though a newer one may have been published since. */
async function askedVersion(newest: Questionnaire, version: string | undefined, catalogue: CatalogueService) {
  if (version === undefined) return newest;
  const named = { questionnaire: newest.id, version: Number(version) };
  await catalogue.know([named]);
  return catalogue.questionnaire(named.questionnaire, named.version) ?? newest;
}

/** What the citizen of a draft is asked to its end. */
function questionnaireOf({ questionnaire, version }: DraftRecord, catalogue: CatalogueService): Questionnaire {
  const asked = catalogue.questionnaire(questionnaire, version);
  if (!asked) throw new Error(`There is no questionnaire ${questionnaire} version ${version}`);
  return asked;
}

/** Where a citizen goes who has answered, or skipped, the question at a position. */
async function screenAfter(position: number, draft: DraftRecord, { drafts, catalogue }: FlowServices): Promise<string> {
  const questionnaire = questionnaireOf(draft, catalogue);
  if (position + 1 < questionnaire.items.length) return `question?draft=${draft._id}&step=${position + 2}`;
  if (asksWhy(draft, questionnaire, catalogue)) return `reasons?draft=${draft._id}`;
  return endAfter(await drafts.complete(draft));
}

function asksWhy(draft: DraftRecord, questionnaire: Questionnaire, catalogue: CatalogueService): boolean {
  const levels = levelsToAskWhy(questionnaire, catalogue.scale(questionnaire.scale));
  return Object.values(draft.answers).some((level) => levels.includes(level));
}

function endAfter(outcome: Outcome | null): string {
  return outcome === 'dossier-rated' ? 'rated' : 'thanks';
}

function showQuestion(services: FlowServices): RequestHandler {
  return async (req, res) => {
    const station = stationOf(res);
    const { draft: id = '', step } = validFields(req);
    const draft = await services.drafts.find(id.toLowerCase(), station);
    if (!draft) {
      res.redirect(303, station.base);
      return;
    }
    returnAfter(res, station.returns?.question);
    renderQuestion(services, res, { responseId: draft._id, step: Number(step), draft });
  };
}

/** Shows the question of a step, first is 1; `more` adds to what the page is given. */
export function renderQuestion(
  { catalogue, clips }: Pick<FlowServices, 'catalogue' | 'clips'>,
  res: Response,
  at: { responseId: string; step: number; draft: DraftRecord | null; said?: Readonly<Record<string, string>> },
  more: object = {},
): void {
  const { base, questionnaire: newest, centreName } = stationOf(res);
  const questionnaire = at.draft ? questionnaireOf(at.draft, catalogue) : newest;
  const item = questionnaire.items[at.step - 1];
  if (!item) return res.redirect(303, base);
  const several = questionnaire.items.length > 1;
  const scale = catalogue.scale(questionnaire.scale);
  const page = ratePage(
    {
      base,
      centreName,
      question: item.text,
      scale,
      clip: clips.ofQuestion(questionnaire, item.code, scale, res.locals.lang).question,
      responseId: at.responseId,
      itemCode: item.code,
      version: questionnaire.version,
      progress: several ? { step: at.step, of: questionnaire.items.length } : null,
      canSkip: several,
      draftId: at.draft?._id ?? null,
      said: at.said ?? {},
    },
    res.locals.lang,
  );
  res.render('kiosk/rate', { ...page, ...more });
}

function showReasons({ drafts, catalogue }: FlowServices): RequestHandler {
  return async (req, res) => {
    const station = stationOf(res);
    const { draft: id = '' } = validFields(req);
    const draft = await drafts.find(id.toLowerCase(), station);
    if (!draft) {
      res.redirect(303, station.base);
      return;
    }
    renderReasons(res, draft._id, questionnaireOf(draft, catalogue));
  };
}

function renderReasons(
  res: Response,
  responseId: string,
  { reasons }: Questionnaire,
  given: { selected?: readonly string[]; comment?: string; error?: string } = {},
): void {
  const { base, centreName, returns } = stationOf(res);
  returnAfter(res, returns?.reasons);
  const limits = reasonLimits(returns?.reasons ?? null);
  const input = { base, centreName, responseId, reasons, ...limits, ...given };
  res.render('kiosk/reasons', reasonsPage(input, res.locals.lang));
}

/** What may be said on the screen that asks why. */
export function reasonLimits(returnSeconds: number | null) {
  return { maxReasons: MAX_REASONS, commentMaxLength: COMMENT_MAX, returnSeconds };
}

function postReasons({ drafts, catalogue }: FlowServices): RequestHandler {
  return async (req, res) => {
    const station = stationOf(res);
    const { responseId = '', comment: rawComment = '', skip } = validFields(req);
    const draft = await drafts.find(responseId.toLowerCase(), station);
    // Completed already, because it was due or sent twice.
    if (!draft) {
      res.redirect(303, `${station.base}/thanks`);
      return;
    }
    const questionnaire = questionnaireOf(draft, catalogue);
    const selected = skip === undefined ? chosenReasons(req, questionnaire) : [];
    const comment = skip === undefined ? plainComment(rawComment) : '';
    const error = reasonsError(selected, comment, res);
    if (error !== null) {
      res.status(422);
      renderReasons(res, draft._id, questionnaire, { selected, comment, error });
      return;
    }
    const outcome = await drafts.complete(draft, { reasons: selected, comment });
    res.redirect(303, `${station.base}/${endAfter(outcome)}`);
  };
}

/** Forms send line ends as CRLF; a comment is kept with plain ones. */
function plainComment(text: string): string {
  return text.replaceAll('\r\n', '\n').trim().toWellFormed();
}

/** The reasons ticked that the questionnaire knows; a page made before a new version may hold others. */
function chosenReasons(req: Request, questionnaire: Questionnaire): string[] {
  const form: unknown = req.body;
  const sent: unknown = typeof form === 'object' && form !== null && 'reasons' in form ? form.reasons : [];
  const ticked = new Set(Array.isArray(sent) ? sent : [sent]);
  return questionnaire.reasons.map(({ code }) => code).filter((code) => ticked.has(code));
}

function reasonsError(selected: readonly string[], comment: string, res: Response): string | null {
  if (selected.length > MAX_REASONS) return res.locals.t('kiosk.reasons.tooMany', { max: MAX_REASONS });
  if (characterCount(comment) > COMMENT_MAX) return res.locals.t('kiosk.reasons.commentTooLong', { max: COMMENT_MAX });
  return null;
}

/** A screen that ends the flow. */
function showEnd(view: 'kiosk/thanks' | 'kiosk/rated'): RequestHandler {
  return (_req, res) => {
    const { centreName, returns } = stationOf(res);
    returnAfter(res, returns?.thanks);
    res.render(view, { centreName, returnSeconds: returns?.thanks ?? null });
  };
}

function returnAfter(res: Response, seconds: number | undefined): void {
  if (seconds !== undefined) res.set('Refresh', returnHeader(seconds));
}

/** The fields of a form or address that has passed its validators. @throws BadRequestError when one has not */
export function validFields(req: Request) {
  const errors = inputErrors(req);
  if (errors.length > 0) throw new BadRequestError('The form is not complete.', errors);
  return textInput(req);
}
