/**
 * What the kiosk's page and its server tell each other. Types only, so that the browser's side can share them.
 */

import type { OpeningHours } from '../../domain/opening-hours.js';

/** What the page carries for its script, besides the screens themselves. */
export interface KioskSetup {
  /** Changes with every part of the page: when the server names another one, the page is out of date. */
  readonly version: string;
  readonly kiosk: string;
  readonly centre: string;
  readonly counter: string | null;
  readonly lang: string;
  /** Language tags of the languages the page comes in; each is kept for offline use. */
  readonly languages: readonly string[];
  readonly questionnaire: string;
  readonly questionnaireVersion: number;
  readonly items: readonly {
    readonly code: string;
    readonly text: string;
    readonly lang: string;
    /** Address of its recording; null where there is none. */
    readonly clip: string | null;
  }[];
  /** Addresses of the levels' recordings, by level code. */
  readonly levelClips: Readonly<Record<string, string>>;
  /** Levels after which the screen asks why; empty where there is nothing to ask. */
  readonly levelsToAskWhy: readonly number[];
  readonly maxReasons: number;
  /** Rest screen without rating buttons: the kiosk was paused by staff. */
  readonly paused: boolean;
  /** When the centre is open; null: it has not said. Outside of them the screen says so, and takes ratings all the same. */
  readonly hours: OpeningHours | null;
  /** Without a tap for this long the screen warns, counts down and goes back to rest. */
  readonly idleSeconds: number;
  readonly thanksSeconds: number;
  /** A tap on the rest screen this soon after the rating before is not a new rating. */
  readonly repeatSeconds: number;
}

/** One citizen's answers as the device keeps and sends them; `response` has the fields of contract §3. */
export interface DeviceItem {
  readonly response: {
    readonly id: string;
    readonly questionnaire: string;
    readonly version: number;
    readonly answers: Readonly<Record<string, number>>;
    readonly reasons: readonly string[];
    readonly comment: string;
    /** Corrected by the clock's offset. */
    readonly capturedAt: string;
    readonly locale: string;
    readonly counter?: string;
    readonly dossier?: string;
    readonly procedure?: string;
    readonly officer?: string;
  };
  readonly device: {
    /** What the device's own clock said. */
    readonly capturedAt: string;
    /** Server's clock minus the device's, in milliseconds. */
    readonly offsetMs: number;
    /** Since the rating before on this device, in milliseconds; absent for the first. */
    readonly sincePreviousMs?: number;
  };
}

export interface BatchResult {
  readonly id: string | null;
  readonly status: 'stored' | 'duplicate' | 'conflict' | 'invalid';
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** What a device says of itself. */
export interface Heartbeat {
  readonly version: string;
  /** Answers not stored yet, and the age of the oldest in milliseconds. */
  readonly queued: number;
  readonly oldestMs: number | null;
  /** Answers the server refused; they stay on the device until staff has dealt with them. */
  readonly setAside: number;
  /** 0 to 1, where the browser tells. */
  readonly battery?: number;
}

export interface HeartbeatReply {
  /** The server's clock. */
  readonly now: string;
  readonly version: string;
  readonly kiosk: string;
}
