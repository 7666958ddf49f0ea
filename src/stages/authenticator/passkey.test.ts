import { describe, expect, it } from 'vitest';
import type { Authenticator } from '../../core/people/account.ts';
import {
  afterPassword,
  fieldOf,
  loginWith,
  methodsOf,
  olderPasskey,
  testPasskey,
} from '../../../test/support/factors.ts';
import { testAuthenticator } from '../../../test/support/fake-accounts.ts';
import { START, testUser } from '../../../test/support/fakes.ts';
import { flowBrowser, flowEngine, type Seen, testFlow } from '../../../test/support/flow-fakes.ts';
import {
  softwareAuthenticator,
  type Tricks,
} from '../../../test/support/software-authenticator.ts';

const WRONG = { key: 'authenticator.wrong.webauthn' };
const users = [testUser(), testUser({ id: 'fake/bob', name: 'bob', email: 'bob@example.com' })];

const optionsOf = (page: Seen) => fieldOf(page, 'passkey').options;

/** Ann after entering her password, with a passkey on one device. */
async function reach(options: Record<string, unknown> = {}, synced = false) {
  const device = softwareAuthenticator({ synced });
  const passkey = await testPasskey(device);
  const flow = loginWith({ type: 'authenticator', methods: ['webauthn'], ...options });
  const engine = flowEngine({ flows: [flow], users });
  engine.accounts.all.authenticators = [passkey];
  return { engine, device, passkey, ...(await afterPassword(engine)) };
}

