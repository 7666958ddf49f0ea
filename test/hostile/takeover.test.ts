/** Accounts are changed by their owners alone, and cannot take over another user's. */
import { describe, expect, it } from 'vitest';
import { testUser } from '../support/fakes.ts';
import { flowBrowser, flowEngine, LOGIN, testFlow } from '../support/flow-fakes.ts';

const ANN = testUser();
const BOB = testUser({ id: 'fake/bob', name: 'bob', email: 'bob@example.com' });
const MINUTE = 60_000;

const PROFILE = testFlow(
  'profile',
  [
    { type: 'prompt', fields: [{ type: 'email', name: 'email' }] },
    { type: 'user_write', fields: { email: 'email' } },
  ],
  { requires: 'session', designation: 'configuration' },
);

async function atProfile(minutesAfter: number) {
  const engine = flowEngine({ flows: [LOGIN, PROFILE], users: [ANN, BOB] });
  const browser = flowBrowser(engine);
  await browser.signIn();
  engine.clock.advance(minutesAfter * MINUTE);
  return { engine, browser, page: await browser.open('/flow/profile') };
}

describe('an email address', () => {
  it('cannot be changed at an unattended screen: emails that give access still go there', async () => {
    const { engine, browser, page } = await atProfile(11);
    const end = await browser.submit(page, { email: 'thief@example.net' });
    expect(end).toMatchObject({ status: 403, view: { code: 'session/stale' } });
    expect((await engine.directory.read(ANN.id))?.email).toBe(ANN.email);
    const fresh = await atProfile(9);
    await fresh.browser.submit(fresh.page, { email: 'new@example.net' });
    expect((await fresh.engine.directory.read(ANN.id))?.email).toBe('new@example.net');
  });

  it.each(['bob@example.com', 'ｂｏｂ@example.com', 'bob＠example.com'])(
    'cannot become another user’s: %s',
    async (email) => {
      const { engine, browser, page } = await atProfile(1);
      const end = await browser.submit(page, { email });
      expect(end.status).toBe(409);
      expect((await engine.directory.read(ANN.id))?.email).toBe(ANN.email);
    },
  );
});
