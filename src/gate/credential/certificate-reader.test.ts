/** Client certificates in the field of a proxy: whose they are, what is remembered, and beside a session. */
import { describe, expect, it } from 'vitest';
import {
  authority,
  certificate,
  type CertificateWords,
} from '../../../test/support/certificate.ts';
import {
  fakeClock,
  fakeDirectory,
  fakeEvents,
  fakeSessions,
  fakeTickets,
  fakeVault,
  START,
  testSession,
  testUser,
} from '../../../test/support/fakes.ts';
import { testLive, testSnapshot } from '../../../test/support/snapshot.ts';
import { checkCertificate } from '../../certificates/check.ts';
import type { Presented } from '../../core/access/visitors.ts';
import type { CertificateRule } from '../../core/credential/certificate.ts';
import { networkOf } from '../../core/request/address.ts';
import type { Accepts } from '../../core/routes/accepts.ts';
import { createVisitors } from '../visitor/visitors.ts';
import { createCertificateReader } from './certificate-reader.ts';

const ca = authority();
const ACCEPTS: Accepts = {
  session: true,
  basic: false,
  passwords: false,
  bearer: false,
  certificate: true,
};
const MINUTE = 60_000;
const HEADER = 'ssl-client-cert';
const COOKIE = '__Secure-doorward=sealed.one.secret';

const rule = (changes: Partial<CertificateRule> = {}): CertificateRule => ({
  name: 'machines',
  header: HEADER,
  authorities: [ca.pem],
  attributes: [['subject.OU', ['builds', 'tests']]],
  user: { name: 'ann' },
  groups: [],
  routes: [],
  methods: [],
  networks: [],
  ...changes,
});
const issued = (words: CertificateWords = {}) =>
  certificate({ names: ['ci'], units: ['builds'], ...words }, ca);
const sent = (words: CertificateWords = {}): string => encodeURIComponent(issued(words).pem);

interface Sent {
  readonly value: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly viaTrustedProxy?: boolean;
}

const shown = ({ value, headers = {}, viaTrustedProxy = true }: Sent): Presented => ({
  header: (name) => (name === HEADER ? value : (headers[name] ?? null)),
  clientIp: '192.0.2.7',
  host: 'wiki.example.com',
  viaTrustedProxy,
});

function world(...certificates: readonly CertificateRule[]) {
  const clock = fakeClock();
  const ann = testUser({ groups: ['machines'] });
  const bob = testUser({ id: 'fake/bob', name: 'bob', email: 'bob@example.com', groups: [] });
  const directory = fakeDirectory(ann, bob);
  const live = testLive(testSnapshot({ certificates }));
  const vault = fakeVault();
  let checks = 0;
  const check: typeof checkCertificate = (...asked) => {
    checks += 1;
    return checkCertificate(...asked);
  };
  const parts = { live, clock, directory, vault };
  const reader = createCertificateReader({ ...parts, check });
  const find = (
    value: string | null,
    more: Omit<Sent, 'value'> = {},
    accepts: Accepts | null = ACCEPTS,
  ) => reader.find(shown({ value, ...more }), 'use', accepts);
  return { ...parts, ann, bob, check, find, reader, checks: () => checks };
}

const site = (name: string) => ({ headers: { 'sec-fetch-site': name } });

/** A certificate of ann beside a session of bob. */
async function both() {
  const one = world(rule());
  const sessions = fakeSessions(one.vault);
  const events = fakeEvents();
  const { live, clock, directory, vault, check, bob } = one;
  const parts = { live, sessions, directory, vault, clock, events, tickets: fakeTickets() };
  const visitors = createVisitors({ ...parts, checkCertificate: check });
  const session = testSession({ id: 'session:one', userId: bob.id });
  await sessions.start({ id: 'one', secret: 'secret' }, session);
  const find = (value: string | null, cookie: string | null, accepts: Accepts | null = ACCEPTS) =>
    visitors.apps.find(
      shown({ value, headers: cookie === null ? {} : { cookie } }),
      'use',
      accepts,
    );
  return { ...one, sessions, find };
}

