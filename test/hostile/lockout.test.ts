/**
 * An attacker cannot lock a user out of a proof that cannot be guessed, or out of their known
 * device.
 */
import { describe, expect, it } from 'vitest';
import { fieldOf, testPasskey } from '../support/factors.ts';
import { testUser } from '../support/fakes.ts';
import { flowBrowser, flowEngine, testFlow } from '../support/flow-fakes.ts';
import { softwareAuthenticator } from '../support/software-authenticator.ts';

const MINUTE = 60_000;

describe('an attacker', () => {
  it('with wrong passkeys does not lock out the owner of a right one', async () => {
    const flow = testFlow('login', [
      { type: 'identification', passkey: true },
      { type: 'authenticator', methods: ['webauthn'], not_configured: 'deny' },
      { type: 'user_login' },
    ]);
    const engine = flowEngine({ flows: [flow] });
    const device = softwareAuthenticator();
    engine.accounts.all.authenticators = [await testPasskey(device)];
    const stranger = flowBrowser(engine, '203.0.113.66');
    const statuses: number[] = [];
    for (let tries = 0; tries < 8; tries += 1) {
      const page = await stranger.submit(await stranger.open('/flow/login'), { login: 'ann' });
      const options = fieldOf(page, 'passkey').options;
      const seen = await stranger.submit(page, { passkey: device.get(options, { forged: true }) });
      statuses.push(seen.status);
    }
    // From there, further tries are still delayed.
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
    const owner = flowBrowser(engine, '198.51.100.7');
    const page = await owner.open('/flow/login');
    await owner.submit(page, { passkey: device.get(fieldOf(page, 'passkey').options) });
    expect((await owner.session())?.proofs.map(({ method }) => method)).toEqual(['webauthn']);
  });

  it('who requests emails does not block them for the user’s known device', async () => {
    const flow = testFlow('login', [
      { type: 'identification' },
      { type: 'email_code' },
      { type: 'user_login' },
    ]);
    const engine = flowEngine({ flows: [flow], users: [testUser()] });
    const home = flowBrowser(engine, '198.51.100.7');
    const ask = async (browser: typeof home) => {
      const before = engine.emails.all.length;
      const page = await browser.submit(await browser.open('/flow/login?as=other'), {
        login: 'ann',
      });
      return { page, emails: engine.emails.all.slice(before) };
    };
    const first = await ask(home);
    await home.submit(first.page, { code: first.emails[0]?.values['code'] ?? '' });
    expect(await home.session()).not.toBeNull();
    engine.clock.advance(MINUTE);
    for (let tries = 0; tries < 20; tries += 1)
      await ask(flowBrowser(engine, `203.0.113.${tries}`));
    expect((await ask(flowBrowser(engine, '198.51.100.8'))).emails).toEqual([]);
    const { page, emails } = await ask(home);
    expect(emails.map(({ to }) => to)).toEqual([testUser().email]);
    await home.submit(page, { code: emails[0]?.values['code'] ?? '' });
    // The known device's own emails are counted as well.
    for (let tries = 0; tries < 20; tries += 1) await ask(home);
    expect((await ask(home)).emails).toEqual([]);
  });
});
