/** Runs the contract for each credential reader, and tests their order. */
import { describe, expect, it } from 'vitest';
import type { CredentialReader, Found, Presented } from '../../src/core/access/visitors.ts';
import { createCookieReaders } from '../../src/gate/visitor/cookie-reader.ts';
import { newTokenText } from '../../src/core/people/token.ts';
import { createPasswordReader } from '../../src/gate/credential/password-reader.ts';
import { createTokenReader } from '../../src/gate/credential/token-reader.ts';
import { firstOf } from '../../src/gate/visitor/visitors.ts';
import { systemRandom } from '../../src/run/backing/adapters.ts';
import { fakeAccounts } from '../support/fake-accounts.ts';
import {
  fakeClock,
  fakeDirectory,
  fakeEvents,
  fakeSessions,
  fakeTickets,
  fakeVault,
  testSession,
  testUser,
} from '../support/fakes.ts';
import { fakeThrottle } from '../support/flow-fakes.ts';
import { presented } from '../support/presented.ts';
import { basic, testToken, withId } from '../support/tokens.ts';
import { testLive } from '../support/snapshot.ts';
import { type CredentialWorld, credentialsContract } from './credentials.suite.ts';

const ONE = 'sealed.one.secret';
const AT_PORTAL = '@portal:auth.example.com';

async function cookieWorld(
  which: 'apps' | 'portal',
  { name, valid, misplaced }: { name: string; valid: string; misplaced: readonly string[] },
): Promise<CredentialWorld> {
  const vault = fakeVault();
  const sessions = fakeSessions(vault);
  const user = testUser();
  const directory = fakeDirectory(user);
  const readers = createCookieReaders({
    live: testLive(),
    sessions,
    directory,
    tickets: fakeTickets(),
    vault,
    clock: fakeClock(),
    events: fakeEvents(),
    later: () => undefined,
  });
  await sessions.start({ id: 'one', secret: 'secret' }, testSession({ id: 'session:one' }));
  sessions.calls.length = 0;
  const host = which === 'portal' ? 'auth.example.com' : 'wiki.example.com';
  const withCookie = (header: string) => presented(header, '192.0.2.7', host);
  return {
    reader: readers[which],
    userId: user.id,
    bare: withCookie('theme=dark'),
    valid: withCookie(`${name}=${valid}`),
    invalid: [
      withCookie(`${name}=garbage`),
      withCookie(`${name}=${valid.replace('one', 'unknown')}`),
      withCookie(`${name}=${valid.replace('secret', 'forged')}`),
      withCookie(`${name}=${valid}; ${name}=${valid}`),
      ...misplaced.map((value) => withCookie(`${name}=${value}`)),
    ],
    revoke: async () => void (await sessions.end('session:one')),
    disableUser: () => directory.put({ ...user, disabled: true }),
    breakStores() {
      sessions.fault = new Error('the store is down');
    },
    reads: () => sessions.calls.filter((call) => call.startsWith('read')).length + directory.reads,
  };
}

credentialsContract('cookie', () =>
  cookieWorld('apps', {
    name: '__Secure-doorward',
    valid: ONE,
    misplaced: [
      ONE + AT_PORTAL,
      `${ONE}@domain:example.org`,
      `${ONE}@host:wiki.example.com`,
      `${ONE}@domain:`,
    ],
  }),
);
credentialsContract('portal cookie', () =>
  cookieWorld('portal', {
    name: '__Host-doorward-portal',
    valid: ONE + AT_PORTAL,
    misplaced: [ONE, `${ONE}@host:auth.example.com`, `${ONE}@portal:auth.example.org`],
  }),
);

