/** A run that is held back while its user's sessions are ended has no effect. */
import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine, testFlow } from '../../../test/support/flow-fakes.ts';

const WELCOME = { type: 'message', title: 'Welcome', text: 'Go on' };
const NEW_PASSWORD = { type: 'prompt', fields: [{ type: 'password', name: 'password' }] };
const WRITE = { type: 'user_write', fields: { password: 'password' } };
const NAME = { type: 'identification' };
const PASSWORD = { type: 'password' };
const SIGN_IN = { type: 'user_login' };
const FLOWS = [
  testFlow('login', [NAME, PASSWORD, WELCOME, SIGN_IN]),
  testFlow('reset', [NAME, PASSWORD, NEW_PASSWORD, WRITE, WELCOME, SIGN_IN]),
];

const start = () => {
  const engine = flowEngine({ flows: FLOWS });
  const browser = flowBrowser(engine);
  const endAll = () => engine.accounts.moveSessionsValidFrom('fake/ann', engine.clock.now() + 1);
  const hasSession = async () => (await browser.session()) !== null;
  return { engine, browser, endAll, hasSession };
};

describe('a run whose password was proved before all sessions of its user ended', () => {
  it('starts no session', async () => {
    const { engine, browser, endAll, hasSession } = start();
    const held = await browser.signIn();
    expect(held.view.challenge.type).toBe('message');
    engine.clock.advance(1_000);
    await endAll();
    engine.clock.advance(1_000);
    const end = await browser.submit(held);
    expect([end.status, end.view.code]).toEqual([403, 'session/outdated']);
    expect(await hasSession()).toBe(false);
    // A sign-in that starts now is evaluated on its own.
    await browser.submit(await browser.signIn());
    expect(await hasSession()).toBe(true);
  });

  it('sets no new password either', async () => {
    const { engine, browser, endAll } = start();
    const held = await browser.signIn('/flow/reset');
    expect(held.view.challenge.type).toBe('prompt');
    await endAll();
    const end = await browser.submit(held, { password: 'walnut harbor sketch violin 4' });
    expect([end.status, end.view.code]).toEqual([403, 'session/outdated']);
    expect(engine.users.hashes.size).toBe(0);
  });

  it('continues if the run itself set the new password', async () => {
    const { engine, browser, endAll, hasSession } = start();
    const question = await browser.signIn('/flow/reset');
    const page = await browser.submit(question, { password: 'walnut harbor sketch violin 4' });
    expect(page.view.challenge.type).toBe('message');
    await endAll();
    engine.clock.advance(300_000);
    await browser.submit(page);
    expect(await hasSession()).toBe(true);
  });

  it('differs from one that started after the clock was set back', async () => {
    const { engine, browser, endAll, hasSession } = start();
    await endAll();
    engine.clock.advance(-3_600_000);
    await browser.submit(await browser.signIn());
    expect(await hasSession()).toBe(true);
  });
});

describe('a run whose user proved it by mail', () => {
  const MAILED = [
    testFlow('login', [NAME, { type: 'email_code' }, WELCOME, SIGN_IN]),
    testFlow('reset', [NAME, { type: 'email_code' }, NEW_PASSWORD, WRITE]),
  ];
  const NEW = { password: 'walnut harbor sketch violin 4' };

  /** A run that has passed the code from the mailbox. */
  async function proved(flow: string) {
    const engine = flowEngine({ flows: MAILED });
    const browser = flowBrowser(engine);
    const asked = await browser.submit(await browser.open(`/flow/${flow}`), { login: 'ann' });
    const code = engine.emails.all.at(-1)?.values['code'] ?? '';
    return { engine, browser, asked, code };
  }

  it.each([
    ['login', {}],
    ['reset', NEW],
  ])('does nothing more once the address is another one: %s', async (flow, given) => {
    const { engine, browser, asked, code } = await proved(flow);
    const held = await browser.submit(asked, { code });
    engine.directory.put(testUser({ email: 'new@example.com' }));
    const end = await browser.submit(held, given);
    expect([end.status, end.view.code]).toEqual([403, 'session/outdated']);
    expect([await browser.session(), engine.users.hashes.size]).toEqual([null, 0]);
  });

  it('ends with the change, too, if the code was not used before', async () => {
    const { engine, browser, asked, code } = await proved('login');
    engine.directory.put(testUser({ email: 'new@example.com' }));
    expect((await browser.submit(asked, { code })).view.challenge.type).toBe('email_code');
  });

  it('goes on while the address stays', async () => {
    const { browser, asked, code } = await proved('login');
    await browser.submit(await browser.submit(asked, { code }));
    expect(await browser.session()).not.toBeNull();
  });
});
