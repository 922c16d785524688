import type { RequestHandler, Response } from 'express';
import type { OpeningHours } from '../../domain/opening-hours.js';
import type { Questionnaire } from '../../domain/questionnaire.js';
import type { TokenService } from '../access/tokens.service.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { CentreService } from '../centres/centres.service.js';
import { cookieOf } from '../cookies.js';
import type { Kiosk, KioskService } from './kiosks.service.js';

export interface KioskAccessServices {
  readonly kiosks: KioskService;
  readonly centres: CentreService;
  readonly catalogue: CatalogueService;
  readonly tokens: TokenService;
}

/** The paired device that asks, and what it is for. */
export interface Device {
  readonly kiosk: Kiosk;
  readonly centreName: string;
  readonly questionnaire: Questionnaire;
  /** When its centre is open; null: nobody has said. */
  readonly hours: OpeningHours | null;
}

export const DEVICE_COOKIE = 'sipas_kiosk';

/** Finds the kiosk of the device that asks, if it is one. */
export function findDevice({ tokens, kiosks, centres, catalogue }: KioskAccessServices): RequestHandler {
  return async (req, res, next) => {
    const token = cookieOf(req, DEVICE_COOKIE);
    const identity = token === undefined ? undefined : (await tokens.principal(token))?.kiosk;
    const kiosk = identity && (await kiosks.find(identity.code));
    if (kiosk) {
      const centre = await centres.find(kiosk.centre);
      const questionnaire = catalogue.questionnaire(kiosk.questionnaire);
      if (!centre || !questionnaire) throw new Error(`Kiosk ${kiosk.code} lacks its centre or questionnaire`);
      const hours = (await centres.hoursOf([centre.code])).get(centre.code) ?? null;
      // At a closed centre every kiosk rests; what its devices still hold is taken.
      const shown = centre.closed ? { ...kiosk, paused: true } : kiosk;
      devices.set(res, { kiosk: shown, centreName: centre.name, questionnaire, hours });
    }
    next();
  };
}

const devices = new WeakMap<Response, Device>();

/** The device found by {@link findDevice}. */
export function deviceOf(res: Response): Device | undefined {
  return devices.get(res);
}