async function tokenWorld(scheme: 'basic' | 'bearer'): Promise<CredentialWorld> {
  const vault = fakeVault();
  const accounts = fakeAccounts();
  const user = testUser();
  const directory = fakeDirectory(user);
  const { id, text } = newTokenText(systemRandom);
  const textName = vault.name('token', text);
  await accounts.createToken(testToken({ id, textName, userId: user.id }));
  let reads = 0;
  const counting: typeof accounts.token = (wanted) => {
    reads += 1;
    return accounts.token(wanted);
  };
  const field = (secret: string, name = 'ann') =>
    scheme === 'bearer' ? `Bearer ${secret}` : basic(name, secret);
  const withField = (value: string | null): Presented => ({
    ...presented(null),
    header: (name) => (name === 'authorization' ? value : null),
  });
  const other = newTokenText(systemRandom).text;
  return {
    reader: createTokenReader({
      accounts: { ...accounts, token: counting },
      directory,
      vault,
      clock: fakeClock(),
      throttle: fakeThrottle(),
      rule: { free: 30, wait: 1, longest: 1, window: 1 },
      write: () => undefined,
    }),
    userId: user.id,
    accepts: {
      session: true,
      basic: scheme === 'basic',
      passwords: false,
      bearer: scheme === 'bearer',
      certificate: false,
    },
    bare: withField(null),
    valid: withField(field(text)),
    invalid: [
      withField(field(`${text}x`)),
      withField(field(text.toLowerCase())),
      withField(field(other)),
      // The id of one token with the secret of another.
      withField(field(withId(other, id))),
      withField(field('dwt_')),
      ...(scheme === 'basic' ? [withField(field(text, 'bob')), withField(field(text, ''))] : []),
    ],
    revoke: async () => void (await accounts.revokeToken(id)),
    disableUser: () => directory.put({ ...user, disabled: true }),
    breakStores() {
      accounts.fault = new Error('the store is down');
    },
    reads: () => reads + directory.reads,
  };
}

credentialsContract('token', () => tokenWorld('bearer'));
credentialsContract('token', () => tokenWorld('basic'));

async function passwordWorld(): Promise<CredentialWorld> {
  const user = testUser();
  const directory = fakeDirectory(user);
  let checks = 0;
  const state = { password: 'right', isDown: false };
  const withField = (value: string | null): Presented => ({
    ...presented(null),
    header: (name) => (name === 'authorization' ? value : null),
  });
  return {
    reader: createPasswordReader({
      accounts: fakeAccounts(),
      async check({ login, password }) {
        checks += 1;
        if (state.isDown) throw new Error('the store is down');
        const known = login === 'ann' ? await directory.read(user.id) : null;
        const isRight = known !== null && !known.disabled && password === state.password;
        return isRight ? { user: known } : { refused: 'wrong' };
      },
      directory,
      vault: fakeVault(),
      clock: fakeClock(),
    }),
    userId: user.id,
    accepts: { session: true, basic: true, passwords: true, bearer: false, certificate: false },
    bare: withField(null),
    valid: withField(basic('ann', 'right')),
    invalid: [withField(basic('ann', 'wrong')), withField(basic('bob', 'right'))],
    async revoke() {
      state.password = 'new';
      directory.announce(user.id);
    },
    disableUser: () => directory.put({ ...user, disabled: true }),
    breakStores() {
      state.isDown = true;
    },
    reads: () => checks,
  };
}

credentialsContract('password', passwordWorld);

describe('a list of credential readers', () => {
  const visitor = { session: testSession(), user: testUser() };
  const calls: string[] = [];
  const reader = (name: string, found: Found | undefined): CredentialReader => ({
    name,
    find() {
      calls.push(name);
      return found;
    },
  });
  const nothing = presented(null);

  it.each([
    ['the next one is tried when a request lacks a credential', undefined, visitor],
    ['an invalid credential is final, even beside a valid one of another kind', null, null],
    ['an ambiguous credential is final as well', { cookies: 'two' }, { cookies: 'two' }],
  ] as const)('%s', (_what, first, expected) => {
    const find = firstOf([reader('first', first), reader('second', visitor)]);
    expect(find(nothing)).toEqual(expected);
  });

  it('stops at the first reader that decides', () => {
    calls.length = 0;
    const find = firstOf([
      reader('first', undefined),
      reader('second', visitor),
      reader('third', null),
    ]);
    expect(find(nothing)).toEqual(visitor);
    expect(calls).toEqual(['first', 'second']);
  });

  it('finds no visitor in a request without credentials', () => {
    expect(firstOf([reader('first', undefined)])(nothing)).toBeNull();
  });
});