describe('a passkey as second factor', () => {
  it('signs in, and its counter is stored', async () => {
    const { engine, device, passkey, browser, page } = await reach();
    expect(optionsOf(page)).toMatchObject({
      rpId: 'auth.example.com',
      userVerification: 'preferred',
      allowCredentials: [
        { type: 'public-key', id: passkey.handle, transports: ['hybrid', 'internal'] },
      ],
    });
    await browser.submit(page, { passkey: device.get(optionsOf(page)) });
    expect(await methodsOf(browser)).toEqual(['password', 'webauthn']);
    expect(engine.accounts.all.authenticators[0]).toMatchObject({
      lastUsedAt: START,
      data: { counter: 2 },
    });
  });

  it('has the same challenge while the page is unchanged, and viewing stores nothing', async () => {
    const { engine, browser, page } = await reach();
    const writes = engine.plans.writes;
    const path = `/flow/login?plan=${page.view.hidden.plan}`;
    expect(optionsOf(await browser.open(path))).toEqual(optionsOf(page));
    expect(engine.plans.writes).toBe(writes);
  });

  const tricks: [string, Tricks][] = [
    ['another origin', { origin: 'https://wiki.example.com' }],
    ['another relying party', { rpId: 'example.com' }],
    ['another challenge', { challenge: 'another' }],
    ['the response to a creation', { type: 'webauthn.create' }],
    ['another key', { forged: true }],
    ['a frame', { crossOrigin: true }],
    ['an absent user', { present: false }],
    ['a lower counter', { counter: 1 }],
    ['the handle of another user', { userHandle: 'passkey-user:fake/bob' }],
  ];
  it.each(tricks)('is refused with %s', async (_what, trick) => {
    const { device, browser, page } = await reach();
    const again = await browser.submit(page, { passkey: device.get(optionsOf(page), trick) });
    expect(again.view.rejection).toEqual(WRONG);
    expect(await browser.session()).toBeNull();
  });

  it('is accepted from a key that stores no user handles', async () => {
    const { device, browser, page } = await reach();
    await browser.submit(page, { passkey: device.get(optionsOf(page), { userHandle: null }) });
    expect(await browser.session()).not.toBeNull();
  });

  it('that was imported without its handle is accepted with any, from then on only with that', async () => {
    const { engine, device, passkey, browser, page } = await reach();
    const imported = { ...passkey, data: { ...passkey.data, userHandle: null } };
    engine.accounts.all.authenticators = [imported];
    const refused = await browser.submit(page, {
      passkey: device.get(optionsOf(page), { userHandle: 'x'.repeat(100) }),
    });
    expect(refused.view.rejection).toEqual(WRONG);
    const userHandle = Buffer.from('a1').toString('base64url');
    await browser.submit(refused, { passkey: device.get(optionsOf(refused), { userHandle }) });
    expect(await methodsOf(browser)).toEqual(['password', 'webauthn']);
    expect(engine.accounts.all.authenticators[0]?.data).toMatchObject({ userHandle });
    const second = await afterPassword(engine);
    const again = await second.browser.submit(second.page, {
      passkey: device.get(optionsOf(second.page), { userHandle: 'b2' }),
    });
    expect(again.view.rejection).toEqual(WRONG);
    await second.browser.submit(again, {
      passkey: device.get(optionsOf(again), { userHandle }),
    });
    expect(await methodsOf(second.browser)).toEqual(['password', 'webauthn']);
  });

  it('must have verified its owner only if the flow requires it', async () => {
    for (const [demand, isTaken] of [
      ['required', false],
      ['preferred', true],
      ['discouraged', true],
    ] as const) {
      const { device, browser, page } = await reach({ user_verification: demand });
      expect(optionsOf(page).userVerification).toBe(demand);
      await browser.submit(page, { passkey: device.get(optionsOf(page), { verified: false }) });
      expect((await browser.session()) !== null).toBe(isTaken);
    }
  });

  it('of another user is refused, even with a right response', async () => {
    const { engine, browser, page } = await reach();
    const bobs = softwareAuthenticator();
    engine.accounts.all.authenticators.push(await testPasskey(bobs, { userId: 'fake/bob' }));
    const credential = bobs.credentials[0]?.id ?? '';
    for (const userHandle of ['passkey-user:fake/bob', 'passkey-user:fake/ann', null]) {
      const answer = bobs.get(optionsOf(page), { credential, userHandle });
      const again = await browser.submit(page, { passkey: answer });
      expect(again.view.rejection).toEqual(WRONG);
    }
    expect(await browser.session()).toBeNull();
  });

  it('gives each challenge once: after one try, a response is worthless', async () => {
    const { device, browser, page } = await reach();
    const answer = device.get(optionsOf(page));
    const again = await browser.submit(page, { passkey: `${answer.slice(0, -1)} }x` });
    const replayed = await browser.submit(again, { passkey: answer });
    expect(replayed.view.rejection).toEqual(WRONG);
    expect(optionsOf(again).challenge).not.toBe(optionsOf(page).challenge);
    expect(await browser.session()).toBeNull();
  });

  it('cannot be used in another run', async () => {
    const { engine, device, page } = await reach();
    const other = await afterPassword(engine);
    const answer = device.get(optionsOf(page));
    await other.browser.submit(other.page, { passkey: answer });
    expect(await other.browser.session()).toBeNull();
  });

  it('that is synced counts zero forever and is accepted each time', async () => {
    const { engine, device, browser, page } = await reach({}, true);
    await browser.submit(page, { passkey: device.get(optionsOf(page)) });
    const second = await afterPassword(engine);
    await second.browser.submit(second.page, { passkey: device.get(optionsOf(second.page)) });
    expect(await methodsOf(second.browser)).toEqual(['password', 'webauthn']);
  });

  it('as JSON is requested with the valid challenge', async () => {
    const { engine, device } = await reach();
    const script = flowBrowser(engine);
    let seen = await script.send('/api/flow/login');
    const post = async (answer: Record<string, string>) => {
      const { seed, plan, csrf } = seen.view as Record<string, string>;
      seen = await script.send('/api/flow/login', {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          origin: 'https://auth.example.com',
          'sec-fetch-site': 'same-origin',
        },
        body: JSON.stringify({ ...(plan ? { plan } : { seed }), csrf, answer }),
      });
    };
    await post({ login: 'ann' });
    await post({ password: 'right' });
    const field = seen.view.challenge.fields.find((f: { name?: string }) => f.name === 'passkey');
    await post({ passkey: device.get(field.options) });
    expect(seen.view.done).toBe(true);
    expect(await methodsOf(script)).toEqual(['password', 'webauthn']);
  });

  it('is not invented', async () => {
    const { browser, page } = await reach();
    let seen = page;
    for (const passkey of ['', 'null', '{}', '{"id":7}', '{"id":"x"}']) {
      seen = await browser.submit(seen, { passkey });
      expect(seen.view.rejection).toEqual(WRONG);
    }
    expect(await browser.session()).toBeNull();
  });
});

