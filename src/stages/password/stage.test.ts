import { describe, expect, it } from 'vitest';
import { testUser } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine } from '../../../test/support/flow-fakes.ts';

const reach = async (login: string, users = [testUser()]) => {
  const engine = flowEngine({ users });
  const asked: (string | null)[] = [];
  const verify = engine.directory.verifyPassword.bind(engine.directory);
  engine.directory.verifyPassword = (id, secret) => {
    asked.push(id);
    return verify(id, secret);
  };
  const browser = flowBrowser(engine);
  const page = await browser.submit(await browser.open('/flow/login'), { login });
  return { engine, browser, page, asked };
};

describe('password', () => {
  it('keeps the username in the page and offers a way back', async () => {
    const { page } = await reach('ann');
    expect(page.view.challenge.fields[0]).toEqual({ kind: 'username', value: 'ann' });
    expect(page.view.restartUrl).toBe('/flow/login');
  });

  it('takes the kept username back without a word', async () => {
    const { browser, page } = await reach('ann');
    await browser.submit(page, { username: 'ann', password: 'right' });
    expect(await browser.session()).not.toBeNull();
  });

  it('asks the directory for everybody, also for nobody', async () => {
    const { asked, browser, page } = await reach('nix');
    await browser.submit(page, { password: 'right' });
    expect(asked).toEqual([null]);
  });

  it('asks for a disabled user too and says no', async () => {
    const { asked, browser, page } = await reach('ann', [testUser({ disabled: true })]);
    const again = await browser.submit(page, { password: 'right' });
    expect(asked).toEqual(['fake/ann']);
    expect(again.view.refusal).toEqual({ key: 'password.wrong' });
  });

  it('hashes nothing over 1024 bytes, and counts it all the same', async () => {
    const { asked, browser, page, engine } = await reach('ann');
    const again = await browser.submit(page, { password: 'é'.repeat(513) });
    expect(again.view.refusal).toEqual({ key: 'password.wrong' });
    expect(asked).toEqual([]);
    expect(engine.throttle.counts.get('account:password:fake/ann')).toBe(1);
  });

  it('forgets the account’s failed tries after a right one, and gives the address its try back', async () => {
    const { browser, page, engine } = await reach('ann');
    await browser.submit(await browser.submit(page, { password: 'wrong' }), { password: 'right' });
    expect(engine.throttle.counts.get('account:password:fake/ann')).toBeUndefined();
    expect(engine.throttle.counts.get('address:password:192.0.2.7')).toBe(1);
  });
});
