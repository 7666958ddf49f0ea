import { describe, expect, it } from 'vitest';
import { MOST_AUTHENTICATORS } from '../../core/people/account.ts';
import {
  appCode,
  fieldOf,
  loginWith,
  setUpWith,
  wrongCode,
  triesOf,
} from '../../../test/support/factors.ts';
import { testAuthenticator } from '../../../test/support/fake-accounts.ts';
import { START } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine, LOGIN, testFlow } from '../../../test/support/flow-fakes.ts';
import { totpSetup } from './stage.ts';

/** Ann, signed in, on the setup page. */
async function reach(options: Record<string, unknown> = {}, owned = 0) {
  const engine = flowEngine({ flows: [LOGIN, setUpWith({ type: 'totp_setup', ...options })] });
  engine.accounts.all.authenticators = Array.from({ length: owned }, (_, i) =>
    testAuthenticator({ id: `app-${i}` }),
  );
  const browser = flowBrowser(engine);
  await browser.signIn();
  const page = await browser.open('/flow/setup');
  return { engine, browser, page };
}

/** The authenticator that an app would create from the page's QR code. */
function scanned(page: Parameters<typeof fieldOf>[0], digits = 6) {
  const secret = fieldOf(page, 'qr').secret.replaceAll(' ', '') as string;
  return testAuthenticator({ data: { secret, digits, period: 30 } });
}

describe('totp_setup', () => {
  it('shows the secret as a picture and for typing', async () => {
    const { page } = await reach({ issuer: 'Müller & Co' });
    const qr = fieldOf(page, 'qr');
    expect(qr.secret).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
    const uri = new URL(qr.text);
    expect(uri.protocol).toBe('otpauth:');
    expect(decodeURIComponent(uri.pathname)).toBe('/Müller & Co:ann');
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      issuer: 'Müller & Co',
      secret: qr.secret.replaceAll(' ', ''),
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
  });

  it('names the account after the portal by default', async () => {
    const { page } = await reach();
    expect(new URL(fieldOf(page, 'qr').text).searchParams.get('issuer')).toBe('Doorward');
  });

  it.each([6, 8])('accepts the app after a right code of %i digits', async (digits) => {
    const { engine, browser, page } = await reach({ digits });
    const app = scanned(page, digits);
    const end = await browser.submit(page, { code: appCode(app, START) });
    expect(end.location).toBe('https://auth.example.com/');
    const [stored] = engine.accounts.all.authenticators;
    expect(stored).toMatchObject({ userId: 'fake/ann', kind: 'totp', data: app.data });
    expect(JSON.stringify([...engine.plans.all.values()])).not.toContain(
      app.data['secret'] as string,
    );
  });

  it('stores nothing for a wrong one, keeps the secret, and counts it', async () => {
    const { engine, browser, page } = await reach();
    const app = scanned(page);
    const again = await browser.submit(page, { code: wrongCode(app, START) });
    expect(again.view.rejection).toEqual({ key: 'totp_setup.wrong' });
    expect(fieldOf(again, 'qr').secret).toBe(fieldOf(page, 'qr').secret);
    expect(engine.accounts.all.authenticators).toEqual([]);
    expect(triesOf(engine, 'totp')).toBe(1);
    await browser.submit(again, { code: appCode(app, START) });
    expect(engine.accounts.all.authenticators).toHaveLength(1);
  });

  it('creates a new secret for every view', async () => {
    const { browser, page } = await reach();
    const second = await browser.open('/flow/setup');
    expect(fieldOf(second, 'qr').secret).not.toBe(fieldOf(page, 'qr').secret);
  });

  it('uses up the code that confirmed it', async () => {
    const { engine, browser, page } = await reach();
    const app = scanned(page);
    const code = appCode(app, START);
    await browser.submit(page, { code });
    const flow = loginWith({ type: 'authenticator', methods: ['totp'] });
    engine.live.current = { ...engine.live.current, flows: new Map([['login', flow]]) };
    const other = flowBrowser(engine);
    const question = await other.signIn();
    await other.submit(question, { code });
    expect(await other.session()).toBeNull();
    engine.clock.advance(30_000);
    await other.submit(await other.signIn(), { code: appCode(app, START + 30_000) });
    expect(await other.session()).not.toBeNull();
  });

  it('stops at twenty apps', async () => {
    const { page } = await reach({}, MOST_AUTHENTICATORS);
    expect(page.view.text).toEqual({ key: 'totp_setup.too-many' });
  });

  it('is not for a user who has only entered a username', async () => {
    const flow = testFlow('login', [{ type: 'identification' }, { type: 'totp_setup' }]);
    const engine = flowEngine({ flows: [flow] });
    const browser = flowBrowser(engine);
    const seen = await browser.submit(await browser.open('/flow/login'), { login: 'ann' });
    expect(seen.status).toBeGreaterThanOrEqual(400);
    expect(seen.text).not.toContain('otpauth:');
    expect(totpSetup.claims(totpSetup.config.parse({})).wants).toContain('owner');
  });

  it.each([{ digits: 7 }, { issuer: '' }, { issuer: 'a:b' }, { issuer: 'x'.repeat(65) }])(
    'refuses options %j',
    (options) => {
      expect(totpSetup.config.safeParse(options).success).toBe(false);
    },
  );
});
