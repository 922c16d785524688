import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { deliveryCollection } from '../../src/features/webhooks/webhooks.model.js';
import { WebhookSender } from '../../src/features/webhooks/webhooks.sender.js';
import type { Services } from '../../src/services.js';
import { mismatch } from '../helpers/api-document.js';
import { NOON, type TestApp } from '../helpers/app.js';
import { breakingConnection } from '../helpers/faulty-connection.js';
import { Official, openWithResponses } from '../helpers/export-jobs.js';
import { addSite, type Site } from '../helpers/installation.js';
import { postBatch, validResponse } from '../helpers/responses.js';
import { TallyService } from '../../src/features/tallies/tallies.service.js';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let opened: Awaited<ReturnType<typeof openWithResponses>>;
let sipas: TestApp;
let services: Services;
let site: Site;
let receiver: Server;
let url: string;
let secret: string;
let received: Received[] = [];
/** What the receiver answers with next; 204 when nothing is left. */
let answers: number[] = [];

beforeAll(async () => {
  opened = await openWithResponses();
  sipas = opened.test;
  services = sipas.services;
  site = await addSite(services, { centre: 'QN2' });
  receiver = createServer((req, res) => {
    void text(req).then((body) => {
      received.push({ headers: req.headers, body });
      const status = answers.shift() ?? 204;
      res.writeHead(status, status === 302 ? { Location: '/elsewhere' } : {}).end();
    });
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});
beforeEach(async () => {
  [received, answers] = [[], []];
  sipas.setNow(NOON);
  secret = await services.webhooks.add({ name: 'hook', url, events: ['response.low', 'export.done'], scope: null });
});
afterEach(() => services.webhooks.remove('hook'));
afterAll(async () => {
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
  await opened.dispose();
});

async function rate(level: number, values: object = {}): Promise<string> {
  const response = validResponse({ answers: { overall: level }, ...values });
  await postBatch(sipas, site.token, [response]);
  await services.tallies.run();
  return response.id;
}

const eventOf = ({ body }: Received): Record<string, unknown> => JSON.parse(body);
/** When the next delivery is to be tried; undefined when none is. */
const nextDue = async () =>
  (await deliveryCollection(services.connection).findOne({ dueAt: { $ne: null } }, { sort: { dueAt: 1 } }))?.dueAt;
const later = (seconds: number) => sipas.setNow(new Date(NOON.getTime() + seconds * 1000));

describe('a low rating', () => {
  it.each([1, 2])('at level %d is told, with where and when it was given', async (level) => {
    const id = await rate(level, { procedure: '1.001612' });
    await services.webhookSender.run();
    expect(received.map(eventOf)).toEqual([
      {
        ...{ id: `response.low:${id}`, event: 'response.low', at: NOON.toISOString() },
        data: expect.objectContaining({ centre: 'QN2', level, questionnaire: 'tthc-kiosk-5', procedure: '1.001612' }),
      },
    ]);
  });

  it.each([3, 4, 5])('does not count level %d', async (level) => {
    await rate(level);
    await services.webhookSender.run();
    expect(received).toEqual([]);
  });

  it('is told without what the citizen wrote, and without who served them', async () => {
    await rate(1, { comment: 'Tôi là Nguyễn Văn A, 0912345678', officer: 'CB12' });
    await services.webhookSender.run();
    expect(received[0]?.body).not.toMatch(/Nguyễn|0912345678|CB12|comment|officer/);
  });

  it('outside the scope of a webhook is not told', async () => {
    await services.webhooks.add({ name: 'other', url, events: ['response.low'], scope: '24' });
    await rate(1);
    await services.webhookSender.run();
    await services.webhooks.remove('other');
    expect(received).toHaveLength(1);
  });

  it('is told whatever counting broke off at, under the same id', async () => {
    const response = validResponse({ answers: { overall: 1 } });
    await postBatch(sipas, site.token, [response]);
    const { connection, catalogue, centres } = services;
    const tell = () => services.webhooks.note('response.low', () => [{ id: response.id, place: 'QN2', data: {} }]);
    for (let at = 1; ; at += 1) {
      const crashing = new TallyService(breakingConnection(connection, at, 'after'), catalogue, centres, tell);
      const crash: unknown = await crashing.run().catch((error: unknown) => error);
      await connection.collection('leases').deleteMany({});
      if (typeof crash === 'number') break;
    }
    await services.tallies.run();
    await services.webhookSender.run();
    expect(received.map((one) => eventOf(one)['id'])).toEqual([`response.low:${response.id}`]);
  });
});

describe('a finished export', () => {
  it('is told with its size and checksum, and not who asked', async () => {
    const manager = await Official.signIn(sipas, 'quanly', '22');
    await manager.ask().expect(303);
    await services.exportJobRunner.run();
    await services.webhookSender.run();
    expect(received.map(eventOf)).toEqual([
      expect.objectContaining({
        event: 'export.done',
        data: expect.objectContaining({ place: '22', format: 'csv', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }),
      }),
    ]);
    expect(received[0]?.body).not.toContain('quanly');
  });
});

describe('what is sent', () => {
  const schemaOf = (event: string) => `/webhooks/${event}/post/requestBody/content/application~1json/schema`;

  it('is what the description of the interface says', async () => {
    await rate(1);
    await (await Official.signIn(sipas, 'mota', '22')).ask().expect(303);
    await services.exportJobRunner.run();
    await services.webhookSender.run();
    const events = received.map(eventOf);
    const problems = events.map((event) => [event['event'], mismatch(schemaOf(String(event['event'])), event)]);
    expect(Object.fromEntries(problems)).toEqual({ 'response.low': null, 'export.done': null });
  });
});

describe('a delivery', () => {
  it('is signed over its time and its bytes', async () => {
    await rate(1);
    await services.webhookSender.run();
    const [{ headers, body }] = received as [Received];
    const timestamp = String(headers['sipas-timestamp']);
    const expected = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
    expect(headers).toMatchObject({
      ...{ 'sipas-event': 'response.low', 'sipas-signature': `sha256=${expected}` },
      'content-type': 'application/json; charset=utf-8',
    });
    expect(Number(timestamp)).toBe(NOON.getTime() / 1000);
  });

  it('that was taken is not sent again', async () => {
    await rate(1);
    await services.webhookSender.run();
    later(86_400);
    await services.webhookSender.run();
    expect(received).toHaveLength(1);
  });

  it.each([500, 404, 302])(
    'answered %d is sent again, the same bytes, and not before its pause is over',
    async (status) => {
      answers = [status];
      await rate(1);
      await services.webhookSender.run();
      later(29);
      await services.webhookSender.run();
      expect(received).toHaveLength(1);
      later(30);
      await services.webhookSender.run();
      expect(received.map(({ body }) => body)).toEqual([received[0]?.body, received[0]?.body]);
    },
  );

  it('is tried with longer and longer pauses, then given up and listed', async () => {
    answers = Array.from({ length: 20 }, () => 503);
    await rate(1);
    const pauses: number[] = [];
    for (let waiting = await nextDue(); waiting; waiting = await nextDue()) {
      const before = services.now().getTime();
      sipas.setNow(new Date(waiting.getTime() - 1));
      await services.webhookSender.run();
      expect(received).toHaveLength(pauses.length);
      sipas.setNow(waiting);
      await services.webhookSender.run();
      pauses.push((waiting.getTime() - before) / 60_000);
    }
    expect(pauses).toEqual([0, 0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
    expect(await services.webhooks.list()).toMatchObject([{ waiting: 0, givenUp: 1, problem: 'answered 503' }]);
  });

  it('whose sender died is sent by another a minute later', async () => {
    await rate(1);
    const dying = new WebhookSender(
      breakingConnection(services.connection, 3, 'before'),
      services.webhooks,
      ['127.0.0.1'],
      services.now,
    );
    await expect(dying.run()).rejects.toThrow();
    later(60);
    await services.webhookSender.run();
    expect(new Set(received.map((one) => eventOf(one)['id'])).size).toBe(1);
    expect(received).toHaveLength(2);
  });

  it('of one receiver does not wait for another that fails', async () => {
    await services.webhooks.add({ name: 'broken', url: 'http://127.0.0.1:1/', events: ['response.low'], scope: null });
    await rate(1);
    await services.webhookSender.run();
    const broken = (await services.webhooks.list()).find(({ name }) => name === 'broken');
    await services.webhooks.remove('broken');
    expect(received).toHaveLength(1);
    expect(broken).toMatchObject({ waiting: 1, problem: expect.stringContaining('ECONNREFUSED') });
  });
});

describe('an address that is not public', () => {
  const sender = () => new WebhookSender(services.connection, services.webhooks, [], services.now);

  it.each(['127.0.0.1', 'localhost', '0x7f.1', '2130706433', '127.1', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0'])(
    'is not connected to as %s',
    async (host) => {
      await services.webhooks.add({
        name: 'local',
        url: url.replace('127.0.0.1', host),
        events: ['response.low'],
        scope: null,
      });
      await services.webhooks.remove('hook');
      await rate(1);
      await sender().run();
      const [local] = await services.webhooks.list();
      await services.webhooks.remove('local');
      await services.webhooks.add({ name: 'hook', url, events: ['response.low'], scope: null });
      expect(received).toEqual([]);
      expect(local).toMatchObject({ waiting: 1, problem: expect.stringMatching(/not a public address|ENOTFOUND/) });
    },
  );
});

describe('a webhook', () => {
  it.each([
    [{ url: 'ftp://example.vn' }, 'url'],
    [{ url: 'https://user:password@example.vn' }, 'url'],
    [{ url: 'example.vn' }, 'url'],
    [{ events: [] }, 'events'],
    [{ events: ['response.high'] }, 'events[0]'],
    [{ name: 'a b' }, 'name'],
  ])('is refused with %j, naming the field', async (wrong, path) => {
    const input = { name: 'new', url: 'https://example.vn/hook', events: ['response.low'], scope: null, ...wrong };
    await expect(services.webhooks.add(input)).rejects.toMatchObject({ errors: [expect.objectContaining({ path })] });
  });

  it('keeps its name to itself', async () => {
    await expect(
      services.webhooks.add({ name: 'hook', url, events: ['response.low'], scope: null }),
    ).rejects.toMatchObject({ type: 'webhook-exists' });
  });

  it('that is removed takes along what it was not sent', async () => {
    await rate(1);
    await services.webhooks.remove('hook');
    expect(await deliveryCollection(services.connection).countDocuments()).toBe(0);
    await services.webhooks.add({ name: 'hook', url, events: ['response.low'], scope: null });
  });

  it('has a secret that the database does not hold', async () => {
    const stored = await services.connection.collection('webhooks').find({}).toArray();
    expect(JSON.stringify(stored)).not.toContain(secret);
  });
});
