import { openTestApp, type TestApp } from '../helpers/app.js';
import { addSite } from '../helpers/installation.js';
import { postBatch, validResponse } from '../helpers/responses.js';

/** A device that sends another procedure every time must not hold up everyone else's figures. */
describe('a day with thousands of different procedures', () => {
  const VALUES = 4000;
  const TOGETHER = 400;
  let test: TestApp;

  beforeAll(async () => {
    test = await openTestApp();
  });

  afterAll(() => test.close());

  it('is counted like any other', async () => {
    const { token } = await addSite(test.services);
    for (let sent = 0; sent < VALUES; sent += TOGETHER) {
      const batch = Array.from({ length: TOGETHER }, (_, index) =>
        validResponse({ procedure: `thu-tuc-${sent + index}`.padEnd(40, '.') }),
      );
      expect((await postBatch(test, token, batch)).status).toBe(200);
    }
    expect(await test.services.tallies.run()).toBe(VALUES);
    expect(await test.services.tallies.recount({ repair: false })).toEqual([]);
  }, 120_000);
});