/** Ann after entering her password, with these passkeys, each on its own device. */
async function owns(kinds: readonly ('older' | 'newer')[]) {
  const devices = { older: softwareAuthenticator(), newer: softwareAuthenticator() };
  const passkeys = await Promise.all(
    kinds.map((kind) =>
      kind === 'older' ? olderPasskey(devices.older) : testPasskey(devices.newer),
    ),
  );
  const flow = loginWith({ type: 'authenticator', methods: ['webauthn'] });
  const engine = flowEngine({ flows: [flow], users });
  engine.accounts.all.authenticators = passkeys;
  const { browser, page } = await afterPassword(engine);
  const fields = page.view.challenge.fields.filter((f: { kind: string }) => f.kind === 'passkey');
  const requests = fields.map((field: { name: string; options: { rpId: string } }) => [
    field.name,
    field.options.rpId,
  ]);
  return { engine, devices, passkeys, browser, page, requests };
}

describe('a passkey of an older release as second factor', () => {
  it('is requested by the single button of a user who has no other', async () => {
    const { devices, passkeys, browser, page, requests } = await owns(['older']);
    expect(requests).toEqual([['passkey', 'example.com']]);
    expect(optionsOf(page).allowCredentials).toMatchObject([{ id: passkeys[0]?.handle }]);
    await browser.submit(page, { passkey: devices.older.get(optionsOf(page)) });
    expect(await methodsOf(browser)).toEqual(['password', 'webauthn']);
  });

  it('is not offered to a user who has only a newer one', async () => {
    expect((await owns(['newer'])).requests).toEqual([['passkey', 'auth.example.com']]);
  });

  it.each(['older', 'newer'] as const)(
    'comes second for a user with both, and the %s one signs in',
    async (used) => {
      const { devices, passkeys, browser, page, requests } = await owns(['older', 'newer']);
      expect(requests).toEqual([
        ['passkey', 'auth.example.com'],
        ['older_passkey', 'example.com'],
      ]);
      const field = used === 'older' ? 'older_passkey' : 'passkey';
      const { options } = fieldOf(page, field);
      const [older, newer] = passkeys;
      const meant = used === 'older' ? older : newer;
      expect(options.allowCredentials.map(({ id }: { id: string }) => id)).toEqual([meant?.handle]);
      await browser.submit(page, { [field]: devices[used].get(options) });
      expect(await methodsOf(browser)).toEqual(['password', 'webauthn']);
    },
  );

  it('is refused for the relying party of the other, and the other way round', async () => {
    const { devices, browser, page } = await owns(['older', 'newer']);
    const { options } = fieldOf(page, 'older_passkey');
    const answers = [
      { older_passkey: devices.older.get(options, { rpId: 'auth.example.com' }) },
      { passkey: devices.newer.get(optionsOf(page), { rpId: 'example.com' }) },
    ];
    let shown = page;
    for (const answer of answers) {
      shown = await browser.submit(shown, answer);
      expect(shown.view.rejection).toEqual(WRONG);
    }
    expect(await browser.session()).toBeNull();
  });
});

