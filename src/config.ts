import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join, resolve } from 'node:path';
import { MongoClient } from 'mongodb';
import { z } from 'zod';
import { isNetwork } from './domain/networks.js';
import { hasCode } from './errors.js';

/** In the data directory: the secret of an installation that was given none. */
export const SECRET_FILE = 'secret';

export const REQUIRE_TOTP = ['none', 'admin', 'all'] as const;
export type RequireTotp = (typeof REQUIRE_TOTP)[number];

/** How long what could lead to a person is kept, in months. */
export interface RetentionRules {
  readonly commentMonths: number;
  readonly dossierMonths: number;
}

/** The provider of sign-in by OpenID Connect. */
export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The claim that holds the name an administrator enters for a person. */
  readonly claim: string;
  /** What the link on the sign-in page says; unset: the product's own words. */
  readonly name: string | undefined;
}

/** What an office decides, on a page where the environment does not. */
export interface Settings extends RetentionRules {
  /** Whose accounts need a second factor. */
  readonly requireTotp: RequireTotp;
  /** Whether the score of 9 indicators and 18 points is offered. */
  readonly tthcScore: boolean;
}

/** Least and most of each setting that is a number. */
export const MONTHS = { commentMonths: [1, 240], dossierMonths: [12, 240] } as const;

/** What the environment decides, parsed once. */
export interface Config {
  readonly host: string;
  readonly port: number;
  /** Unset: the embedded database in `dataDir`. */
  readonly mongodbUri: string | undefined;
  readonly dataDir: string;
  /** 32+ bytes; signs cookies and keys hashes. */
  readonly secret: string;
  /** Whether the environment holds the secret; else it is a file of the data directory. */
  readonly isSecretGiven: boolean;
  readonly adminPassword: string | undefined;
  /** Address shown in links and QR codes, without a trailing slash. */
  readonly publicUrl: string;
  /** Number of proxy hops in front of the server. */
  readonly trustProxy: number;
  readonly embeddedPort: number | undefined;
  /** Longest wait, in milliseconds, before a new response reaches the tallies. */
  readonly tallyIntervalMs: number;
  /** Private networks that webhooks may be sent to. */
  readonly webhookNetworks: readonly string[];
  /** Unset: accounts sign in by password alone. */
  readonly oidc: OidcConfig | undefined;
  /** The settings that the environment names win over stored ones; what neither names is as by default. */
  readonly settings: { readonly fixed: Partial<Settings>; readonly defaults: Settings };
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** A variable is missing or wrong; the message is the one line an administrator needs. */
export class ConfigError extends Error {}

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .refine((value) => value >= min && value <= max);
/** As addresses are written: IPv6 in brackets. */
const LOOPBACK_HOSTS = ['127.0.0.1', '[::1]', 'localhost'];
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

const variables = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(3000),
  MONGODB_URI: z.string().refine(isConnectionString).optional(),
  SIPAS_DATA_DIR: z.string().min(1).default('./var'),
  SIPAS_SECRET: z
    .string()
    .refine((text) => Buffer.byteLength(text) >= 32)
    .optional(),
  SIPAS_ADMIN_PASSWORD: z.string().min(8).optional(),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  TRUST_PROXY: wholeNumber(0, 10).default(0),
  SIPAS_EMBEDDED_PORT: wholeNumber(1, 65_535).optional(),
  SIPAS_TALLY_INTERVAL_MS: wholeNumber(10, 60_000).default(500),
  SIPAS_WEBHOOK_NETWORKS: z
    .string()
    .transform((text) => text.split(',').map((network) => network.trim()))
    .refine((networks) => networks.every(isNetwork))
    .default([]),
  SIPAS_COMMENT_MONTHS: wholeNumber(...MONTHS.commentMonths).optional(),
  SIPAS_DOSSIER_MONTHS: wholeNumber(...MONTHS.dossierMonths).optional(),
  SIPAS_REQUIRE_TOTP: z.enum(REQUIRE_TOTP).optional(),
  SIPAS_OIDC_ISSUER: z.string().refine(isIssuer).optional(),
  SIPAS_OIDC_CLIENT_ID: z.string().max(300).optional(),
  SIPAS_OIDC_CLIENT_SECRET: z.string().max(1000).optional(),
  SIPAS_OIDC_CLAIM: z
    .string()
    .regex(/^[\w:/.-]{1,100}$/)
    .optional(),
  SIPAS_OIDC_NAME: z.string().trim().min(1).max(60).optional(),
  SIPAS_TTHC_SCORE: z.enum(['on', 'off']).optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
});

const REQUIREMENTS: Record<keyof z.infer<typeof variables>, string> = {
  HOST: 'an address to listen on, such as 127.0.0.1',
  PORT: 'a port number from 0 to 65535',
  MONGODB_URI: 'a MongoDB connection string starting with mongodb:// or mongodb+srv://',
  SIPAS_DATA_DIR: 'a directory',
  SIPAS_SECRET: 'a secret of at least 32 bytes',
  SIPAS_ADMIN_PASSWORD: 'a password of at least 8 characters',
  PUBLIC_URL: 'an http:// or https:// address',
  TRUST_PROXY: 'the number of proxies in front of the server, 0 to 10',
  SIPAS_EMBEDDED_PORT: 'a port number from 1 to 65535',
  SIPAS_TALLY_INTERVAL_MS: 'a number of milliseconds from 10 to 60000',
  SIPAS_WEBHOOK_NETWORKS: 'addresses or networks such as 10.1.0.0/16,127.0.0.1',
  SIPAS_COMMENT_MONTHS: 'a number of months from 1 to 240',
  SIPAS_DOSSIER_MONTHS: 'a number of months from 12 to 240',
  SIPAS_REQUIRE_TOTP: `one of ${REQUIRE_TOTP.join(', ')}`,
  SIPAS_OIDC_ISSUER: 'the https:// address of an OpenID Connect provider (http:// on this machine only)',
  SIPAS_OIDC_CLIENT_ID: 'the name of this installation at the provider, at most 300 characters',
  SIPAS_OIDC_CLIENT_SECRET: 'the secret that the provider gave, at most 1000 characters',
  SIPAS_OIDC_CLAIM: 'the name of a claim, such as preferred_username, email or sub',
  SIPAS_OIDC_NAME: 'a text of 1 to 60 characters',
  SIPAS_TTHC_SCORE: 'on or off',
  LOG_LEVEL: `one of ${LOG_LEVELS.join(', ')}`,
};

