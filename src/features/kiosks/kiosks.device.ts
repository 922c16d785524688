import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Router, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { UnauthorizedError, ValidationError } from '../../errors.js';
import type { CatalogueService } from '../catalogue/catalogue.service.js';
import type { ClipService } from '../clips/clips.service.js';
import type { Flag } from '../flags/flags.model.js';
import { jsonBody } from '../json-body.js';
import { batchItems, knowQuestionnaires, receiveBatch } from '../responses/responses.batch.js';
import type { Arrival, ResponseService } from '../responses/responses.service.js';
import { checkResponse, type Checked } from '../responses/responses.validators.js';
import { fieldErrors } from '../validation.js';
import type { HeartbeatReply } from './device-contract.js';
import { deviceOf, type Device } from './kiosks.access.js';
import type { Kiosk, KioskService } from './kiosks.service.js';

export interface KioskDeviceServices {
  readonly kiosks: KioskService;
  readonly catalogue: CatalogueService;
  readonly responses: ResponseService;
  readonly clips: ClipService;
  readonly now: Clock;
}

const BATCH_BODY_LIMIT = '2mb';
const HEARTBEAT_BODY_LIMIT = '4kb';
const YEAR_MS = 366 * 24 * 3_600_000;

/** What the kiosk's script talks to; the device is known by its cookie. `atKiosk` finds it. */
export function kioskDeviceRoutes(services: KioskDeviceServices, atKiosk: RequestHandler): Router {
  const router = Router();
  const requireDevice: RequestHandler[] = [atKiosk, refuseStrangers];
  const known = knowQuestionnaires(services.catalogue);
  router.post('/kiosk/responses', requireDevice, jsonBody(BATCH_BODY_LIMIT), known, postResponses(services));
  router.post('/kiosk/heartbeat', requireDevice, jsonBody(HEARTBEAT_BODY_LIMIT), postHeartbeat(services));
  router.get('/kiosk/worker.js', sendWorker);
  return router;
}

const refuseStrangers: RequestHandler = (_req, res, next) => {
  if (!deviceOf(res)) throw new UnauthorizedError('This device is not paired with a kiosk.');
  next();
};

const itemShape = z.strictObject({
  response: z.unknown(),
  device: z.strictObject({
    capturedAt: z.iso.datetime({ error: 'must be an instant' }).transform((text) => new Date(text)),
    offsetMs: z
      .number()
      .min(-200 * YEAR_MS)
      .max(200 * YEAR_MS),
    sincePreviousMs: z.number().min(0).optional(),
  }),
});

/** The same check, service and answer as `POST /api/v1/responses/batch`, with the device's clock besides. */
function postResponses({ catalogue, responses, now }: KioskDeviceServices): RequestHandler {
  return async (req, res) => {
    const { kiosk } = requiredDevice(res);
    const receivedAt = now();
    const results = await receiveBatch(responses, batchItems(req.body), (item): Checked<Arrival> => {
      const parsed = itemShape.safeParse(item);
      if (!parsed.success) return { ok: false, errors: fieldErrors(parsed.error) };
      const { response, device } = parsed.data;
      const checked = checkResponse(response, catalogue, receivedAt);
      if (!checked.ok) return checked;
      const { capturedAt, offsetMs, sincePreviousMs } = device;
      const flags: readonly Flag[] = tooFast(kiosk, sincePreviousMs) ? ['too-fast'] : [];
      const origin = { centre: kiosk.centre, kiosk: kiosk.code, channel: 'kiosk' } as const;
      return { ok: true, value: { input: checked.value, origin, device: { capturedAt, offsetMs }, flags } };
    });
    res.set('Cache-Control', 'no-store').json({ results });
  };
}

function tooFast({ settings }: Kiosk, sincePreviousMs: number | undefined): boolean {
  return sincePreviousMs !== undefined && sincePreviousMs < settings.flagSeconds * 1000;
}

const heartbeatShape = z.strictObject({
  version: z.string().max(64),
  queued: z.int().min(0),
  oldestMs: z.number().min(0).nullable(),
  setAside: z.int().min(0),
  battery: z.number().min(0).max(1).optional(),
});

function postHeartbeat({ kiosks, clips, now }: KioskDeviceServices): RequestHandler {
  return async (req, res) => {
    const device = requiredDevice(res);
    const parsed = heartbeatShape.safeParse(req.body);
    if (!parsed.success) throw new ValidationError(fieldErrors(parsed.error));
    const { battery, ...seen } = parsed.data;
    await kiosks.noteSeen(device.kiosk.code, { ...seen, ...(battery === undefined ? {} : { battery }) });
    const reply: HeartbeatReply = {
      now: now().toISOString(),
      version: pageVersion(device, res, clips),
      kiosk: device.kiosk.code,
    };
    res.set('Cache-Control', 'no-store').json(reply);
  };
}

/** Names everything a kiosk's pages are made of; the built script carries the build of the views and texts. */
export function pageVersion(
  { kiosk, centreName, questionnaire, hours }: Device,
  res: Response,
  clips: ClipService,
): string {
  const { asset, demo, languages, commentMonths } = res.locals;
  const settled = { ...kiosk, lastSeen: null };
  const parts = [
    asset('kiosk.js'),
    asset('kiosk.css'),
    settled,
    centreName,
    questionnaire,
    hours,
    demo,
    commentMonths,
    languages.fingerprint,
    clips.fingerprint,
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** The worker must be able to serve `/kiosk` itself, which lies above its own address. */
const sendWorker: RequestHandler = (_req, res, next) => {
  res.set({ 'Service-Worker-Allowed': '/kiosk', 'Cache-Control': 'no-cache' });
  res.sendFile(res.locals.asset('kiosk-worker.js'), { root: WORKER_ROOT, cacheControl: false }, next);
};

const WORKER_ROOT = join(__dirname, '../../../public/build');

function requiredDevice(res: Response): Device {
  const device = deviceOf(res);
  if (!device) throw new UnauthorizedError('This device is not paired with a kiosk.');
  return device;
}
