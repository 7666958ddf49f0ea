/** Runs the contract for each credential reader, and tests their order. */
import { describe, expect, it } from 'vitest';
import type { CredentialReader, Found } from '../../src/core/access/visitors.ts';
import { createCookieReaders } from '../../src/gate/visitor/cookie-reader.ts';
import { firstOf } from '../../src/gate/visitor/visitors.ts';
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
import { presented } from '../support/presented.ts';
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
