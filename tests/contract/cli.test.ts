import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSync } from 'otplib';
import request from 'supertest';
import { NOON, openTestApp, type TestApp } from '../helpers/app.js';
import { cliOn, type Cli } from '../helpers/cli.js';

const PASSWORD = 'mật khẩu dài';
const COMMANDS = [
  'user add',
  'user list',
  'user disable',
  'user factor',
  'token create',
  'token list',
  'token revoke',
  'centre add',
  'centre import',
  'centre hours',
  'centre close',
  'centre reopen',
  'kiosk add',
  'kiosk list',
  'kiosk pair',
  'kiosk pause',
  'kiosk resume',
  'kiosk set',
  'kiosk unpair',
  'ticket create',
  'ticket recall',
  'import responses',
  'import dossiers',
  'import counters',
  'import units',
  'import indices',
  'webhook add',
  'webhook list',
  'webhook remove',
  'export criteria',
  'export responses',
  'export satisfaction',
  'locale check',
  'locale template',
  'recount',
  'audit list',
  'audit verify',
  'retention',
  'db check',
  'db backup',
  'db move',
  'demo',
  'help',
];

let app: TestApp;
let directory: string;
let sipas: Cli;

beforeAll(async () => {
  app = await openTestApp();
  directory = await mkdtemp(join(tmpdir(), 'sipas-cli-'));
  sipas = cliOn({ MONGODB_URI: app.uri, PUBLIC_URL: 'https://hailong.example' }, directory);
  await app.services.centres.add({ code: 'TT1', name: 'Trung tâm 1', unit: '22' });
  await app.services.kiosks.add({ centre: 'TT1', code: 'TT1-K1' });
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await app.close();
});

describe('sipas help', () => {
  test('names every command', async () => {
    const commands: { name: string }[] = await sipas.json(['help']);
    expect(commands.map(({ name }) => name).sort()).toEqual([...COMMANDS].sort());
  });

  test('shows the usage of one command', async () => {
    const { code, stdout } = await sipas.run(['help', 'user', 'add']);
    expect({ code, usage: stdout.split('\n')[0] }).toEqual({
      code: 0,
      usage: 'Usage: sipas user add --username U --role R [--scope CODE] [--must-change] --password-stdin [--json]',
    });
  });

  test('is also what --help after a command shows', async () => {
    const [asked, helped] = [await sipas.run(['recount', '--help']), await sipas.run(['help', 'recount'])];
    expect(asked).toEqual(helped);
  });
});

describe('a wrong command line', () => {
  test.each([
    ['no command', []],
    ['an unknown command', ['nonsense']],
    ['help on an unknown command', ['help', 'nonsense']],
    ['an unknown option', ['user', 'list', '--nonsense']],
    ['an unknown role', ['token', 'create', '--name', 'x', '--role', 'boss']],
    ['a kiosk token without a scope', ['token', 'create', '--name', 'x', '--role', 'kiosk']],
    ['a password as an option', ['user', 'add', '--username', 'x', '--role', 'admin', '--password', 'secret-secret']],
    ['a format not offered', ['export', 'responses', '--format', 'pdf']],
    ['a day that does not exist', ['export', 'responses', '--from', '2025-02-29']],
    ['a JSON document and a CSV on one output', ['export', 'responses', '--json']],
  ])('%s ends with 2, the usage on stderr and nothing on stdout', async (_, words) => {
    const { code, stdout, stderr } = await sipas.run(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^sipas: .+\n[^]*\nUsage: sipas /);
  });
});

describe('a failure', () => {
  test('is one line on stderr and exit 1', async () => {
    const { code, stdout, stderr } = await sipas.run(['user', 'disable', 'nobody']);
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: 'sipas: There is no account nobody.\n' });
  });

  test('of the configuration names the variable', async () => {
    const { code, stderr } = await cliOn({ MONGODB_URI: 'nonsense' }, directory).run(['user', 'list']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'sipas: MONGODB_URI must be a MongoDB connection string starting with mongodb:// or mongodb+srv://.\n',
    });
  });
});

