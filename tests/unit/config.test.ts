import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, readConfig } from '../../src/config.js';

const SECRET = 'x'.repeat(32);
let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'sipas-config-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const read = (variables: NodeJS.ProcessEnv = {}) => readConfig({ SIPAS_DATA_DIR: dataDir, ...variables });

describe('without any variable', () => {
  it('the server listens on this machine alone, with the embedded database', () => {
    expect(read()).toMatchObject({
      ...{ host: '127.0.0.1', port: 3000, mongodbUri: undefined, publicUrl: 'http://127.0.0.1:3000', trustProxy: 0 },
      ...{ embeddedPort: undefined, tallyIntervalMs: 500, webhookNetworks: [], adminPassword: undefined, dataDir },
      ...{ isSecretGiven: false },
      settings: {
        fixed: {},
        defaults: { commentMonths: 24, dossierMonths: 12, requireTotp: 'none', tthcScore: true },
      },
    });
  });

  it('an empty variable counts as none', () => {
    expect(read({ PORT: '', MONGODB_URI: '', SIPAS_SECRET: '' })).toMatchObject({ port: 3000, mongodbUri: undefined });
  });

  it('the configuration cannot be changed', () => {
    expect(Object.isFrozen(read())).toBe(true);
  });
});

describe('the second factor', () => {
  it('is asked of administrators where NODE_ENV says production', () => {
    expect(read({ NODE_ENV: 'production' }).settings.defaults.requireTotp).toBe('admin');
  });

  it('is asked of whom the setting says', () => {
    const production = read({ NODE_ENV: 'production', SIPAS_REQUIRE_TOTP: 'none' });
    expect(production.settings.fixed).toEqual({ requireTotp: 'none' });
    expect(read({ SIPAS_REQUIRE_TOTP: 'all' }).settings.fixed).toEqual({ requireTotp: 'all' });
  });
});

describe('single sign-on', () => {
  const OIDC = {
    SIPAS_OIDC_ISSUER: 'https://sso.example.vn/realms/tinh',
    SIPAS_OIDC_CLIENT_ID: 'sipas',
    SIPAS_OIDC_CLIENT_SECRET: 'hunter2',
  };

  it('is off unless its three variables are given', () => {
    expect(read().oidc).toBeUndefined();
    expect(read(OIDC).oidc).toEqual({
      ...{ issuer: 'https://sso.example.vn/realms/tinh', clientId: 'sipas', clientSecret: 'hunter2' },
      ...{ claim: 'preferred_username', name: undefined },
    });
  });

  it('has a claim and a name of its own where they are given', () => {
    const own = { SIPAS_OIDC_CLAIM: 'email', SIPAS_OIDC_NAME: 'Đăng nhập của tỉnh' };
    expect(read({ ...OIDC, ...own }).oidc).toMatchObject({ claim: 'email', name: 'Đăng nhập của tỉnh' });
  });

  it.each(Object.keys(OIDC))('names %s when it alone lacks', (name) => {
    const attempt = () => read({ ...OIDC, [name]: undefined });
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(new RegExp(`^${name} is required with SIPAS_OIDC_`));
    expect(attempt).not.toThrow(/hunter2/);
  });

  it('names what lacks when only its name is given', () => {
    expect(() => read({ SIPAS_OIDC_NAME: 'SSO' })).toThrow(/^SIPAS_OIDC_ISSUER is required with SIPAS_OIDC_NAME: /);
  });

  it.each(['http://127.0.0.1:8080', 'http://localhost/realm', 'http://[::1]:1'])(
    'may be %s, on this machine',
    (issuer) => {
      expect(read({ ...OIDC, SIPAS_OIDC_ISSUER: issuer }).oidc?.issuer).toBe(issuer);
    },
  );
});

describe('the score of 9 indicators', () => {
  it('is offered unless the setting says otherwise', () => {
    expect(read().settings.defaults.tthcScore).toBe(true);
    expect(read({ SIPAS_TTHC_SCORE: 'off' }).settings.fixed).toEqual({ tthcScore: false });
  });
});

