import { Router, urlencoded, type Request, type RequestHandler, type Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { body, query } from 'express-validator';
import { ConflictError } from '../../errors.js';
import { principalOf, requireRight } from '../access/access.middleware.js';
import { TRIES } from '../accounts/accounts.own.js';
import type { AccountService } from '../accounts/accounts.service.js';
import { textInput, type FormError, type TextInput } from '../request-input.js';
import type { RetentionService } from '../retention/retention.service.js';
import type { Installation } from './installation.js';
import { checkSettings, doubtsAbout, valuesOf, type Doubts } from './settings.form.js';
import { SETTINGS, type SettingsService, type SettingsState } from './settings.service.js';
import { confirmPage, SETTINGS_PATH, settingsPage } from './settings.views.js';

export interface SettingsPageServices {
  readonly settings: SettingsService;
  readonly installation: Installation;
  readonly retention: RetentionService;
  readonly accounts: AccountService;
}

/** An administrator's page about what the office decides, and what the installation runs with. `csrf` checks a form's token. */
export function settingsPages(services: SettingsPageServices, csrf: RequestHandler): Router {
  const router = Router();
  const may = requireRight('settings:manage');
  const form = [may, urlencoded({ extended: false, limit: '16kb' }), csrf];
  const fields = body([...SETTINGS, 'revision', 'confirm', 'present'])
    .optional()
    .isString()
    .isLength({ max: 1000 });
  const tries = rateLimit({
    ...TRIES,
    keyGenerator: (req) => principalOf(req).name,
    skip: (req) => textInput(req)['present'] === undefined,
  });
  router.get(SETTINGS_PATH, may, query('done').optional().isString(), showSettings(services));
  router.post(SETTINGS_PATH, form, fields, tries, changeSettings(services));
  return router;
}

function showSettings({ settings, installation }: SettingsPageServices): RequestHandler {
  return async (req, res) => {
    const state = await settings.state();
    const flash = textInput(req)['done'] === undefined ? null : res.locals.t('settings.done');
    const input = { state, values: valuesOf(state.current), errors: [], installation };
    res.render('settings/settings', { ...settingsPage(input, res.locals.t), flash });
  };
}

function changeSettings(services: SettingsPageServices): RequestHandler {
  const { settings, installation } = services;
  return async (req, res) => {
    const { t } = res.locals;
    const state = await settings.state();
    const values = textInput(req);
    const again = (status: number, shown: TextInput, errors: readonly FormError[]) => {
      const page = settingsPage({ state, values: shown, errors, installation }, t);
      res.status(status).render('settings/settings', { ...page, flash: null });
    };
    const checked = checkSettings(values, state);
    if (!checked.ok) {
      again(
        422,
        values,
        checked.problems.map(({ field, key, params }) => ({
          field,
          message: `${t(`settings.${field}`)}: ${t(key, params)}`,
        })),
      );
      return;
    }
    if (await isAskedFirst(services, state, { ...state.current, ...checked.wanted }, req, res)) return;
    try {
      await settings.change(Number(values['revision'] ?? -1), checked.wanted);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      again(409, valuesOf(state.current), [{ field: 'settings', message: t('settings.error.changed') }]);
      return;
    }
    res.redirect(303, `${SETTINGS_PATH}?done=1`);
  };
}

/** Asks about what cannot be undone, and who asks for less protection for their password; false once that is settled. */
async function isAskedFirst(
  { retention, accounts }: SettingsPageServices,
  state: SettingsState,
  wanted: SettingsState['current'],
  req: Request,
  res: Response,
): Promise<boolean> {
  const doubts = doubtsAbout(state.current, wanted);
  const { confirm, present, revision = '' } = textInput(req);
  if (!isAnyDoubt(doubts)) return false;
  const isKnown =
    !doubts.isWeaker || (present !== undefined && (await accounts.isPassword(principalOf(req).name, present)));
  if (confirm !== undefined && isKnown) return false;
  const { t, lang } = res.locals;
  const errors = confirm === undefined ? [] : [{ field: 'present', message: t('account.error.present') }];
  const expired = doubts.shorter.length > 0 ? await retention.due(wanted) : null;
  res.status(confirm === undefined ? 200 : 422);
  res.render('settings/confirm', confirmPage({ wanted, doubts, expired, revision, errors, lang }, t));
  return true;
}

function isAnyDoubt({ shorter, isWeaker }: Doubts): boolean {
  return shorter.length > 0 || isWeaker;
}
