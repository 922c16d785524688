import { randomUUID } from 'node:crypto';
import compression from 'compression';
import { Router, urlencoded, type Request, type RequestHandler, type Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { body } from 'express-validator';
import { isOpen } from '../../domain/opening-hours.js';
import { DRAFT_LIFETIME_MS } from '../drafts/drafts.service.js';
import {
  flowRoutes,
  MAX_REASONS,
  reasonLimits,
  renderQuestion,
  saidInAddress,
  setStation,
  type FlowServices,
  type Station,
} from '../drafts/flow.pages.js';
import { returnHeader } from '../drafts/flow.views.js';
import { textInput } from '../request-input.js';
import { DEVICE_COOKIE, deviceOf, findDevice, type Device, type KioskAccessServices } from './kiosks.access.js';
import { kioskDeviceRoutes, pageVersion, type KioskDeviceServices } from './kiosks.device.js';
import { restPage, setupOf } from './kiosks.views.js';

export type KioskPageServices = KioskAccessServices & KioskDeviceServices & FlowServices;

const COOKIE_LIFETIME_MS = 400 * 24 * 3_600_000;
/** Without a script there is no countdown; people get this much longer. Shorter than a draft's life. */
const REASONS_SECONDS = 60;

/** The kiosk's screens (contract §4), which work without JavaScript. */
export function kioskPages(services: KioskPageServices): Router {
  const router = Router();
  const form = urlencoded({ extended: false, limit: '16kb' });
  const guess = rateLimit({ windowMs: 60_000, limit: 20, standardHeaders: true, legacyHeaders: false });
  const findKiosk = findDevice(services);
  const atKiosk = [findKiosk, requireKiosk];
  const pairByLink = pair(services, (req) => ({ code: String(req.params['code']), replacing: false }));
  const pairByForm = pair(services, (req) => {
    const { code = '', replace } = textInput(req);
    return { code, replacing: replace !== undefined };
  });
  router.use('/kiosk', compression());
  router.get('/kiosk/pair/:code', guess, findKiosk, pairByLink);
  router.post('/kiosk/pair', guess, form, findKiosk, body(['code', 'replace']).isString(), pairByForm);
  router.get('/kiosk', atKiosk, saidInAddress, showRest(services));
  router.get('/kiosk/queue', atKiosk, showQueue(services));
  router.use(flowRoutes(services, '/kiosk', atKiosk));
  router.use(kioskDeviceRoutes(services, findKiosk));
  return router;
}

/** A device that is no kiosk yet is asked for its pairing code. */
const requireKiosk: RequestHandler = (_req, res, next) => {
  const device = deviceOf(res);
  if (!device) {
    res.render('kiosk/pair', { error: null });
    return;
  }
  setStation(res, stationAt(device));
  next();
};

function stationAt({ kiosk, centreName, questionnaire }: Device): Station {
  const { code, centre, counter, settings } = kiosk;
  return {
    key: code,
    base: '/kiosk',
    origin: { centre, kiosk: code, channel: 'kiosk' },
    questionnaire,
    errand: counter === null ? {} : { counter },
    centreName,
    returns: { question: settings.idleSeconds, reasons: REASONS_SECONDS, thanks: settings.thanksSeconds },
    takesErrand: true,
    flags: [],
    lifetimeMs: DRAFT_LIFETIME_MS,
  };
}

function kioskLocals(res: Response): Device {
  const device = deviceOf(res);
  if (!device) throw new Error('requireKiosk did not run');
  return device;
}

/** What was entered to pair this device. */
type Entered = (req: Request) => { readonly code: string; readonly replacing: boolean };

function pair({ kiosks }: KioskPageServices, entered: Entered): RequestHandler {
  return async (req, res) => {
    // Whoever only looks whether the link works, as previews of messages do, must not take the kiosk.
    if (req.method === 'HEAD') {
      res.end();
      return;
    }
    const { code, replacing } = entered(req);
    const pairing = await kiosks.pair(code, replacing);
    if (pairing.kind === 'unknown') {
      res.status(404).render('kiosk/pair', { error: res.locals.t('kiosk.pair.error') });
    } else if (pairing.kind === 'paired') {
      // Lax, not strict: the pairing link may be opened from a QR code or a message.
      const cookie = { httpOnly: true, sameSite: 'lax', secure: req.secure, maxAge: COOKIE_LIFETIME_MS } as const;
      res.cookie(DEVICE_COOKIE, pairing.token, cookie).redirect(303, '/kiosk');
    } else if (deviceOf(res)?.kiosk.code === pairing.kiosk) {
      // The device that it paired has opened it once more.
      res.redirect(303, '/kiosk');
    } else {
      res.status(409).render('kiosk/replace', { kiosk: pairing.kiosk, code: pairing.code });
    }
  };
}

function showRest(services: KioskPageServices): RequestHandler {
  return async (req, res) => {
    const { kiosk, centreName } = kioskLocals(res);
    const setup = deviceSetup(services, res);
    const said = saidIn(req);
    // Not no-store: a citizen who goes back must find the same page, whose id makes a second tap the same answer.
    res.set({ 'Kiosk-Version': setup.version, 'Cache-Control': 'no-cache' });
    if (kiosk.paused) {
      res.render('kiosk/paused', { centreName, setup });
      return;
    }
    const { dossier } = services.errands.errandOf(said);
    if (dossier && (await services.errands.isRated(dossier))) {
      res.redirect(303, '/kiosk/rated');
      return;
    }
    const { lang, largeText } = res.locals;
    const limits = reasonLimits(kiosk.settings.idleSeconds);
    const screens = restPage({ ...kioskLocals(res), base: '/kiosk', setup, ...limits }, lang);
    // Whoever chose another language or size and left must not leave it to the next citizen; the script sees to that
    // itself.
    const refreshWithoutScript = lang === 'vi' && !largeText ? null : returnHeader(kiosk.settings.idleSeconds);
    const opening = setup.hours ? { isClosed: !isOpen(setup.hours, services.now()) } : {};
    const more = { setup, ...screens, refreshWithoutScript, ...opening };
    renderQuestion(services, res, { responseId: randomUUID(), step: 1, draft: null, said }, more);
  };
}

/** What the counter's link says of the errand. */
function saidIn(req: Request): Readonly<Record<string, string>> {
  const given = Object.entries(textInput(req));
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Staff's view of what the device still holds; the page's script fills it in. */
function showQueue(services: KioskPageServices): RequestHandler {
  return (_req, res) => {
    const setup = deviceSetup(services, res);
    res.set({ 'Kiosk-Version': setup.version, 'Cache-Control': 'no-store' });
    res.render('kiosk/queue', { centreName: kioskLocals(res).centreName, setup });
  };
}

function deviceSetup({ catalogue, clips }: KioskPageServices, res: Response) {
  const device = kioskLocals(res);
  const scale = catalogue.scale(device.questionnaire.scale);
  const { lang, languages } = res.locals;
  const codes = languages.offered.map(({ code }) => code);
  const given = { version: pageVersion(device, res, clips), languages: codes, maxReasons: MAX_REASONS };
  const clipsOf = (item: string) => clips.ofQuestion(device.questionnaire, item, scale, lang);
  return setupOf(device, scale, given, clipsOf, lang);
}