describe('sipas user', () => {
  const add = (username: string, role: string, input: string, ...more: string[]) =>
    sipas.run(['user', 'add', '--username', username, '--role', role, '--password-stdin', ...more], input);

  test('add makes an account that signs in with the password from standard input', async () => {
    await add('lan', 'viewer', `${PASSWORD}\n`);
    expect(await app.services.accounts.signIn('lan', PASSWORD)).toMatchObject({
      principal: { name: 'lan', role: 'viewer' },
    });
  });

  test('add takes away one line end and no more', async () => {
    await add('hoa', 'viewer', `${PASSWORD}\n\n`);
    expect(await app.services.accounts.signIn('hoa', `${PASSWORD}\n`)).not.toBeNull();
  });

  test('add prints the account as JSON, without the password', async () => {
    const words = ['user', 'add', '--username', 'Mai', '--role', 'manager', '--scope', 'TT1', '--password-stdin'];
    expect(await sipas.json(words, PASSWORD)).toEqual({ username: 'mai', role: 'manager', scope: 'TT1' });
  });

  test('add refuses a scope that does not exist', async () => {
    const { code, stderr } = await add('an', 'viewer', PASSWORD, '--scope', 'NONE');
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'sipas: There is no unit or centre NONE.\n' });
  });

  test('add refuses a short password', async () => {
    const { code, stderr } = await add('an', 'viewer', 'short\n');
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'sipas: password: must be at least 8 characters\n' });
  });

  test('add refuses one of the commonest passwords', async () => {
    const { code, stderr } = await add('an', 'viewer', 'iloveyou\n');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'sipas: password: is one of the first that anyone would guess\n',
    });
  });

  test('add refuses a name that is taken', async () => {
    await add('taken', 'viewer', PASSWORD);
    expect((await add('taken', 'admin', PASSWORD)).code).toBe(1);
  });

  test('disable keeps the account from signing in, and list says so', async () => {
    await add('left', 'viewer', PASSWORD);
    expect(await sipas.json(['user', 'disable', 'left'])).toEqual({ username: 'left', disabled: true });
    expect(await app.services.accounts.signIn('left', PASSWORD)).toBeNull();
    const accounts: unknown[] = await sipas.json(['user', 'list']);
    expect(accounts).toContainEqual({
      username: 'left',
      role: 'viewer',
      scope: null,
      createdAt: expect.any(String),
      disabled: true,
      secondFactor: false,
    });
  });
});

describe('sipas token', () => {
  test('create prints the token alone on stdout, and it works over HTTP', async () => {
    const words = ['token', 'create', '--name', 'bi', '--role', 'manager', '--scope', '22'];
    const { stdout } = await sipas.run(words);
    const answer = await request(app.app)
      .get('/api/v1/reports/satisfaction')
      .set('Authorization', `Bearer ${stdout.trim()}`);
    expect(answer.status).toBe(200);
  });

  test('create for a kiosk speaks for that kiosk', async () => {
    const { token } = await sipas.json(['token', 'create', '--name', 'k', '--role', 'kiosk', '--scope', 'TT1-K1']);
    expect(await app.services.tokens.principal(token)).toMatchObject({ kiosk: { centre: 'TT1', code: 'TT1-K1' } });
  });

  test('create for a centre speaks for no single kiosk', async () => {
    const { token } = await sipas.json(['token', 'create', '--name', 'c', '--role', 'kiosk', '--scope', 'TT1']);
    expect(await app.services.tokens.principal(token)).toMatchObject({ kiosk: { centre: 'TT1', code: '' } });
  });

  test.each([
    ['kiosk', 'There is no kiosk or centre NONE.'],
    ['integration', 'There is no unit or centre NONE.'],
  ])('create refuses a %s token of a scope that does not exist', async (role, message) => {
    const { code, stderr } = await sipas.run(['token', 'create', '--name', 'n', '--role', role, '--scope', 'NONE']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: `sipas: ${message}\n` });
  });

  test('revoke ends the token, and list says so', async () => {
    const { token } = await sipas.json(['token', 'create', '--name', 'old', '--role', 'viewer']);
    expect(await sipas.json(['token', 'revoke', 'old'])).toEqual({ name: 'old', revoked: true });
    expect(await app.services.tokens.principal(token)).toBeNull();
    const tokens: unknown[] = await sipas.json(['token', 'list']);
    expect(tokens).toContainEqual({
      name: 'old',
      role: 'viewer',
      scope: null,
      createdAt: expect.any(String),
      revoked: true,
    });
  });
});

