import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  authority,
  certificate,
  type CertificateWords,
  type Issued,
  SERVER_AUTH,
} from '../../../test/support/certificate.ts';
import { methodsOf } from '../../../test/support/factors.ts';
import { START, testUser } from '../../../test/support/fakes.ts';
import {
  flowBrowser,
  flowEngine,
  LOGIN,
  type Seen,
  type StageWords,
  testFlow,
} from '../../../test/support/flow-fakes.ts';

const ca = authority();
const HEADER = 'ssl-client-cert';
const DAY = 86_400_000;
const sent = ({ pem }: Pick<Issued, 'pem'>) => ({ [HEADER]: encodeURIComponent(pem) });
const good = (words: CertificateWords = {}) => sent(certificate(words, ca));
/** The fingerprint as other tools print it. */
const fingerprint = ({ der }: Issued): string => createHash('sha256').update(der).digest('hex');
/** Keys are random, so a fingerprint that starts with zero appears after a few attempts. */
const withZero = (): Issued => {
  for (;;) {
    const made = certificate({ serial: 0xab01 }, ca);
    if (fingerprint(made).startsWith('0')) return made;
  }
};

const ANN = testUser();
const BOB = testUser({ id: 'fake/bob', name: 'bob', email: 'bob@example.com' });
const mtls = (more: Record<string, unknown> = {}): StageWords => ({
  type: 'mtls',
  header: 'Ssl-Client-Cert',
  ca: ca.pem,
  ...more,
});

/** A sign-in by certificate, either as the first stage or after a password. */
function engineFor(options: Record<string, unknown> = {}, before: readonly StageWords[] = []) {
  const words = [...before, mtls(options), { type: 'user_login' }];
  return flowEngine({ flows: [testFlow('login', words)], users: [ANN, BOB] });
}
const PASSWORD: readonly StageWords[] = [{ type: 'identification' }, { type: 'password' }];

/** Opens the page and clicks, for a browser behind a proxy that adds these headers. */
async function click(engine: ReturnType<typeof engineFor>, proxy: Record<string, string>) {
  const browser = flowBrowser(engine, '192.0.2.7', proxy);
  const page = await browser.open('/flow/login');
  const end = page.status === 200 ? await browser.submit(page) : page;
  return { browser, page, end };
}

const rejectionOf = (seen: Seen): string => seen.view.rejection?.key ?? seen.view.code ?? 'none';

describe('a certificate', () => {
  it('identifies a user and proves it, after a click', async () => {
    const engine = engineFor();
    const browser = flowBrowser(engine, '192.0.2.7', good());
    const page = await browser.open('/flow/login');
    expect([page.view.challenge.type, engine.plans.writes]).toEqual(['mtls', 0]);
    expect((await browser.submit(page)).location).toBe('https://auth.example.com/');
    expect(await browser.session()).toMatchObject({
      userId: ANN.id,
      proofs: [{ method: 'mtls', at: START }],
    });
  });

  const sheets: [string, Record<string, unknown>, CertificateWords][] = [
    ['common name', { attribute: 'subject.CN' }, { names: ['ann'] }],
    [
      'address',
      { attribute: 'san.email', equals: 'email' },
      { names: [], emails: ['ann@example.com'] },
    ],
    ['common name that is an address', { equals: 'email' }, { names: ['ann@example.com'] }],
    ['principal name', { attribute: 'san.upn' }, { names: ['x'], upn: 'ann', emails: ['a@b.c'] }],
  ];
  it.each(sheets)('names its owner by %s', async (_what, options, words) => {
    const { browser } = await click(engineFor(options), good(words));
    expect((await browser.session())?.userId).toBe(ANN.id);
  });

  const nameless: [string, Record<string, unknown>, CertificateWords][] = [
    ['an unknown name', {}, { names: ['cleo'] }],
    ['no name', {}, { names: [] }],
    ['two names', {}, { names: ['ann', 'bob'] }],
    ['a name with more in it', {}, { names: ['ann\nCN=bob'] }],
    ['an address only in its name', { attribute: 'san.email', equals: 'email' }, {}],
    [
      'two addresses',
      { attribute: 'san.email', equals: 'email' },
      { emails: ['ann@example.com', 'x@example.com'] },
    ],
    [
      'an address made to look like two',
      { attribute: 'san.email', equals: 'email' },
      { emails: ['x@example.com, email:ann@example.com'] },
    ],
    ['a principal name in another field', { attribute: 'san.upn' }, { dns: ['UPN:ann'] }],
    ['an address where a username is expected', {}, { names: ['ann@example.com'] }],
  ];
  it.each(nameless)('with %s identifies no user', async (_what, options, words) => {
    const { browser, end } = await click(engineFor(options), good(words));
    expect(rejectionOf(end)).toBe('mtls.wrong');
    expect(await browser.session()).toBeNull();
  });

  it('of a disabled user looks the same as one of an unknown user', async () => {
    const engine = engineFor();
    engine.directory.put(testUser({ disabled: true }));
    const { browser, end } = await click(engine, good());
    expect([rejectionOf(end), await browser.session()]).toEqual(['mtls.wrong', null]);
  });
});

