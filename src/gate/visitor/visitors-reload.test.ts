/** What is kept of a visitor after a new configuration: the opened ticket, and nothing else. */
import { describe, expect, it } from 'vitest';
import {
  fakeClock,
  fakeDirectory,
  fakeEvents,
  fakeSessions,
  fakeTickets,
  fakeVault,
  testSession,
  testUser,
} from '../../../test/support/fakes.ts';
import { presented } from '../../../test/support/presented.ts';
import { testLive, testSnapshot } from '../../../test/support/snapshot.ts';
import { createVisitors } from './visitors.ts';

const COOKIE = '__Secure-doorward=sealed.one.secret';
const GARBAGE = '__Secure-doorward=garbage';
const HERE = '192.0.2.7';

async function setUp() {
  const vault = fakeVault();
  const sessions = fakeSessions(vault);
  const tickets = fakeTickets();
  const live = testLive();
  const visitors = createVisitors({
    live,
    sessions,
    directory: fakeDirectory(testUser()),
    tickets,
    vault,
    clock: fakeClock(),
    events: fakeEvents(),
  });
  await sessions.start({ id: 'one', secret: 'secret' }, testSession({ id: 'session:one' }));
  const find = async (header: string) => visitors.apps.find(presented(header, HERE));
  await find(COOKIE);
  await find(GARBAGE);
  return { find, sessions, tickets, live };
}

describe('a new configuration', () => {
  it('reads every session again, and opens no ticket a second time', async () => {
    const { find, sessions, tickets, live } = await setUp();
    sessions.calls.length = 0;
    live.current = testSnapshot();
    expect(await find(COOKIE)).toMatchObject({ user: { id: 'fake/ann' } });
    expect(await find(GARBAGE)).toBeNull();
    expect(sessions.calls).toEqual(['read session:one']);
    expect(tickets.opened).toBe(2);
  });

  it('restores no session that has ended', async () => {
    const { find, sessions, live } = await setUp();
    live.current = testSnapshot();
    await sessions.end('session:one');
    expect(await find(COOKIE)).toBeNull();
  });

  it('that renames the cookie accepts the new name alone', async () => {
    const { find, tickets, live } = await setUp();
    live.current = testSnapshot({ publicUrl: 'http://auth.example.com' });
    expect(await find(COOKIE)).toBeNull();
    const renamed = COOKIE.replace('__Secure-', '');
    expect(await find(renamed)).toMatchObject({ user: { id: 'fake/ann' } });
    expect(tickets.opened).toBe(2);
  });
});
