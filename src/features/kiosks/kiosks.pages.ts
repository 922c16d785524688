import { randomUUID } from 'node:crypto';
import compression from 'compression';
import { Router, urlencoded, type Request, type RequestHandler, type Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { body, query } from 'express-validator';
import type { Questionnaire } from '../../domain/questionnaire.js';
import { BadRequestError } from '../../errors.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import { inputErrors, textInput } from '../request-input.js';
import { characterCount } from '../validation.js';
import { COMMENT_MAX } from '../responses/responses.validators.js';
import type { DraftService } from './drafts.service.js';
import { DEVICE_COOKIE, deviceOf, findDevice, type Device, type KioskAccessServices } from './kiosks.access.js';
import { kioskDeviceRoutes, pageVersion, type KioskDeviceServices } from './kiosks.device.js';
import type { DraftRecord } from './kiosks.model.js';
import { levelsToAskWhy, ratePage, reasonsPage, restPage, returnHeader, setupOf } from './kiosks.views.js';

export type KioskPageServices = KioskAccessServices & KioskDeviceServices & { readonly drafts: DraftService };

const COOKIE_LIFETIME_MS = 400 * 24 * 3_600_000;
const MAX_REASONS = 3;
/** Without a script there is no countdown; people get this much longer. Shorter than a draft's life. */
const REASONS_SECONDS = 60;

/** The kiosk's screens (contract §4), which work without JavaScript. */
export function kioskPages(services: KioskPageServices): Router {
  const router = Router();
  const form = urlencoded({ extended: false, limit: '16kb' });
  const guess = rateLimit({ windowMs: 60_000, limit: 20, standardHeaders: true, legacyHeaders: false });
  const findKiosk = findDevice(services);
  const atKiosk = [findKiosk, requireKiosk];
  router.use('/kiosk', compression());
  router.get(
    '/kiosk/pair/:code',
    guess,
    pair(services, (req) => String(req.params['code'])),
  );
  router.post(
    '/kiosk/pair',
    guess,
    form,
    body('code').isString(),
    pair(services, (req) => textInput(req)['code'] ?? ''),
  );
  router.get('/kiosk', atKiosk, showRest(services));
  router.get('/kiosk/queue', atKiosk, showQueue(services));
  router.post('/kiosk/answers', form, atKiosk, answerFields, postAnswer(services));
  router.get('/kiosk/question', atKiosk, query('draft').isUUID('loose'), query('step').isInt(), showQuestion(services));
  router.get('/kiosk/reasons', atKiosk, query('draft').isUUID('loose'), showReasons(services));
  router.post('/kiosk/reasons', form, atKiosk, reasonFields, postReasons(services));
  router.get('/kiosk/thanks', atKiosk, showThanks);
  router.use(kioskDeviceRoutes(services, findKiosk));
  return router;
}

const answerFields = [
  body('responseId').isUUID('loose'),
  body('item').isString().isLength({ min: 1, max: 64 }),
  body('level').optional().isInt({ min: 1, max: 9 }),
  body('skip').optional().isString(),
];

const reasonFields = [
  body('responseId').isUUID('loose'),
  body('reasons').optional().toArray(),
  body('reasons.*').isString().isLength({ max: 64 }),
  body('comment').optional().isString(),
  body('skip').optional().isString(),
];

/** A device that is no kiosk yet is asked for its pairing code. */
const requireKiosk: RequestHandler = (_req, res, next) => {
  if (deviceOf(res)) next();
  else res.render('kiosk/pair', { error: null });
};

function kioskLocals(res: Response): Device {
  const device = deviceOf(res);
  if (!device) throw new Error('requireKiosk did not run');
  return device;
}

function pair({ kiosks }: KioskPageServices, codeOf: (req: Request) => string): RequestHandler {
  return async (req, res) => {
    // Whoever only looks whether the link works, as previews of messages do, must not take the kiosk.
    if (req.method === 'HEAD') return void res.end();
    const paired = await kiosks.pair(codeOf(req));
    if (!paired) {
      res.status(404).render('kiosk/pair', { error: res.locals.t('kiosk.pair.error') });
      return;
    }
    // Lax, not strict: the pairing link may be opened from a QR code or a message.
    const cookie = { httpOnly: true, sameSite: 'lax', secure: req.secure, maxAge: COOKIE_LIFETIME_MS } as const;
    res.cookie(DEVICE_COOKIE, paired.token, cookie).redirect(303, '/kiosk');
  };
}

function showRest(services: KioskPageServices): RequestHandler {
  return (_req, res) => {
    const { kiosk, centreName } = kioskLocals(res);
    const setup = deviceSetup(services, res);
    // Not no-store: a citizen who goes back must find the same page, whose id makes a second tap the same answer.
    res.set({ 'Kiosk-Version': setup.version, 'Cache-Control': 'no-cache' });
    if (kiosk.paused) {
      res.render('kiosk/paused', { centreName, setup });
      return;
    }
    const screens = restPage(
      { ...kioskLocals(res), setup, ...reasonLimits(kiosk.settings.idleSeconds) },
      res.locals.lang,
    );
    // Whoever switched the language and left must not leave it to the next citizen; the script sees to that itself.
    const refreshWithoutScript = res.locals.lang === 'vi' ? null : returnHeader(kiosk.settings.idleSeconds);
    const more = { setup, ...screens, refreshWithoutScript };
    renderQuestion(services, res, { responseId: randomUUID(), step: 1, draft: null }, more);
  };
}

/** Staff's view of what the device still holds; the page's script fills it in. */
function showQueue(services: KioskPageServices): RequestHandler {
  return (_req, res) => {
    const setup = deviceSetup(services, res);
    res.set({ 'Kiosk-Version': setup.version, 'Cache-Control': 'no-store' });
    res.render('kiosk/queue', { centreName: kioskLocals(res).centreName, setup });
  };
}

function deviceSetup({ catalogue }: KioskPageServices, res: Response) {
  const device = kioskLocals(res);
  const scale = catalogue.scale(device.questionnaire.scale);
  return setupOf(device, scale, { version: pageVersion(device, res), maxReasons: MAX_REASONS }, res.locals.lang);
}

function reasonLimits(returnSeconds: number) {
  return { maxReasons: MAX_REASONS, commentMaxLength: COMMENT_MAX, returnSeconds };
}

function postAnswer({ drafts, catalogue }: KioskPageServices): RequestHandler {
  return async (req, res) => {
    const { kiosk, questionnaire } = kioskLocals(res);
    const { responseId, item, level } = validFields(req);
    const position = questionnaire.items.findIndex(({ code }) => code === item);
    const levels = catalogue.scale(questionnaire.scale).levels;
    const chosen = level === undefined ? undefined : levels.find(({ code }) => code === Number(level));
    if (responseId === undefined || item === undefined || position < 0 || (level !== undefined && !chosen)) {
      throw new BadRequestError('The answer does not belong to this questionnaire.');
    }
    const answers = chosen ? { [item]: chosen.code } : {};
    const draft = await drafts.answer(responseId.toLowerCase(), kiosk, res.locals.lang, answers);
    if (!draft) {
      res.redirect(303, '/kiosk/thanks');
      return;
    }
    if (position + 1 < questionnaire.items.length) {
      res.redirect(303, `/kiosk/question?draft=${draft._id}&step=${position + 2}`);
      return;
    }
    if (asksWhy(draft, questionnaire, catalogue)) {
      res.redirect(303, `/kiosk/reasons?draft=${draft._id}`);
      return;
    }
    await drafts.complete(draft);
    res.redirect(303, '/kiosk/thanks');
  };
}

function asksWhy(draft: DraftRecord, questionnaire: Questionnaire, catalogue: CatalogueService): boolean {
  const levels = levelsToAskWhy(questionnaire, catalogue.scale(questionnaire.scale));
  return Object.values(draft.answers).some((level) => levels.includes(level));
}

function showQuestion(services: KioskPageServices): RequestHandler {
  return async (req, res) => {
    const { kiosk } = kioskLocals(res);
    const { draft: id = '', step } = validFields(req);
    const draft = await services.drafts.find(id.toLowerCase(), kiosk.code);
    if (!draft) {
      res.redirect(303, '/kiosk');
      return;
    }
    res.set('Refresh', returnHeader(kiosk.settings.idleSeconds));
    renderQuestion(services, res, { responseId: draft._id, step: Number(step), draft });
  };
}

function renderQuestion(
  { catalogue }: KioskPageServices,
  res: Response,
  at: { responseId: string; step: number; draft: DraftRecord | null },
  more: object = {},
): void {
  const { questionnaire, centreName } = kioskLocals(res);
  const item = questionnaire.items[at.step - 1];
  if (!item) return res.redirect(303, '/kiosk');
  const several = questionnaire.items.length > 1;
  const page = ratePage(
    {
      centreName,
      question: item.text,
      scale: catalogue.scale(questionnaire.scale),
      responseId: at.responseId,
      itemCode: item.code,
      progress: several ? { step: at.step, of: questionnaire.items.length } : null,
      canSkip: several,
      draftId: at.draft?._id ?? null,
    },
    res.locals.lang,
  );
  res.render('kiosk/rate', { ...page, ...more });
}

function showReasons({ drafts }: KioskPageServices): RequestHandler {
  return async (req, res) => {
    const { kiosk } = kioskLocals(res);
    const { draft: id = '' } = validFields(req);
    const draft = await drafts.find(id.toLowerCase(), kiosk.code);
    if (!draft) {
      res.redirect(303, '/kiosk');
      return;
    }
    renderReasons(res, draft._id);
  };
}

function renderReasons(
  res: Response,
  responseId: string,
  given: { selected?: readonly string[]; comment?: string; error?: string } = {},
): void {
  const { questionnaire, centreName } = kioskLocals(res);
  const { reasons } = questionnaire;
  const limits = reasonLimits(REASONS_SECONDS);
  res.set('Refresh', returnHeader(REASONS_SECONDS));
  res.render('kiosk/reasons', reasonsPage({ centreName, responseId, reasons, ...limits, ...given }, res.locals.lang));
}

function postReasons({ drafts }: KioskPageServices): RequestHandler {
  return async (req, res) => {
    const { kiosk, questionnaire } = kioskLocals(res);
    const { responseId = '', comment: rawComment = '', skip } = validFields(req);
    const draft = await drafts.find(responseId.toLowerCase(), kiosk.code);
    // Completed already, because it was due or sent twice.
    if (!draft) {
      res.redirect(303, '/kiosk/thanks');
      return;
    }
    const selected = skip === undefined ? chosenReasons(req, questionnaire) : [];
    const comment = skip === undefined ? plainComment(rawComment) : '';
    const error = reasonsError(selected, comment, res);
    if (error !== null) {
      res.status(422);
      renderReasons(res, draft._id, { selected, comment, error });
      return;
    }
    await drafts.complete(draft, { reasons: selected, comment });
    res.redirect(303, '/kiosk/thanks');
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

const showThanks: RequestHandler = (_req, res) => {
  const { centreName, kiosk } = kioskLocals(res);
  const { thanksSeconds } = kiosk.settings;
  res.set('Refresh', returnHeader(thanksSeconds));
  res.render('kiosk/thanks', { centreName, returnSeconds: thanksSeconds });
};

function validFields(req: Request) {
  const errors = inputErrors(req);
  if (errors.length > 0) throw new BadRequestError('The form is not complete.', errors);
  return textInput(req);
}