describe('sipas centre', () => {
  test('add prints the centre, with the level of its unit', async () => {
    const words = ['centre', 'add', '--code', 'TT2', '--name', 'Trung tâm 2', '--unit', '22'];
    expect(await sipas.json(words)).toEqual({ code: 'TT2', name: 'Trung tâm 2', unit: '22', level: 'province' });
  });

  test('add refuses a unit that does not exist', async () => {
    const { code, stderr } = await sipas.run(['centre', 'add', '--code', 'TT3', '--name', 'x', '--unit', '9999999']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'sipas: unit: there is no unit 9999999\n' });
  });

  test('import adds the centres of a spreadsheet, and passes over those that are there just so', async () => {
    const file = join(directory, 'centres.csv');
    await writeFile(file, '\uFEFFcode;name;unit;level\r\nA1;Trung tâm A;22;\r\n\r\nA2;Trung tâm B;22;commune\r\n');
    expect(await sipas.json(['centre', 'import', file])).toEqual({ added: 2, present: 0 });
    expect(await sipas.json(['centre', 'import', file])).toEqual({ added: 0, present: 2 });
    expect(await app.services.centres.find('A2')).toMatchObject({ name: 'Trung tâm B', level: 'commune' });
  });

  test('import names every wrong cell by row and column, and adds nothing', async () => {
    const csv = 'code,name,unit,level\nB1,Tốt,22,\nB 2,,99,\nTT1,Tên khác,22,\n';
    const { code, stderr } = await sipas.run(['centre', 'import', '-'], csv);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: [
        'sipas: nothing was added, 4 errors:',
        '  row 3, code: must be 1 to 32 letters, digits, ".", "_" or "-", starting with a letter or digit',
        '  row 3, name: is required',
        '  row 3, unit: there is no unit 99',
        '  row 4, code: there is another centre TT1 already',
        '',
      ].join('\n'),
    });
    expect(await app.services.centres.find('B1')).toBeNull();
  });

  test.each([
    ['a column missing', 'code,name\nB1,x\n', 'The CSV lacks the columns unit.'],
    ['a column unknown', 'code,name,unit,colour\nB1,x,22,red\n', 'The CSV has columns that are not known: colour.'],
    ['a row of another width', 'code,name,unit\nB1,x\n', 'Row 2 has 2 cells, the header has 3.'],
    ['no header', '', 'The file is empty.'],
  ])('import refuses a CSV with %s', async (_, csv, message) => {
    const { code, stderr } = await sipas.run(['centre', 'import', '-'], csv);
    expect({ code, stderr }).toEqual({ code: 1, stderr: `sipas: ${message}\n` });
  });

  test('import names a file that is not there', async () => {
    const { code, stderr } = await sipas.run(['centre', 'import', 'none.csv']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'sipas: none.csv cannot be read: no such file or directory.\n',
    });
  });
});

describe('sipas centre close', () => {
  beforeAll(async () => {
    for (const code of ['A-OLD', 'A-NEW']) await app.services.centres.add({ code, name: code, unit: '22' });
  });

  test('merges a centre into another from a day on, and reopen takes it back', async () => {
    const closed = { code: 'A-OLD', on: '2026-11-20', successor: 'A-NEW' };
    expect(await sipas.json(['centre', 'close', 'A-OLD', '--on', '2026-11-20', '--into', 'A-NEW'])).toEqual(closed);
    expect((await app.services.centres.predecessorsOf('A-NEW')).map(({ code }) => code)).toEqual(['A-OLD']);
    await sipas.json(['centre', 'reopen', 'A-OLD']);
    expect(await app.services.centres.predecessorsOf('A-NEW')).toEqual([]);
  });

  test('says what is wrong', async () => {
    const { code, stderr } = await sipas.run(['centre', 'close', 'A-OLD', '--into', 'A-OLD']);
    expect({ code, stderr }).toEqual({
      ...{ code: 1, stderr: 'sipas: successor: must be the code of another centre that is at work\n' },
    });
  });
});

describe('sipas centre hours', () => {
  const hours = { days: [1, 2, 3, 4, 5, 6], spans: [{ from: '07:00', to: '17:00' }] };

  test('says when a centre is open, shows it and forgets it', async () => {
    const set = ['centre', 'hours', 'TT1', '--days', '1-6', '--times', '07:00-17:00'];
    expect(await sipas.json(set)).toEqual({ code: 'TT1', hours });
    expect(await sipas.json(['centre', 'hours', 'TT1'])).toEqual({ code: 'TT1', hours });
    expect(await sipas.json(['centre', 'hours', 'TT1', '--clear'])).toEqual({ code: 'TT1', hours: null });
  });

  test('needs days and times', async () => {
    expect((await sipas.run(['centre', 'hours', 'TT1', '--days', '1-6'])).code).toBe(2);
  });
});

describe('sipas kiosk set', () => {
  test('changes what is named and shows all', async () => {
    expect(await sipas.json(['kiosk', 'set', 'TT1-K1', '--idle', '45'])).toEqual({
      ...{ code: 'TT1-K1', idleSeconds: 45, thanksSeconds: 5, repeatSeconds: 4, flagSeconds: 10 },
    });
  });

  test('refuses what is out of range', async () => {
    expect((await sipas.run(['kiosk', 'set', 'TT1-K1', '--idle', '76'])).code).toBe(2);
  });
});