describe('a client certificate', () => {
  it('stands for a user, with the limits and groups of its entry', async () => {
    const limits = { routes: ['wiki'], methods: ['GET'], networks: [networkOf('10.0.0.0/8')] };
    const { ann, find } = world(rule({ ...limits, groups: ['ci'] }));
    const found = await find(sent({ until: START + 2 * MINUTE }));
    expect(found).toMatchObject({
      session: null,
      user: { ...ann, groups: [...ann.groups, 'ci'] },
      grant: { credential: 'certificate', scheme: 'certificate', ...limits },
    });
    expect(found).toMatchObject({
      grant: { id: expect.stringMatching(/^machines [0-9a-f]{64}$/) },
    });
  });

  const named = (user: Partial<Extract<CertificateRule['user'], { attribute: string }>>) =>
    rule({
      attributes: [],
      user: {
        attribute: 'subject.CN',
        prefix: '',
        equals: 'username',
        memberOf: ['machines'],
        ...user,
      },
    });
  it.each<[string, CertificateRule, CertificateWords]>([
    ['common name', named({}), { names: ['ann'] }],
    [
      'name behind a prefix',
      named({ attribute: 'san.uri', prefix: 'spiffe://a/' }),
      { uris: ['spiffe://a/ann'] },
    ],
    ['host name', named({ attribute: 'san.dns' }), { dns: ['ann'] }],
    [
      'email address',
      named({ attribute: 'san.email', equals: 'email' }),
      { emails: ['ann@example.com'] },
    ],
  ])('names its user by %s', async (_what, entry, words) => {
    const { ann, find } = world(entry);
    expect(await find(sent(words))).toMatchObject({ user: { id: ann.id } });
  });

  it.each<[string, CertificateRule, CertificateWords, string]>([
    ['names no user', named({}), { names: ['cleo'] }, 'no-user'],
    ['names a user outside of the groups', named({}), { names: ['bob'] }, 'no-user'],
    ['has two names', named({}), { names: ['ann', 'bob'] }, 'no-user'],
    ['has no name', named({}), { names: [] }, 'no-user'],
    [
      'has another prefix',
      named({ attribute: 'san.uri', prefix: 'spiffe://a/' }),
      { uris: ['spiffe://b/ann'] },
      'no-user',
    ],
    [
      'has nothing behind the prefix',
      named({ attribute: 'san.uri', prefix: 'spiffe://a/' }),
      { uris: ['spiffe://a/'] },
      'no-user',
    ],
    ['names two hosts', named({ attribute: 'san.dns' }), { dns: ['ann', 'bob'] }, 'no-user'],
    [
      'has an address as its username',
      named({ attribute: 'san.email' }),
      { emails: ['ann@example.com'] },
      'no-user',
    ],
    ['lacks an attribute', rule(), { units: [] }, 'attributes'],
    ['has another attribute', rule(), { units: ['Builds'] }, 'attributes'],
    ['has it elsewhere', rule(), { units: [], names: ['builds'] }, 'attributes'],
  ])('does not count if it %s', async (_what, entry, words, fault) => {
    expect(await world(entry).find(sent(words))).toEqual({ rejected: `certificate/${fault}` });
  });

  it('does not stand for a disabled user, nor by an address that is only claimed', async () => {
    const { ann, directory, find } = world(named({ attribute: 'san.email', equals: 'email' }));
    const value = sent({ emails: ['ann@example.com'] });
    directory.put({ ...ann, emailVerified: false });
    expect(await find(value)).toEqual({ rejected: 'certificate/no-user' });
    directory.put({ ...ann, disabled: true });
    expect(await find(value)).toEqual({ rejected: 'certificate/no-user' });
  });

  it('is judged by the first entry that it fits', async () => {
    const other = authority({ names: ['Other CA'] });
    const { find } = world(
      rule({ name: 'a', authorities: [other.pem] }),
      rule({ name: 'b', attributes: [['subject.OU', ['x']]] }),
      rule({ name: 'c', groups: ['c'] }),
      rule({ name: 'd', groups: ['d'] }),
    );
    expect(await find(sent())).toMatchObject({ user: { groups: ['machines', 'c'] } });
    expect(await find(sent({ units: ['y'] }))).toEqual({ rejected: 'certificate/attributes' });
  });
});