describe('a wrong variable is named, and what it must be:', () => {
  const wrong: Record<string, string[]> = {
    PORT: ['x', '-1', '65536', '3.5', '0x10', ' ', '1e3'],
    SIPAS_EMBEDDED_PORT: ['0', 'x', '65536', ' '],
    MONGODB_URI: [
      'localhost',
      'http://localhost',
      'mongodb://',
      'mongodb:///db',
      'mongodb://h:port/db',
      'mongodb://h/?w=-x&tls=9',
    ],
    SIPAS_SECRET: ['x'.repeat(31), 'ngắn'],
    SIPAS_ADMIN_PASSWORD: ['1234567'],
    PUBLIC_URL: ['example.com', 'ftp://example.com', 'javascript:alert(1)', 'http://'],
    TRUST_PROXY: ['true', '-1', '1.5', '11', ' '],
    SIPAS_WEBHOOK_NETWORKS: ['x', '10.0.0.0/33', '10.0.0.0/8,', '::1/129', '10.0.0.0/8/8', 'localhost'],
    SIPAS_REQUIRE_TOTP: ['yes', 'Admin', ' '],
    SIPAS_OIDC_ISSUER: [
      ...['http://sso.example.vn', 'sso.example.vn', 'ftp://127.0.0.1', 'http://127.0.0.1.example.vn', 'https://'],
      ...['https://sso.example.vn/?a=1', 'https://sso.example.vn/#a', 'https://u:p@sso.example.vn'],
    ],
    SIPAS_OIDC_CLAIM: ['preferred username', 'x'.repeat(101), '$'],
    SIPAS_OIDC_NAME: [' ', 'x'.repeat(61)],
    SIPAS_TTHC_SCORE: ['yes', 'ON', '0'],
    SIPAS_COMMENT_MONTHS: ['0', '241', '1.5', 'x', ' '],
    SIPAS_DOSSIER_MONTHS: ['11', '241', 'x'],
    SIPAS_TALLY_INTERVAL_MS: ['0', '9', '60001', 'x', '500ms', ' '],
  };
  const cases = Object.entries(wrong).flatMap(([name, values]) => values.map((value) => ({ name, value })));

  it.each(cases)('$name="$value"', ({ name, value }) => {
    const attempt = () => read({ SIPAS_SECRET: SECRET, [name]: value });
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(new RegExp(`^${name} must be [^\\n]+\\.$`));
  });

  it('SIPAS_DATA_DIR that is a file', () => {
    const file = join(dataDir, 'file');
    writeFileSync(file, '');
    expect(() => read({ SIPAS_DATA_DIR: file })).toThrow(/^SIPAS_DATA_DIR must be a directory/);
  });

  it('SIPAS_SECRET missing beside MONGODB_URI', () => {
    expect(() => read({ MONGODB_URI: 'mongodb://h/db' })).toThrow(/^SIPAS_SECRET is required with MONGODB_URI/);
  });

  it('a secret is not repeated in the message', () => {
    expect(() => read({ SIPAS_SECRET: 'hunter2' })).not.toThrow(/hunter2/);
    expect(() => read({ MONGODB_URI: 'http://user:hunter2@h' })).not.toThrow(/hunter2/);
  });
});

describe('the address shown in links', () => {
  it.each([
    [{ PUBLIC_URL: 'https://sipas.example.vn/' }, 'https://sipas.example.vn'],
    [{ HOST: '0.0.0.0', PORT: '8080' }, 'http://localhost:8080'],
    [{ HOST: '::' }, 'http://localhost:3000'],
    [{ HOST: '::1' }, 'http://[::1]:3000'],
  ])('with %j is %s', (variables, address) => {
    expect(read(variables).publicUrl).toBe(address);
  });
});

describe('the secret of an embedded installation', () => {
  it('is made once and used again', () => {
    const { secret } = read();
    expect(Buffer.byteLength(secret)).toBeGreaterThanOrEqual(32);
    expect(read().secret).toBe(secret);
  });

  it('differs between installations', () => {
    const other = mkdtempSync(join(tmpdir(), 'sipas-config-'));
    expect(read({ SIPAS_DATA_DIR: other }).secret).not.toBe(read().secret);
    rmSync(other, { recursive: true });
  });

  it('can be read by its owner alone', () => {
    read();
    expect(statSync(join(dataDir, 'secret')).mode & 0o777).toBe(0o600);
  });

  it('lies in a directory that only its owner may enter, when that is made for it', () => {
    const made = join(dataDir, 'new');
    read({ SIPAS_DATA_DIR: made });
    expect(statSync(made).mode & 0o777).toBe(0o700);
  });

  it('gives way to the one that is configured', () => {
    expect(read({ SIPAS_SECRET: SECRET }).secret).toBe(SECRET);
  });

  it('that was cut short is refused, not used', () => {
    read();
    const file = join(dataDir, 'secret');
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, 10));
    expect(() => read()).toThrow(/^SIPAS_SECRET must be a secret of at least 32 bytes/);
  });
});