describe('sipas ticket', () => {
  test('create makes a ticket and writes its sheet', async () => {
    const sheet = join(directory, 'sheet.svg');
    const made = await sipas.json(['ticket', 'create', '--centre', 'TT1', '--counter', 'Q3', '--sheet', sheet]);
    expect(made).toMatchObject({ url: `https://hailong.example/r/${made.ticket}`, expiresAt: null, sheet });
    expect(await readFile(sheet, 'utf8')).toContain('Quầy Q3');
  });

  test('recall calls back those for everyone', async () => {
    const { ticket } = await sipas.json(['ticket', 'create', '--centre', 'TT1']);
    await sipas.json(['ticket', 'recall', '--centre', 'TT1']);
    expect(await app.services.tickets.admit(ticket)).toEqual({ kind: 'expired' });
  });

  test('says which field is wrong', async () => {
    const { code, stderr } = await sipas.run(['ticket', 'create', '--centre', 'NONE']);
    expect([code, stderr.trim()]).toEqual([1, 'sipas: centre: there is no centre NONE']);
  });
});

describe('sipas kiosk add', () => {
  test('prints the code, a token that works and the link that pairs', async () => {
    const kiosk = await sipas.json(['kiosk', 'add', '--centre', 'TT1', '--code', 'TT1-K2', '--counter', 'Q3']);
    expect(kiosk).toEqual({
      code: 'TT1-K2',
      token: expect.any(String),
      pairUrl: expect.stringMatching(/^https:\/\/hailong\.example\/kiosk\/pair\/[0-9A-Z]{8}$/),
    });
    expect(await app.services.tokens.principal(kiosk.token)).toMatchObject({
      kiosk: { centre: 'TT1', code: 'TT1-K2' },
    });
  });

  test('refuses a centre and a questionnaire that do not exist', async () => {
    const words = ['kiosk', 'add', '--centre', 'NONE', '--code', 'K', '--questionnaire', 'none'];
    const { code, stderr } = await sipas.run(words);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'sipas: centre: there is no centre NONE (and 1 more)\n' });
  });
});

describe('sipas audit', () => {
  test('lists what commands changed, and who typed them', async () => {
    await sipas.json(['token', 'create', '--name', 'recorded', '--role', 'viewer']);
    const entries: object[] = await sipas.json(['audit', 'list', '--subject', 'recorded']);
    expect(entries).toMatchObject([
      { actor: { kind: 'command' }, action: 'token.create', after: { role: 'viewer' }, outcome: 'done' },
    ]);
  });

  test('finds the chain whole, and tells its newest entry', async () => {
    const { code, stdout } = await sipas.run(['audit', 'verify']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/[0-9a-f]{64}\.\nThe chain is whole\./),
    });
  });
});

describe('sipas user factor', () => {
  test('removes the second factor of who lost it, and says who did', async () => {
    const { accounts, factors, audit } = app.services;
    await accounts.add({ username: 'mat.may', role: 'viewer', scope: null, password: PASSWORD });
    const sealed = factors.offer('mat.may');
    const secret = (factors.reveal('mat.may', sealed)?.text ?? '').replaceAll(' ', '');
    await factors.enable('mat.may', sealed, generateSync({ secret, epoch: NOON.getTime() / 1000 }));
    expect(await sipas.json(['user', 'factor', 'mat.may'])).toEqual({ username: 'mat.may', secondFactor: true });
    const { stdout } = await sipas.run(['user', 'factor', 'Mat.May', '--remove']);
    expect(stdout).toBe('Removed the second factor of mat.may.\n');
    expect(await factors.summary('mat.may')).toBeNull();
    const [entry] = await audit.list({ action: 'account.factor-remove' }, 1);
    expect(entry).toMatchObject({ actor: { kind: 'command' }, subject: 'mat.may', outcome: 'done' });
  });

  test('tells a name that no account has', async () => {
    const { code, stderr } = await sipas.run(['user', 'factor', 'nobody', '--remove']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'sipas: There is no account nobody.\n' });
  });
});

describe('sipas retention', () => {
  const keep = (months: string) => cliOn({ MONGODB_URI: app.uri, SIPAS_COMMENT_MONTHS: months }, directory);

  beforeEach(async () => {
    const { connection } = app.services;
    const old = { day: '2024-01-02', comment: 'cũ' };
    await connection.collection('responses').deleteMany({});
    await connection.collection('responses').insertOne(old);
  });

  test('--dry-run says what would be removed, and removes nothing', async () => {
    const words = ['retention', '--dry-run'];
    expect(await keep('12').json(words)).toMatchObject({ dryRun: true, comments: 1, rules: { commentMonths: 12 } });
    expect(await keep('12').json(words)).toMatchObject({ comments: 1 });
  });

  test('removes what is older than the setting says, and only that', async () => {
    expect(await keep('240').json(['retention'])).toMatchObject({ dryRun: false, comments: 0 });
    const { stdout } = await keep('12').run(['retention']);
    expect(stdout).toMatch(/^Removed 1 comment of responses from before \d{4}-\d{2}-\d{2} and 0 marks /);
    expect(await app.services.connection.collection('responses').countDocuments({ comment: { $exists: true } })).toBe(
      0,
    );
  });
});
