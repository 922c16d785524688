import type { ClientAuth, Configuration } from 'openid-client';
import type { Clock } from '../../clock.js';
import type { OidcConfig } from '../../config.js';
import { hasCode } from '../../errors.js';

/** So long may somebody be at the provider. */
export const FLOW_MS = 10 * 60_000;
/** Addresses and keys of a provider may change while the server runs. */
const LOOKED_UP_MS = 3_600_000;
const TIMEOUT_S = 5;
/** Longer names are nobody's. */
export const NAME_MAX = 200;

/** What a browser began, kept in its session until it comes back: nothing else is taken. */
export interface OidcFlow {
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE: the code is worth nothing without it. */
  readonly verifier: string;
  readonly since: number;
}

/** Who somebody is, as the provider has proved. */
export interface ProvedPerson {
  readonly issuer: string;
  /** Never given to another person of the issuer. */
  readonly subject: string;
  /** Their name there, which may change; null when the provider tells none. */
  name(): Promise<string | null>;
}

/** Why nobody is signed in. Only the audit and the log say so. */
export type RefusalReason = 'proof' | 'no name' | 'unknown name' | 'other person' | 'disabled';

/** Nobody is signed in by single sign-on. */
export class SignInRefused extends Error {
  constructor(
    readonly reason: RefusalReason,
    /** The account it was about, and the name at the provider, where they are known. */
    readonly about: { readonly username?: string; readonly name?: string } = {},
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/** The provider does not answer, or not as one. */
export class ProviderUnreachable extends Error {}

/** The provider of single sign-on, by the authorization code flow of OpenID Connect (docs/adr/0016). */
export class OidcProvider {
  /** What the link to it says; undefined: the product's own words. */
  readonly name: string | undefined;
  private found: { readonly provider: Promise<Configuration>; readonly until: number } | null = null;

  constructor(
    private readonly config: OidcConfig,
    /** Where it sends browsers back to. */
    private readonly redirectUri: string,
    private readonly now: Clock,
  ) {
    this.name = config.name;
  }

  /** The address to send a browser to, and what its session keeps meanwhile. @throws ProviderUnreachable */
  async begin(): Promise<{ readonly address: URL; readonly flow: OidcFlow }> {
    const client = await import('openid-client');
    const provider = await this.lookUp();
    const flow = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
      since: this.now().getTime(),
    };
    const address = client.buildAuthorizationUrl(provider, {
      redirect_uri: this.redirectUri,
      scope: this.scope(),
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
    });
    return { address, flow };
  }

  /**
   * Who came back, from the query of their return.
   * @throws SignInRefused when it does not belong to the flow or is no proof, ProviderUnreachable
   */
  async finish(flow: OidcFlow | undefined, query: string): Promise<ProvedPerson> {
    if (!flow || this.now().getTime() - flow.since >= FLOW_MS) throw new SignInRefused('proof');
    const { authorizationCodeGrant, fetchUserInfo } = await import('openid-client');
    const provider = await this.lookUp();
    const address = new URL(this.redirectUri);
    address.search = query;
    const tokens = await proving(() =>
      authorizationCodeGrant(provider, address, {
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        pkceCodeVerifier: flow.verifier,
        idTokenExpected: true,
      }),
    );
    const claims = tokens.claims();
    if (!claims) throw new SignInRefused('proof');
    const { iss: issuer, sub: subject } = claims;
    const name = async () =>
      this.nameIn(claims) ??
      this.nameIn(await proving(async () => fetchUserInfo(provider, tokens.access_token, subject)));
    return { issuer, subject, name };
  }

  private scope(): string {
    const { claim } = this.config;
    if (claim === 'sub') return 'openid';
    return claim === 'email' ? 'openid email' : 'openid profile';
  }

  /** An address that the provider has not verified may be anybody's. */
  private nameIn(claims: Readonly<Record<string, unknown>>): string | null {
    const { claim } = this.config;
    const value = claims[claim];
    if (claim === 'email' && claims['email_verified'] !== true) return null;
    if (typeof value !== 'string') return null;
    const name = value.normalize('NFC').trim();
    return name !== '' && name.length <= NAME_MAX ? name : null;
  }

  /** What the provider says of itself; asked once for all who wait, and again after a failure. */
  private async lookUp(): Promise<Configuration> {
    const now = this.now().getTime();
    const found = this.found && now < this.found.until ? this.found : null;
    const current = found ?? { provider: this.discover(), until: now + LOOKED_UP_MS };
    this.found = current;
    try {
      return await current.provider;
    } catch (cause) {
      if (this.found === current) this.found = null;
      throw new ProviderUnreachable('The provider of single sign-on was not found.', { cause });
    }
  }

  private async discover(): Promise<Configuration> {
    const client = await import('openid-client');
    const { issuer, clientId, clientSecret } = this.config;
    // Where a provider does not say which way it takes, the specification says that it takes the first.
    const authenticate: ClientAuth = (provider, ...request) => {
      const { token_endpoint_auth_methods_supported: ways = ['client_secret_basic'] } = provider;
      const way = ways.includes('client_secret_basic') ? client.ClientSecretBasic : client.ClientSecretPost;
      way(clientSecret)(provider, ...request);
    };
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out; only this machine may be without TLS
    const onThisMachine = issuer.startsWith('http:') ? [client.allowInsecureRequests] : [];
    const provider = await client.discovery(new URL(issuer), clientId, undefined, authenticate, {
      timeout: TIMEOUT_S,
      execute: [client.enableNonRepudiationChecks, ...onThisMachine],
    });
    // The library lets some services speak for many issuers, whose people may have any name.
    const found = provider.serverMetadata().issuer;
    if (new URL(found).href !== new URL(issuer).href) throw new Error(`The issuer calls itself ${found}.`);
    return provider;
  }
}

/** What is wrong with an answer has a code; a connection that fails or breaks has none. */
async function proving<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const hasNoCode = !(cause instanceof Error && 'code' in cause && cause.code !== undefined);
    if (hasNoCode || hasCode(cause, 'OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON')) {
      throw new ProviderUnreachable('The provider of single sign-on did not answer.', { cause });
    }
    throw new SignInRefused('proof', {}, { cause });
  }
}