/**
 * Reads the configuration from environment variables (contract §1).
 * An empty variable counts as unset.
 * @throws ConfigError naming the variable and what it must be
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = variables.safeParse(given);
  if (!parsed.success) throw new ConfigError(explain(parsed.error));
  const env = parsed.data;
  const dataDir = resolve(env.SIPAS_DATA_DIR);
  if (env.MONGODB_URI !== undefined && env.SIPAS_SECRET === undefined) {
    throw new ConfigError(`SIPAS_SECRET is required with MONGODB_URI: ${REQUIREMENTS.SIPAS_SECRET}.`);
  }
  return Object.freeze({
    host: env.HOST,
    port: env.PORT,
    mongodbUri: env.MONGODB_URI,
    dataDir,
    secret: env.SIPAS_SECRET ?? keptSecret(dataDir),
    isSecretGiven: env.SIPAS_SECRET !== undefined,
    adminPassword: env.SIPAS_ADMIN_PASSWORD,
    publicUrl: (env.PUBLIC_URL ?? `http://${displayHost(env.HOST)}:${env.PORT}`).replace(/\/+$/, ''),
    trustProxy: env.TRUST_PROXY,
    embeddedPort: env.SIPAS_EMBEDDED_PORT,
    tallyIntervalMs: env.SIPAS_TALLY_INTERVAL_MS,
    webhookNetworks: env.SIPAS_WEBHOOK_NETWORKS,
    oidc: oidcOf(env),
    settings: settingsOf(env, environment['NODE_ENV'] === 'production'),
    logLevel: env.LOG_LEVEL,
  });
}

const OIDC_REQUIRED = ['SIPAS_OIDC_ISSUER', 'SIPAS_OIDC_CLIENT_ID', 'SIPAS_OIDC_CLIENT_SECRET'] as const;
const OIDC_VARIABLES = [...OIDC_REQUIRED, 'SIPAS_OIDC_CLAIM', 'SIPAS_OIDC_NAME'] as const;

/** @throws ConfigError when only some of what belongs together is given */
function oidcOf(env: z.infer<typeof variables>): OidcConfig | undefined {
  const given = OIDC_VARIABLES.find((name) => env[name] !== undefined);
  if (given === undefined) return undefined;
  const required = (name: (typeof OIDC_REQUIRED)[number]): string => {
    const value = env[name];
    if (value === undefined) throw new ConfigError(`${name} is required with ${given}: ${REQUIREMENTS[name]}.`);
    return value;
  };
  return {
    issuer: required('SIPAS_OIDC_ISSUER'),
    clientId: required('SIPAS_OIDC_CLIENT_ID'),
    clientSecret: required('SIPAS_OIDC_CLIENT_SECRET'),
    claim: env.SIPAS_OIDC_CLAIM ?? 'preferred_username',
    name: env.SIPAS_OIDC_NAME,
  };
}

/** Secrets and proofs of who somebody is cross no network unencrypted. */
function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, search, hash } = new URL(text);
  if (username !== '' || search !== '' || hash !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK_HOSTS.includes(hostname));
}

function settingsOf(env: z.infer<typeof variables>, isProduction: boolean): Config['settings'] {
  const { SIPAS_COMMENT_MONTHS: commentMonths, SIPAS_DOSSIER_MONTHS: dossierMonths } = env;
  const { SIPAS_REQUIRE_TOTP: requireTotp, SIPAS_TTHC_SCORE: score } = env;
  return {
    fixed: {
      ...(commentMonths === undefined ? {} : { commentMonths }),
      ...(dossierMonths === undefined ? {} : { dossierMonths }),
      ...(requireTotp === undefined ? {} : { requireTotp }),
      ...(score === undefined ? {} : { tthcScore: score === 'on' }),
    },
    defaults: {
      commentMonths: 24,
      dossierMonths: 12,
      requireTotp: isProduction ? 'admin' : 'none',
      tthcScore: true,
    },
  };
}

function explain(error: z.ZodError): string {
  const name = String(error.issues[0]?.path[0]);
  const requirement = Object.entries(REQUIREMENTS).find(([variable]) => variable === name)?.[1];
  return `${name} must be ${requirement ?? 'valid'}.`;
}

/** Whether the driver would take it; nothing is connected to. */
function isConnectionString(text: string): boolean {
  try {
    return Boolean(new MongoClient(text, { runtimeAdapters: { os } }));
  } catch {
    return false;
  }
}

/** The address a person on this machine can open. */
function displayHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

/** The secret of an embedded installation: made once, kept readable by its owner only. */
function keptSecret(dataDir: string): string {
  const file = join(dataDir, SECRET_FILE);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    try {
      writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx', flush: true });
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    const secret = readFileSync(file, 'utf8').trim();
    if (Buffer.byteLength(secret) < 32) {
      throw new ConfigError(`SIPAS_SECRET must be ${REQUIREMENTS.SIPAS_SECRET}, but ${file} holds a shorter one.`);
    }
    return secret;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`SIPAS_DATA_DIR must be a directory this user can write: ${reason}.`);
  }
}
