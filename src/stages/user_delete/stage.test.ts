import { describe, expect, it } from 'vitest';
import { testAuthenticator } from '../../../test/support/fake-accounts.ts';
import { fieldOf } from '../../../test/support/factors.ts';
import { flowBrowser, flowEngine, LOGIN, testFlow } from '../../../test/support/flow-fakes.ts';
import { userDelete } from './stage.ts';

/** Ann, signed in, after entering her password again. */
async function reach(options: Record<string, unknown> = {}) {
  const words = [{ type: 'password' }, { type: 'user_delete', ...options }];
  const flow = testFlow('unenrollment', words, { requires: 'session' });
  const engine = flowEngine({ flows: [LOGIN, flow] });
  engine.accounts.all.authenticators = [testAuthenticator()];
  const browser = flowBrowser(engine);
  await browser.signIn();
  const question = await browser.open('/flow/unenrollment');
  const page = await browser.submit(question, { password: 'right' });
  const isThere = async () => (await engine.directory.read('fake/ann')) !== null;
  return { engine, browser, page, isThere };
}

describe('user_delete', () => {
  it.each(['ann', ' ANN '])('deletes a user who confirms with their username: %j', async (name) => {
    const { engine, browser, page, isThere } = await reach();
    expect(fieldOf(page, 'name').label.values).toEqual({ name: 'ann' });
    await browser.submit(page, { name });
    expect(await isThere()).toBe(false);
    expect(engine.accounts.all.authenticators).toEqual([]);
    expect(await browser.session()).toBeNull();
  });

  it.each(['', 'bob', 'an'])('deletes no user for %j', async (name) => {
    const { browser, page, isThere } = await reach();
    const again = await browser.submit(page, { name });
    expect(again.view.rejection).toEqual({ key: 'user_delete.unsure.name' });
    expect(await isThere()).toBe(true);
  });

  it('accepts a box instead if configured, and then no username', async () => {
    const { browser, page, isThere } = await reach({ confirm: 'checkbox' });
    const again = await browser.submit(page, { name: 'ann' });
    expect(again.view.rejection).toEqual({ key: 'user_delete.unsure.checkbox' });
    expect(await isThere()).toBe(true);
    await browser.submit(again, { sure: 'on' });
    expect(await isThere()).toBe(false);
  });

  it('requires a recent proof', async () => {
    const { engine, browser, page, isThere } = await reach();
    engine.clock.advance(10 * 60_000);
    const end = await browser.submit(page, { name: 'ann' });
    expect(end.view.text).toEqual({ key: 'user_delete.stale' });
    expect(await isThere()).toBe(true);
  });

  it('is not for a user who is merely signed in', async () => {
    expect(userDelete.claims(userDelete.config.parse({})).wants).toContain('verified');
    const flow = testFlow('odd', [{ type: 'user_delete' }], { requires: 'session' });
    const engine = flowEngine({ flows: [LOGIN, flow] });
    const browser = flowBrowser(engine);
    await browser.signIn();
    const seen = await browser.open('/flow/odd');
    expect(seen.status).toBeGreaterThanOrEqual(400);
  });
});