describe('a checked certificate', () => {
  it('is remembered for five minutes and until it ends', async () => {
    const { clock, find, reader, checks } = world(rule());
    const [value, short] = [sent(), sent({ until: START + 2 * MINUTE })];
    await Promise.all([find(value), find(value), find(short)]);
    expect(checks()).toBe(2);
    clock.advance(2 * MINUTE);
    expect(find(short)).toMatchObject({ grant: { credential: 'certificate' } });
    clock.advance(1);
    expect(await find(short)).toEqual({ rejected: 'certificate/expired' });
    clock.advance(3 * MINUTE - 2);
    expect(find(value)).not.toBeInstanceOf(Promise);
    clock.advance(1);
    await find(value);
    expect(checks()).toBe(4);
    expect(reader.remembered()).toBe(2);
    reader.close();
  });

  it('is judged again when its user or the configuration changes', async () => {
    const { ann, directory, find, live } = world(rule());
    const value = sent();
    await find(value);
    live.current = testSnapshot({ certificates: [rule({ authorities: [authority().pem] })] });
    expect(await find(value)).toEqual({ rejected: 'certificate/issuer' });
    live.current = testSnapshot({ certificates: [rule()] });
    expect(await find(value)).toMatchObject({ session: null });
    directory.put({ ...ann, disabled: true });
    directory.announce(ann.id);
    expect(await find(value)).toEqual({ rejected: 'certificate/no-user' });
  });
});

describe('no certificate', () => {
  it('is what a peer says that is no trusted proxy, also of one that is remembered', async () => {
    const { find } = world(rule());
    const value = sent();
    await find(value);
    expect(find(value, { viaTrustedProxy: false })).toBeUndefined();
    expect(find(value)).toMatchObject({ session: null });
  });

  it('is what a page of another site makes a browser show', async () => {
    const { find } = world(rule());
    expect(find(sent(), site('cross-site'))).toBeUndefined();
    for (const name of ['same-origin', 'same-site', 'none']) {
      expect(await find(sent(), site(name))).toMatchObject({ session: null });
    }
  });

  it('is an empty field, none, a repeated one, or one where none counts', () => {
    const { find } = world(rule());
    for (const value of [null, '', '  ', '(null)']) expect(find(value)).toBeUndefined();
    expect(find(sent(), {}, { ...ACCEPTS, certificate: false })).toBeUndefined();
    expect(find(sent(), {}, null)).toBeUndefined();
    expect(world().find(sent())).toBeUndefined();
  });
});

describe('beside a session', () => {
  it('a live one decides, and one that has ended does not matter', async () => {
    const { find, sessions, bob, ann } = await both();
    expect(await find(sent(), COOKIE)).toMatchObject({ user: { id: bob.id } });
    // Also one in memory.
    expect(await find(sent(), COOKIE)).toMatchObject({ user: { id: bob.id } });
    expect(await find(sent({ units: [] }), COOKIE)).toMatchObject({ user: { id: bob.id } });
    await sessions.endAll(bob.id);
    expect(await find(sent(), COOKIE)).toMatchObject({ user: { id: ann.id } });
    expect(await find(sent(), null)).toMatchObject({ user: { id: ann.id } });
    expect(await find(sent({ units: [] }), COOKIE)).toEqual({
      rejected: 'certificate/attributes',
    });
    expect(await find(null, COOKIE)).toBeNull();
  });

  it('which does not count, the certificate decides', async () => {
    const { find, ann, bob } = await both();
    const accepts = { ...ACCEPTS, session: false };
    expect(await find(sent(), COOKIE, accepts)).toMatchObject({ user: { id: ann.id } });
    expect(await find(null, COOKIE, accepts)).toMatchObject({ user: { id: bob.id } });
    expect(await find(sent(), COOKIE, null)).toMatchObject({ user: { id: bob.id } });
    expect(await find(sent(), null, null)).toBeNull();
  });

  it('two of which are one too many, the certificate does not help', async () => {
    const { find } = await both();
    expect(await find(sent(), `${COOKIE}; ${COOKIE}`)).toEqual({ cookies: 'two' });
  });
});