describe('an invalid certificate', () => {
  const cases: [string, () => Record<string, string>, string][] = [
    ['of yesterday', () => good({ until: START - 1 }), 'mtls.expired'],
    ['of tomorrow', () => good({ from: START + DAY }), 'mtls.expired'],
    ['of another authority', () => sent(certificate({}, authority())), 'mtls.issuer'],
    [
      'of one that only bears the same name',
      () => sent(certificate({}, authority({ names: ['Test CA'] }))),
      'mtls.issuer',
    ],
    ['that is self-signed', () => sent(certificate()), 'mtls.issuer'],
    [
      'that vouches for itself in the authority’s name',
      () => sent(certificate({ names: ['Test CA'] })),
      'mtls.issuer',
    ],
    [
      'of a client that plays authority',
      () => sent(certificate({}, certificate({ names: ['x'] }, ca))),
      'mtls.issuer',
    ],
    ['signed with a broken hash', () => good({ hash: 'sha1' }), 'mtls.issuer'],
    ['of the authority itself', () => sent(ca), 'mtls.purpose'],
    ['of an authority below it', () => good({ isAuthority: true }), 'mtls.purpose'],
    ['of a server', () => good({ usages: [SERVER_AUTH] }), 'mtls.purpose'],
    ['that is garbage', () => ({ [HEADER]: 'garbage' }), 'mtls.garbled'],
    ['that is too large', () => ({ [HEADER]: 'A'.repeat(16_388) }), 'mtls.garbled'],
  ];
  it.each(cases)('%s signs no user in and is reported', async (_what, header, rejection) => {
    const engine = engineFor();
    const { browser, end } = await click(engine, header());
    expect([rejectionOf(end), await browser.session()]).toEqual([rejection, null]);
    expect(engine.events.all).toContainEqual(
      expect.objectContaining({ type: 'sign-in', method: 'mtls', result: 'wrong', userId: null }),
    );
  });

  it('was valid while its authority was, and no longer', async () => {
    const old = authority({ until: START + DAY });
    const engine = engineFor({ ca: old.pem });
    const header = sent(certificate({}, old));
    expect(await methodsOf((await click(engine, header)).browser)).toEqual(['mtls']);
    engine.clock.advance(DAY + 1);
    expect(rejectionOf((await click(engine, header)).end)).toBe('mtls.issuer');
  });

  it('without a declared purpose is accepted, and one for servers as well', async () => {
    for (const usages of [[], [SERVER_AUTH, '1.3.6.1.5.5.7.3.2']]) {
      const { browser } = await click(engineFor(), good({ usages }));
      expect(await methodsOf(browser)).toEqual(['mtls']);
    }
  });

  it('is throttled, and locks out no other user', async () => {
    const engine = engineFor();
    const bad = good({ until: START - 1 });
    const browser = flowBrowser(engine, '192.0.2.66', bad);
    let page = await browser.open('/flow/login');
    for (let i = 0; i < 6; i += 1) page = await browser.submit(page);
    expect([page.status, rejectionOf(page)]).toEqual([429, 'mtls.throttled']);
    expect(await methodsOf((await click(engine, good())).browser)).toEqual(['mtls']);
  });
});