describe('a passkey in place of a password', () => {
  const flow = testFlow('login', [
    { type: 'identification', passkey: true },
    { type: 'authenticator', methods: ['webauthn', 'totp'], not_configured: 'deny' },
    { type: 'user_login' },
  ]);
  const app = testAuthenticator({ userId: 'fake/bob' });

  const named = async (login: string, owned: readonly Authenticator[]) => {
    const engine = flowEngine({ flows: [flow], users });
    engine.accounts.all.authenticators = [...owned];
    const browser = flowBrowser(engine);
    return {
      engine,
      browser,
      page: await browser.submit(await browser.open('/flow/login'), { login }),
    };
  };

  it('does not reveal what a name has: a passkey, an app, nothing, or no account at all', async () => {
    const passkey = await testPasskey(softwareAuthenticator());
    const pages = await Promise.all(
      ['ann', 'bob', 'nix'].map((name) => named(name, [passkey, app])),
    );
    const seen = pages.map(({ page }) => {
      expect(fieldOf(page, 'username').value).toBeTypeOf('string');
      const { challenge } = page.view;
      return JSON.stringify({ challenge, rejection: page.view.rejection, status: page.status })
        .replaceAll(/"(ann|bob|nix)"/g, '"name"')
        .replaceAll(/"challenge":"[^"]*"/g, '"challenge":""');
    });
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]).toContain('"allowCredentials":[]');
    const refused = await Promise.all(
      pages.map(async ({ browser, page }) => {
        const question = await browser.submit(page, { way: 'totp' });
        return (await browser.submit(question, { code: '000000' })).view.rejection;
      }),
    );
    expect(new Set(refused.map((rejection) => JSON.stringify(rejection))).size).toBe(1);
  });

  it('PASSKEY-rp: the offered relying parties are the same for every name', async () => {
    const [older, newer] = [softwareAuthenticator(), softwareAuthenticator()];
    const owned = [
      await olderPasskey(older),
      await testPasskey(newer, { userId: 'fake/bob' }),
    ] as const;
    const pages = await Promise.all(['ann', 'bob', 'nix'].map((name) => named(name, owned)));
    const requests = pages.map(({ page }) =>
      page.view.challenge.fields
        .filter(({ kind }: { kind: string }) => kind === 'passkey')
        .map(({ name, options }: { name: string; options: { challenge: string } }) => ({
          name,
          options: { ...options, challenge: '' },
        })),
    );
    expect(requests[1]).toEqual(requests[0]);
    expect(requests[2]).toEqual(requests[0]);
    expect(requests[0]).toMatchObject([
      { name: 'passkey', options: { rpId: 'auth.example.com', allowCredentials: [] } },
      { name: 'older_passkey', options: { rpId: 'example.com', allowCredentials: [] } },
    ]);
    const [anns] = pages;
    if (anns === undefined) throw new Error('no page');
    const { options } = fieldOf(anns.page, 'older_passkey');
    await anns.browser.submit(anns.page, { older_passkey: older.get(options) });
    expect(await methodsOf(anns.browser)).toEqual(['webauthn']);
  });

  it('signs in its owner, and must have verified them', async () => {
    const device = softwareAuthenticator();
    const passkey = await testPasskey(device);
    for (const [verified, isTaken] of [
      [false, false],
      [true, true],
    ] as const) {
      const { browser, page } = await named('ann', [passkey]);
      const { options } = fieldOf(page, 'passkey');
      expect(options.userVerification).toBe('required');
      await browser.submit(page, { passkey: device.get(options, { verified }) });
      expect(await methodsOf(browser)).toEqual(isTaken ? ['webauthn'] : null);
    }
  });

  it('is requested once if it already identified the user', async () => {
    const device = softwareAuthenticator();
    const engine = flowEngine({ flows: [flow], users });
    engine.accounts.all.authenticators = [await testPasskey(device)];
    const browser = flowBrowser(engine);
    const page = await browser.open('/flow/login');
    const end = await browser.submit(page, {
      passkey: device.get(fieldOf(page, 'passkey').options),
    });
    expect(end.location).toBe('https://auth.example.com/');
    expect(await methodsOf(browser)).toEqual(['webauthn']);
  });
});
