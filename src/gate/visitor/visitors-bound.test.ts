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
import { testLive } from '../../../test/support/snapshot.ts';
import type { Session } from '../../core/people/session.ts';
import { presentOf } from '../../core/access/visitors.ts';
import { createVisitors } from './visitors.ts';

const COOKIE = '__Secure-doorward=sealed.one.secret';
const HERE = '192.0.2.7';
const NEAR = '192.0.2.200';
const THERE = '203.0.113.7';
const ELSEWHERE = { elsewhere: 'fake/ann' };
const NETWORK = { network: '192.0.2.0/24' };

async function setUp(session: Partial<Session> = { bound: NETWORK }) {
  const vault = fakeVault();
  const sessions = fakeSessions(vault);
  const clock = fakeClock();
  const events = fakeEvents();
  const pending: (() => void)[] = [];
  const queried: string[] = [];
  const visitors = createVisitors({
    live: testLive(),
    sessions,
    directory: fakeDirectory(testUser()),
    tickets: fakeTickets(),
    vault,
    clock,
    events,
    places: {
      countryOf(ip) {
        queried.push(ip);
        return ip === THERE ? 'JP' : 'NL';
      },
    },
    later: (task) => void pending.push(task),
  });
  await sessions.start({ id: 'one', secret: 'secret' }, testSession(session));
  sessions.calls.length = 0;
  const find = (ip: string) => visitors.apps.find(presented(COOKIE, ip));
  const afterReply = async (): Promise<void> => {
    for (const task of pending.splice(0)) task();
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return { find, visitors, sessions, clock, events, queried, afterReply };
}

describe('a session bound to its network', () => {
  it.each([
    [
      [HERE, THERE, NEAR],
      ['fake/ann', null, 'fake/ann'],
    ],
    [
      [THERE, HERE, THERE],
      [null, 'fake/ann', null],
    ],
  ])('is accepted in all of it and refused elsewhere, in any order: %j', async (order, who) => {
    const { find } = await setUp();
    const found: (string | null)[] = [];
    for (const ip of order) found.push(presentOf(await find(ip))?.user.id ?? null);
    expect(found).toEqual(who);
  });

  it('is decided synchronously once it is cached, for any address', async () => {
    const { find } = await setUp();
    await find(HERE);
    expect(find(NEAR)).toMatchObject({ user: { id: 'fake/ann' } });
    expect(find(THERE)).toEqual(ELSEWHERE);
  });

  it('is decided for each address when requests arrive together', async () => {
    const { find, sessions } = await setUp();
    const [one, other] = await Promise.all([find(HERE), find(THERE)]);
    expect(one).toMatchObject({ user: { id: 'fake/ann' } });
    expect(other).toEqual(ELSEWHERE);
    expect(sessions.calls).toEqual(['read session:one']);
  });

  it('is decided for each address while nothing may be cached', async () => {
    const { find, sessions } = await setUp();
    sessions.coherent = false;
    expect(await find(THERE)).toEqual(ELSEWHERE);
    expect(await find(HERE)).toMatchObject({ user: { id: 'fake/ann' } });
  });

  it('continues for its owner: use elsewhere neither ends nor extends it', async () => {
    const { find, sessions, clock, afterReply } = await setUp();
    clock.advance(30 * 60_000);
    await find(THERE);
    await find(THERE);
    await afterReply();
    expect(sessions.calls).toEqual(['read session:one']);
    clock.advance(31 * 60_000);
    expect(await find(HERE)).toBeNull();
  });

  it('is extended by use on its own network', async () => {
    const { find, sessions, clock, afterReply } = await setUp();
    clock.advance(30 * 60_000);
    await find(HERE);
    await afterReply();
    expect(sessions.calls).toContain('touch session:one');
    clock.advance(31 * 60_000);
    expect(await find(HERE)).toMatchObject({ user: { id: 'fake/ann' } });
  });

  it('reports each refused use, with its address', async () => {
    const { find, events } = await setUp();
    await find(THERE);
    await find(THERE);
    const told = {
      type: 'session',
      change: 'elsewhere',
      sessionId: 'session:one',
      userId: 'fake/ann',
      clientIp: THERE,
    };
    expect(events.all).toEqual([told, told]);
  });

  it('that has ended is no session, from any address', async () => {
    const { find, sessions } = await setUp();
    await sessions.end('session:one');
    expect(await find(THERE)).toBeNull();
  });

  it('can still be named by its ticket', async () => {
    const { visitors } = await setUp();
    const cookie = '__Host-doorward-portal=sealed.one.secret@portal:auth.example.com';
    expect(await visitors.portal.ticket(cookie)).toEqual({ id: 'one', secret: 'secret' });
  });
});

describe('a session bound to a country', () => {
  it('is valid in it alone', async () => {
    const { find } = await setUp({ bound: { country: 'NL' } });
    expect(await find('198.51.100.1')).toMatchObject({ user: { id: 'fake/ann' } });
    expect(await find(THERE)).toEqual(ELSEWHERE);
  });
});

describe('a free session', () => {
  it('is accepted anywhere, and no address is looked up', async () => {
    const { find, queried, events } = await setUp({});
    for (const ip of [HERE, THERE, HERE]) {
      expect(await find(ip)).toMatchObject({ user: { id: 'fake/ann' } });
    }
    expect([queried, events.all]).toEqual([[], []]);
  });
});