describe('a certificate header', () => {
  it('is ignored if the peer is no trusted proxy', async () => {
    const browser = flowBrowser(engineFor());
    const seen = await browser.send('/flow/login', { headers: good() });
    expect([seen.status, seen.view.text]).toEqual([403, { key: 'mtls.none' }]);
  });

  it('of an untrusted peer adds nothing if the stage may be skipped', async () => {
    const browser = flowBrowser(engineFor({ not_given: 'skip' }, PASSWORD));
    const question = await browser.submit(await browser.open('/flow/login'), { login: 'ann' });
    await browser.post(question, { password: 'right' }, good());
    expect(await methodsOf(browser)).toEqual(['password']);
  });

  it("that is missing after the page's click proves nothing", async () => {
    const engine = engineFor();
    const proxy: Record<string, string> = { ...good() };
    const browser = flowBrowser(engine, '192.0.2.7', proxy);
    const page = await browser.open('/flow/login');
    delete proxy[HEADER];
    const end = await browser.submit(page);
    expect([end.view.code, await browser.session()]).toEqual(['mtls/none', null]);
  });

  it('of another name, an empty one and none are no certificate', async () => {
    const engine = engineFor();
    const [value = ''] = Object.values(good());
    for (const proxy of [{ 'x-ssl-client-cert': value }, { [HEADER]: ' ' }, {}]) {
      expect((await click(engine, proxy)).page.view.code).toBe('mtls/none');
    }
  });
});

describe('a certificate after a password', () => {
  const own = withZero();
  const reach = async (options: Record<string, unknown>, proxy: Record<string, string>) => {
    const engine = engineFor(options, PASSWORD);
    engine.directory.put(
      testUser({
        attributes: {
          certificates: ['ff', fingerprint(own).toUpperCase().match(/../g)?.join(':') ?? ''],
          card: { serial: '00AB:01' },
        },
      }),
    );
    const browser = flowBrowser(engine, '192.0.2.7', proxy);
    const page = await browser.signIn();
    return { browser, page, end: page.status === 200 ? await browser.submit(page) : page };
  };

  it.each<[string, Record<string, unknown>]>([
    ['name', {}],
    ['fingerprint', { attribute: 'fingerprint', equals: 'attributes.certificates' }],
    ['number', { attribute: 'serial', equals: 'attributes.card.serial' }],
    ['name, where it may be skipped', { not_given: 'skip' }],
  ])('is a second proof, by %s', async (_what, options) => {
    const { browser } = await reach(options, sent(own));
    expect(await methodsOf(browser)).toEqual(['password', 'mtls']);
  });

  it.each<[string, Record<string, unknown>]>([
    ['name', {}],
    ['fingerprint', { attribute: 'fingerprint', equals: 'attributes.certificates' }],
    ['number', { attribute: 'serial', equals: 'attributes.card.serial' }],
    ['a nonexistent attribute', { attribute: 'serial', equals: 'attributes.constructor.name' }],
    ['name, where it may be skipped', { not_given: 'skip' }],
  ])('of another user is refused, by %s', async (_what, options) => {
    const { browser, end } = await reach(options, good({ names: ['bob'], serial: 9 }));
    expect([rejectionOf(end), await browser.session()]).toEqual(['mtls.wrong', null]);
  });

  it('matches the username in any case', async () => {
    const { browser } = await reach({}, good({ names: ['ANN'] }));
    expect(await methodsOf(browser)).toEqual(['password', 'mtls']);
  });

  it('that is missing passes or not, as the flow says', async () => {
    expect(await methodsOf((await reach({ not_given: 'skip' }, {})).browser)).toEqual(['password']);
    const { browser, end } = await reach({}, {});
    expect([end.view.code, await browser.session()]).toEqual(['mtls/none', null]);
  });

  it('in a step-up must be that of the signed-in user', async () => {
    const flow = testFlow('step-up', [mtls(), { type: 'user_login' }], {
      requires: 'session',
      designation: 'authorization',
    });
    for (const [names, methods] of [
      [['bob'], ['password']],
      [['ann'], ['password', 'mtls']],
    ] as const) {
      const engine = flowEngine({ flows: [LOGIN, flow], users: [ANN, BOB] });
      const browser = flowBrowser(engine, '192.0.2.7', good({ names }));
      await browser.signIn();
      await browser.submit(await browser.open('/flow/step-up'));
      expect(await methodsOf(browser)).toEqual(methods);
      expect((await browser.session())?.userId).toBe(ANN.id);
    }
  });
});
