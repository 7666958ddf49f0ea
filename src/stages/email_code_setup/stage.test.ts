import { describe, expect, it } from 'vitest';
import { fieldOf, setUpWith, triesOf } from '../../../test/support/factors.ts';
import { START, testUser } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine, LOGIN } from '../../../test/support/flow-fakes.ts';

async function reach(options: Record<string, unknown> = {}, user = testUser()) {
  const flow = setUpWith({ type: 'email_code_setup', ...options });
  const engine = flowEngine({ flows: [LOGIN, flow], users: [user] });
  const browser = flowBrowser(engine);
  await browser.signIn();
  const page = await browser.open('/flow/setup');
  const lastCode = () => engine.emails.all.at(-1)?.values['code'] ?? '';
  return { engine, browser, page, lastCode };
}

describe('email_code_setup', () => {
  it('proposes the address of the directory and sends nothing by itself', async () => {
    const { engine, page } = await reach();
    expect(fieldOf(page, 'email').value).toBe('ann@example.com');
    expect(engine.emails.all).toEqual([]);
  });

  it('stores an address after the code from it is confirmed', async () => {
    const { engine, browser, page, lastCode } = await reach();
    const question = await browser.submit(page, { email: ' ann@home.example ' });
    expect(question.view.challenge.lead.values).toEqual({ to: 'ann@home.example' });
    expect(engine.emails.all).toEqual([
      {
        to: 'ann@home.example',
        template: 'email-code',
        values: { code: expect.stringMatching(/^\d{6}$/), site: 'Doorward', minutes: '10' },
        language: 'en',
        occasion: {
          designation: 'configuration',
          account: 'ann',
          browser: '',
          address: '192.0.2.7',
        },
      },
    ]);
    expect(engine.accounts.all.authenticators).toEqual([]);
    const code = lastCode();
    await browser.submit(question, { code: `${code.slice(0, 3)} ${code.slice(3)}` });
    expect(engine.accounts.all.authenticators).toEqual([
      expect.objectContaining({
        userId: 'fake/ann',
        kind: 'email_code',
        name: 'ann@home.example',
        data: { email: 'ann@home.example' },
        lastUsedAt: START,
      }),
    ]);
  });

  it('verifies an existing address without adding it twice', async () => {
    const { engine, browser, page, lastCode } = await reach();
    await browser.submit(await browser.submit(page, { email: 'a@b.example' }), {
      code: lastCode(),
    });
    engine.clock.advance(60_000);
    const again = await browser.open('/flow/setup');
    await browser.submit(await browser.submit(again, { email: 'a@b.example' }), {
      code: lastCode(),
    });
    expect(engine.accounts.all.authenticators).toHaveLength(1);
  });

  it('uses only the configured address, whatever is submitted', async () => {
    const { engine, browser, page } = await reach({ address: 'own' });
    expect(() => fieldOf(page, 'email')).toThrow('no field');
    const question = await browser.submit(page, { email: 'evil@evil.example' });
    expect(engine.emails.all.map((email) => email.to)).toEqual(['ann@example.com']);
    await browser.submit(question, { instead: 'other' });
    expect(engine.emails.all).toHaveLength(1);
    const none = await reach({ address: 'own' }, testUser({ email: '' }));
    expect(none.page.view.text).toEqual({ key: 'email_code_setup.none' });
  });

  it.each([
    '',
    'ann',
    'ann@',
    '@example.com',
    'a b@example.com',
    'a@b@c.example',
    'Ann <ann@example.com>',
    'a@example.com,b@example.com',
    'a@example.com\r\nBcc: b@example.com',
    `${'a'.repeat(65)}@example.com`,
  ])('sends nothing to %j', async (email) => {
    const { engine, browser, page } = await reach();
    const again = await browser.submit(page, { email });
    expect(again.view.challenge.type).toBe('email_code_setup');
    expect(again.view.rejection).not.toBeNull();
    expect(engine.emails.all).toEqual([]);
  });

  it('counts wrong codes, and accepts none after ten minutes', async () => {
    const { engine, browser, page, lastCode } = await reach();
    const question = await browser.submit(page, { email: 'a@b.example' });
    const wrong = lastCode() === '000000' ? '111111' : '000000';
    const again = await browser.submit(question, { code: wrong });
    expect(again.view.rejection).toEqual({ key: 'email_code_setup.wrong' });
    expect(triesOf(engine, 'email_code')).toBe(1);
    engine.clock.advance(10 * 60_000);
    const late = await browser.submit(again, { code: lastCode() });
    expect(late.view.rejection).toEqual({ key: 'email_code_setup.wrong' });
    expect(engine.accounts.all.authenticators).toEqual([]);
  });

  it('sends another on request after a pause, or to another address', async () => {
    const { engine, browser, page, lastCode } = await reach();
    let seen = await browser.submit(page, { email: 'a@b.example' });
    const first = lastCode();
    seen = await browser.submit(seen, { instead: 'again' });
    expect(seen.view.rejection).toEqual({ key: 'email_code_setup.patience' });
    engine.clock.advance(30_000);
    seen = await browser.submit(seen, { instead: 'again' });
    expect(engine.emails.all).toHaveLength(2);
    seen = await browser.submit(seen, { instead: 'other' });
    engine.clock.advance(30_000);
    seen = await browser.submit(seen, { email: 'c@d.example' });
    expect(engine.emails.all.map((email) => email.to)).toEqual([
      'a@b.example',
      'a@b.example',
      'c@d.example',
    ]);
    seen = await browser.submit(seen, { code: first });
    expect(seen.view.rejection).toEqual({ key: 'email_code_setup.wrong' });
    await browser.submit(seen, { code: lastCode() });
    expect(engine.accounts.all.authenticators[0]?.data).toEqual({ email: 'c@d.example' });
  });
});
