import type { CommandStartedEvent } from 'mongodb';
import { openTestApp, uniqueUri, type TestApp } from '../helpers/app.js';
import { addSite, type Site } from '../helpers/installation.js';
import { hiddenField, visitor } from '../helpers/pages.js';
import { fullResponse, postBatch, postResponse, validResponse } from '../helpers/responses.js';

/** Responses are never changed or deleted by the application (design invariant 4). */
describe('whatever the application does to stored responses', () => {
  let sipas: TestApp;
  let site: Site;
  const commands: CommandStartedEvent[] = [];

  beforeAll(async () => {
    const uri = uniqueUri();
    sipas = await openTestApp(undefined, `${uri}${uri.includes('?') ? '&' : '?'}monitorCommands=true`);
    site = await addSite(sipas.services);
    sipas.services.connection.getClient().on('commandStarted', (event: CommandStartedEvent) => {
      if (event.command[event.commandName] === 'responses') commands.push(event);
    });
    await useEverything();
  });

  afterAll(() => sipas.close());

  async function useEverything(): Promise<void> {
    const body = fullResponse();
    await postResponse(sipas, site.token, body);
    await postResponse(sipas, site.token, body);
    await postResponse(sipas, site.token, { ...body, answers: { overall: 2 } });
    await postBatch(sipas, site.token, [validResponse(), validResponse({ dossier: 'D-9' }), { ...body, comment: 'x' }]);
    const device = visitor(sipas);
    await device.get(site.pairPath);
    const responseId = hiddenField((await device.get('/kiosk')).text, 'responseId');
    await device.post('/kiosk/answers').type('form').send({ responseId, item: 'overall', level: '1' });
    await device.post('/kiosk/reasons').type('form').send({ responseId, reasons: 'khac' });
    await sipas.services.tallies.run();
    await sipas.services.tallies.recount({ repair: true });
  }

  it('is adding, reading and marking as counted, and nothing else', () => {
    const names = new Set(commands.map(({ commandName }) => commandName));
    const known = ['insert', 'update', 'find', 'getMore', 'aggregate', 'distinct', 'count'];
    expect([...names].filter((name) => !known.includes(name))).toEqual([]);
    expect([...names]).toEqual(expect.arrayContaining(['insert', 'update', 'find']));
  });

  it('changes no field but the mark that it is not counted yet', () => {
    const updates = commands
      .filter(({ commandName }) => commandName === 'update')
      .flatMap(({ command }): { u: unknown; upsert?: boolean }[] => command['updates']);
    expect(updates.length).toBeGreaterThan(0);
    for (const { u } of updates) expect(u).toEqual({ $unset: { pending: 1 } });
    expect(updates.some(({ upsert }) => upsert)).toBe(false);
  });
});
