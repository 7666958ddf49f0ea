import { describe, expect, it } from 'vitest';
import { MOST_AUTHENTICATORS } from '../../core/people/account.ts';
import {
  afterPassword,
  fieldOf,
  loginWith,
  methodsOf,
  olderPasskey,
  setUpWith,
  testPasskey,
  triesOf,
} from '../../../test/support/factors.ts';
import { testAuthenticator } from '../../../test/support/fake-accounts.ts';
import { START } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine, LOGIN } from '../../../test/support/flow-fakes.ts';
import {
  softwareAuthenticator,
  type Tricks,
} from '../../../test/support/software-authenticator.ts';
import { userHandle } from '../../core/proof/passkey-proof.ts';
import { webauthnSetup } from './stage.ts';

const WRONG = { key: 'webauthn_setup.wrong' };

async function reach(options: Record<string, unknown> = {}) {
  const engine = flowEngine({ flows: [LOGIN, setUpWith({ type: 'webauthn_setup', ...options })] });
  const browser = flowBrowser(engine);
  await browser.signIn();
  const open = () => browser.open('/flow/setup');
  return { engine, browser, open, page: await open() };
}

describe('webauthn_setup', () => {
  it('asks the browser for a passkey of the portal, with a handle that identifies no user', async () => {
    const { page } = await reach({ attachment: 'platform', name: 'Our House' });
    expect(fieldOf(page, 'passkey')).toMatchObject({
      ceremony: 'create',
      conditional: false,
      options: {
        rp: { id: 'auth.example.com', name: 'Our House' },
        user: {
          id: expect.stringMatching(/^[\w-]{22,86}$/),
          name: 'ann',
          displayName: 'Ann Example',
        },
        attestation: 'none',
        excludeCredentials: [],
        authenticatorSelection: {
          authenticatorAttachment: 'platform',
          residentKey: 'required',
          requireResidentKey: true,
          userVerification: 'preferred',
        },
      },
    });
  });

  it('PASSKEY-rp: a handle cannot be computed from what apps see, so that no other host replaces a passkey', async () => {
    const { engine, browser, page } = await reach();
    const handleAt = (at: typeof page): string => fieldOf(at, 'passkey').options.user.id;
    const computed = userHandle(engine.vault, 'fake/ann');
    expect(handleAt(page)).not.toBe(computed);
    // Without a passkey, each ceremony gets a new user handle.
    const other = flowBrowser(engine, '198.51.100.9');
    await other.signIn();
    expect(handleAt(await other.open('/flow/setup'))).not.toBe(handleAt(page));
    const device = softwareAuthenticator();
    await browser.submit(page, { passkey: device.create(fieldOf(page, 'passkey').options) });
    const [made] = engine.accounts.all.authenticators;
    expect(made?.data['userHandle']).toBe(device.credentials[0]?.userHandle);
    // Another passkey of the same user gets the same user handle.
    expect(handleAt(await browser.open('/flow/setup'))).toBe(handleAt(page));
  });

  it("PASSKEY-rp: a new passkey belongs to the portal's host, which is stored with it", async () => {
    const { engine, browser, page } = await reach();
    const device = softwareAuthenticator();
    const { options } = fieldOf(page, 'passkey');
    expect(options.rp.id).toBe('auth.example.com');
    await browser.submit(page, { passkey: device.create(options) });
    expect(engine.accounts.all.authenticators[0]?.data['rpId']).toBe('auth.example.com');
  });

  it('adds a passkey on a device that has one of an older release, with a handle of its own', async () => {
    const login = loginWith({ type: 'authenticator', methods: ['webauthn'] });
    const engine = flowEngine({ flows: [login, setUpWith({ type: 'webauthn_setup' })] });
    const device = softwareAuthenticator();
    const older = await olderPasskey(device);
    // As the previous release created them: for the cookie domain, with a stored user handle.
    const data = { ...older.data, userHandle: device.credentials[0]?.userHandle ?? '' };
    engine.accounts.all.authenticators = [{ ...older, data }];
    const { browser, page: question } = await afterPassword(engine);
    await browser.submit(question, { passkey: device.get(fieldOf(question, 'passkey').options) });
    const page = await browser.open('/flow/setup');
    const { options } = fieldOf(page, 'passkey');
    expect(options.excludeCredentials).toEqual([]);
    expect(options.user.id).not.toBe(data.userHandle);
    await browser.submit(page, { passkey: device.create(options) });
    const rpIds = engine.accounts.all.authenticators.map((one) => one.data['rpId']);
    expect(rpIds).toEqual(['example.com', 'auth.example.com']);
  });

  it('stores the passkey under the given name', async () => {
    const { engine, browser, page } = await reach();
    const device = softwareAuthenticator();
    const passkey = device.create(fieldOf(page, 'passkey').options);
    const end = await browser.submit(page, { passkey, nickname: '  Work laptop ' });
    expect(end.location).toBe('https://auth.example.com/');
    expect(engine.accounts.all.authenticators).toEqual([
      expect.objectContaining({
        userId: 'fake/ann',
        kind: 'webauthn',
        name: 'Work laptop',
        handle: device.credentials[0]?.id,
        lastUsedAt: START,
      }),
    ]);
  });

  it('chooses a name if its owner does not', async () => {
    const { engine, browser, page } = await reach();
    const passkey = softwareAuthenticator().create(fieldOf(page, 'passkey').options);
    await browser.submit(page, { passkey, nickname: ' ' });
    expect(engine.accounts.all.authenticators[0]?.name).toBe('Passkey 1');
  });

  const tricks: [string, Tricks][] = [
    ['another origin', { origin: 'https://wiki.example.com' }],
    ['another relying party', { rpId: 'example.com' }],
    ['another challenge', { challenge: 'x' }],
    ['the response to a sign-in', { type: 'webauthn.get' }],
    ['a frame', { crossOrigin: true }],
    ['an absent user', { present: false }],
  ];
  it.each(tricks)('refuses %s, stores nothing, counts it', async (_what, trick) => {
    const { engine, browser, page } = await reach();
    const passkey = softwareAuthenticator().create(fieldOf(page, 'passkey').options, trick);
    const again = await browser.submit(page, { passkey, nickname: 'Mine' });
    expect(again.view.rejection).toEqual(WRONG);
    expect(fieldOf(again, 'nickname').value).toBe('Mine');
    expect(engine.accounts.all.authenticators).toEqual([]);
    expect(triesOf(engine, 'webauthn')).toBe(1);
  });

  it('requires a verified owner if configured', async () => {
    const { engine, browser, page } = await reach({ user_verification: 'required' });
    const { options } = fieldOf(page, 'passkey');
    const passkey = softwareAuthenticator().create(options, { verified: false });
    const again = await browser.submit(page, { passkey });
    expect(again.view.rejection).toEqual(WRONG);
    expect(engine.accounts.all.authenticators).toEqual([]);
  });

  it('accepts a challenge once', async () => {
    const { engine, browser, page } = await reach();
    const passkey = softwareAuthenticator().create(fieldOf(page, 'passkey').options);
    const again = await browser.submit(page, { passkey: '{}' });
    expect((await browser.submit(again, { passkey })).view.rejection).toEqual(WRONG);
    expect(engine.accounts.all.authenticators).toEqual([]);
  });

  it('tells the browser which passkeys exist, and checks this itself', async () => {
    const { engine, browser, open } = await reach();
    const device = softwareAuthenticator();
    const known = await testPasskey(device);
    engine.accounts.all.authenticators = [known];
    const page = await open();
    const { options } = fieldOf(page, 'passkey');
    expect(options.excludeCredentials).toEqual([
      { type: 'public-key', id: known.handle, transports: ['hybrid', 'internal'] },
    ]);
    expect(() => device.create(options)).toThrow('InvalidStateError');
    const other = softwareAuthenticator();
    const passkey = other.create(options);
    const taken = {
      ...known,
      id: 'of-bob',
      userId: 'fake/bob',
      handle: other.credentials[0]?.id ?? '',
    };
    engine.accounts.all.authenticators = [known, taken];
    const again = await browser.submit(page, { passkey });
    expect(again.view.rejection).toEqual({ key: 'webauthn_setup.exists' });
    expect(engine.accounts.all.authenticators).toHaveLength(2);
  });

  it('refuses names with control characters', async () => {
    const { browser, page } = await reach();
    const passkey = softwareAuthenticator().create(fieldOf(page, 'passkey').options);
    const again = await browser.submit(page, { passkey, nickname: 'a\u0000b' });
    expect(again.view.rejection).toEqual({ key: 'webauthn_setup.nickname.bad' });
  });

  it('stops at twenty', async () => {
    const { engine, open } = await reach();
    engine.accounts.all.authenticators = Array.from({ length: MOST_AUTHENTICATORS }, (_, i) =>
      testAuthenticator({ id: `key-${i}`, kind: 'webauthn', handle: `key-${i}` }),
    );
    expect((await open()).view.text).toEqual({ key: 'webauthn_setup.too-many' });
  });

  it('counts as a proof if a sign-in had it set up', async () => {
    const options = { methods: ['webauthn'], not_configured: 'configure', configure: 'webauthn' };
    const flow = loginWith({ type: 'authenticator', ...options });
    const { browser, page } = await afterPassword(flowEngine({ flows: [flow] }));
    expect(page.view.challenge.type).toBe('webauthn_setup');
    const passkey = softwareAuthenticator().create(fieldOf(page, 'passkey').options);
    await browser.submit(page, { passkey });
    expect(await methodsOf(browser)).toEqual(['password', 'webauthn']);
  });

  it.each([{ attachment: 'usb' }, { resident_key: true }, { name: '' }])(
    'refuses options %j',
    (options) => {
      expect(webauthnSetup.config.safeParse(options).success).toBe(false);
    },
  );
});
