import { Router, urlencoded, type Request, type RequestHandler } from 'express';
import { body } from 'express-validator';
import { toString as qrCode } from 'qrcode';
import type { Clock } from '../../clock.js';
import { AppError, NotFoundError } from '../../errors.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import type { ScopeService } from '../access/scope.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { CentreService } from '../centres/centres.service.js';
import { inputErrors, textInput, type FormError } from '../request-input.js';
import { adminKioskPage, adminListPage } from './kiosks.admin.views.js';
import { kioskInScope } from './kiosks.routes.js';
import { SETTING_LIMITS, type Kiosk, type KioskService } from './kiosks.service.js';

export interface KioskAdminServices {
  readonly kiosks: KioskService;
  readonly scopes: ScopeService;
  readonly catalogue: CatalogueService;
  readonly centres: CentreService;
  readonly now: Clock;
}

const LIST = '/admin/kiosks';

/** Staff's pages about kiosks: which there are, how they are, pairing, pausing. `csrf` checks a form's token. */
export function kioskAdminPages(services: KioskAdminServices, csrf: RequestHandler): Router {
  const router = Router();
  const may = requireRight('kiosks:manage');
  const form = [may, urlencoded({ extended: false, limit: '16kb' }), csrf];
  const fields = ['centre', 'code', 'questionnaire', 'counter'].map((name) =>
    body(name).isString().isLength({ max: 64 }),
  );
  router.get(LIST, may, showList(services));
  router.post(LIST, form, fields, addKiosk(services));
  router.get(`${LIST}/:code`, may, showKiosk(services));
  router.get(`${LIST}/:code/qr.svg`, may, sendQr(services));
  router.post(
    `${LIST}/:code/pair`,
    form,
    change(services, (code) => services.kiosks.offerPairing(code)),
  );
  router.post(
    `${LIST}/:code/pause`,
    form,
    change(services, (code) => services.kiosks.setPaused(code, true)),
  );
  router.post(
    `${LIST}/:code/resume`,
    form,
    change(services, (code) => services.kiosks.setPaused(code, false)),
  );
  router.post(
    `${LIST}/:code/unpair`,
    form,
    change(services, (code) => services.kiosks.unpair(code)),
  );
  const chosen = body('questionnaire').isString().isLength({ max: 64 });
  router.post(`${LIST}/:code/questionnaire`, form, chosen, setQuestionnaire(services));
  const limits = Object.entries(SETTING_LIMITS).map(([name, max]) => body(name).isInt({ min: 0, max }));
  router.post(`${LIST}/:code/settings`, form, limits, setSettings(services));
  return router;
}

function showList(services: KioskAdminServices): RequestHandler {
  return async (req, res) => {
    res.render('kiosks/list', await listPage(services, req, {}, []));
  };
}

async function listPage(
  { kiosks, scopes, catalogue, centres: places, now }: KioskAdminServices,
  req: Request,
  values: Readonly<Record<string, string | undefined>>,
  errors: readonly FormError[],
) {
  const { centres } = await scopes.select(principalOf(req), {});
  const codes = centres.map(({ code }) => code);
  const closed = new Set(centres.flatMap((centre) => (centre.closed ? [centre.code] : [])));
  const found = await kiosks.ofCentres(codes);
  const list = found.map((kiosk) => (closed.has(kiosk.centre) ? { ...kiosk, paused: true } : kiosk));
  return adminListPage({
    kiosks: list,
    centres: centres.filter(({ code }) => !closed.has(code)),
    questionnaires: catalogue.offered(),
    hours: await places.hoursOf(list.map(({ centre }) => centre)),
    now: now(),
    values,
    errors,
  });
}

function addKiosk(services: KioskAdminServices): RequestHandler {
  return async (req, res) => {
    const { centre = '', code = '', questionnaire, counter } = textInput(req);
    try {
      await services.scopes.select(principalOf(req), { centre });
      await services.kiosks.add({
        centre,
        code,
        ...(questionnaire === undefined ? {} : { questionnaire }),
        ...(counter === undefined ? {} : { counter }),
      });
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      const found = error.errors.length > 0 ? error.errors : [{ path: 'code', message: error.message }];
      const errors = found.map(({ path, message }) => ({ field: path, message: `${path}: ${message}` }));
      res.status(422).render('kiosks/list', await listPage(services, req, textInput(req), errors));
      return;
    }
    res.redirect(303, `${LIST}/${encodeURIComponent(code)}`);
  };
}

function showKiosk(services: KioskAdminServices): RequestHandler {
  return async (req, res) => {
    const kiosk = await kioskInScope(services, req);
    res.render('kiosks/kiosk', await kioskPage(services, kiosk));
  };
}

async function kioskPage(
  { kiosks, centres, catalogue, now }: KioskAdminServices,
  kiosk: Kiosk,
  wrong: readonly string[] = [],
) {
  const hours = (await centres.hoursOf([kiosk.centre])).get(kiosk.centre);
  const page = adminKioskPage(kiosk, await kiosks.pairingOffer(kiosk.code), now(), hours);
  const isCentreClosed = (await centres.find(kiosk.centre))?.closed !== undefined;
  const others = catalogue.offered().filter(({ id }) => id !== kiosk.questionnaire);
  const choices = [...catalogue.versions(kiosk.questionnaire).slice(-1), ...others];
  const questionnaires = choices.map(({ id, title }) => ({ id, title: title.vi }));
  return { ...page, questionnaires, isCentreClosed, wrong };
}

function setSettings(services: KioskAdminServices): RequestHandler {
  return async (req, res) => {
    const kiosk = await kioskInScope(services, req);
    const wrong = inputErrors(req).map(({ path }) => path);
    if (wrong.length > 0) {
      res.status(422).render('kiosks/kiosk', await kioskPage(services, kiosk, [...new Set(wrong)]));
      return;
    }
    const given = Object.entries(textInput(req)).map(([name, value]) => [name, Number(value)] as const);
    await services.kiosks.configure(kiosk.code, Object.fromEntries(given));
    res.redirect(303, `${LIST}/${encodeURIComponent(kiosk.code)}`);
  };
}

function setQuestionnaire(services: KioskAdminServices): RequestHandler {
  return async (req, res) => {
    const kiosk = await kioskInScope(services, req);
    const { questionnaire = '' } = textInput(req);
    // What was retired while the page was open is no longer among the choices.
    if (!services.catalogue.offered().some(({ id }) => id === questionnaire)) {
      res.status(422).render('kiosks/kiosk', await kioskPage(services, kiosk, ['questionnaire']));
      return;
    }
    await services.kiosks.setQuestionnaire(kiosk.code, questionnaire);
    res.redirect(303, `${LIST}/${encodeURIComponent(kiosk.code)}`);
  };
}

/** The pairing link to scan; 404 without an open pairing code. */
function sendQr(services: KioskAdminServices): RequestHandler {
  return async (req, res) => {
    const offer = await services.kiosks.pairingOffer((await kioskInScope(services, req)).code);
    if (!offer) throw new NotFoundError();
    const svg = await qrCode(offer.pairUrl, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 });
    res.set('Cache-Control', 'no-store').type('image/svg+xml').send(svg);
  };
}

function change(services: KioskAdminServices, act: (code: string) => Promise<unknown>): RequestHandler {
  return async (req, res) => {
    const { code } = await kioskInScope(services, req);
    await act(code);
    res.redirect(303, `${LIST}/${encodeURIComponent(code)}`);
  };
}
