import { describe, expect, it } from 'vitest';
import { triesOf } from '../../../test/support/factors.ts';
import { testUser } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine, testFlow } from '../../../test/support/flow-fakes.ts';

const FLOW = testFlow('login', [
  { type: 'identification' },
  { type: 'email_code' },
  { type: 'user_login' },
]);
const users = [
  testUser(),
  testUser({ id: 'fake/gone', name: 'gone', email: 'gone@example.com', disabled: true }),
  testUser({ id: 'fake/bare', name: 'bare', email: '' }),
];

async function reach(login = 'ann') {
  const engine = flowEngine({ flows: [FLOW], users });
  const browser = flowBrowser(engine);
  const page = await browser.submit(await browser.open('/flow/login'), { login });
  const lastCode = () => engine.emails.all.at(-1)?.values['code'] ?? '';
  return { engine, browser, page, lastCode };
}

describe('email_code', () => {
  it('signs in with the code from the email, once', async () => {
    const { engine, browser, page, lastCode } = await reach();
    expect(engine.emails.all).toEqual([
      {
        to: 'ann@example.com',
        template: 'email-code',
        values: { code: expect.stringMatching(/^\d{6}$/), site: 'Doorward', minutes: '10' },
        language: 'en',
        occasion: {
          designation: 'authentication',
          account: 'ann',
          browser: '',
          address: '192.0.2.7',
        },
      },
    ]);
    await browser.submit(page, { code: ` ${lastCode().slice(0, 3)}-${lastCode().slice(3)}` });
    expect((await browser.session())?.proofs.map((proof) => proof.method)).toEqual(['email_code']);
  });

  it.each(['nobody', 'gone', 'bare'])(
    'shows %s the page that ann sees, sends nothing, and accepts nothing',
    async (login) => {
      const ann = await reach();
      const other = await reach(login);
      const shown = (view: object) =>
        JSON.stringify(view)
          .replaceAll(login, 'ann')
          .replaceAll(/[A-Za-z0-9_-]{20,}/g, '');
      expect(shown(other.page.view.challenge)).toBe(shown(ann.page.view.challenge));
      expect([other.page.status, other.page.view.rejection]).toEqual([200, null]);
      expect(other.engine.emails.all).toEqual([]);
      expect([...other.engine.throttle.counts.values()]).toEqual([
        ...ann.engine.throttle.counts.values(),
      ]);
      const again = await other.browser.submit(other.page, { code: '123456' });
      expect(again.view.rejection).toEqual({ key: 'email_code.wrong' });
      expect(await other.browser.session()).toBeNull();
    },
  );

  it('counts wrong codes, and accepts none after its time', async () => {
    const { engine, browser, page, lastCode } = await reach();
    const wrong = lastCode() === '000000' ? '111111' : '000000';
    const again = await browser.submit(page, { code: wrong });
    expect(again.view.rejection).toEqual({ key: 'email_code.wrong' });
    expect(triesOf(engine, 'email_code')).toBe(1);
    engine.clock.advance(10 * 60_000);
    const late = await browser.submit(again, { code: lastCode() });
    expect(late.view.rejection).toEqual({ key: 'email_code.wrong' });
    expect(await browser.session()).toBeNull();
  });

  it('sends another after a pause, which makes the first worthless', async () => {
    const { engine, browser, page, lastCode } = await reach();
    const first = lastCode();
    const early = await browser.submit(page, { instead: 'again' });
    expect(early.view.rejection).toEqual({ key: 'email_code.patience' });
    engine.clock.advance(30_000);
    const question = await browser.submit(early, { instead: 'again' });
    expect(engine.emails.all).toHaveLength(2);
    await browser.submit(question, { code: first });
    expect(await browser.session()).toBeNull();
  });

  it('proves nothing after the account was disabled or its address changed', async () => {
    for (const change of [{ disabled: true }, { email: 'eve@example.com' }]) {
      const { engine, browser, page, lastCode } = await reach();
      engine.directory.put(testUser(change));
      await browser.submit(page, { code: lastCode() });
      expect(await browser.session()).toBeNull();
    }
  });

  it.each(['59s', '31m', '1d', 'soon'])('refuses to last %s', (expires) => {
    expect(FLOW.stages[1]?.stage.config.safeParse({ expires }).success).toBe(false);
  });
});
