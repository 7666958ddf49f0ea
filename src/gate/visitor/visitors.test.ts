import { describe, expect, it } from 'vitest';
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
import { presented } from '../../../test/support/presented.ts';
import { testLive } from '../../../test/support/snapshot.ts';
import type { SessionVisitor } from '../../core/access/decision.ts';
import type { Session } from '../../core/people/session.ts';
import type { Purpose } from '../../core/access/visitors.ts';
import { MAX_AGE, MAX_COOKIE } from './cookie-reader.ts';
import { createVisitors } from './visitors.ts';

const MINUTE = 60_000;
const cookieOf = (id: string): string => `__Secure-doorward=sealed.${id}.secret`;
const COOKIE = cookieOf('one');

async function setUp(options: { capacity?: number; session?: Partial<Session> } = {}) {
  const vault = fakeVault();
  const sessions = fakeSessions(vault);
  const directory = fakeDirectory(testUser());
  const tickets = fakeTickets();
  const clock = fakeClock();
  const events = fakeEvents();
  const live = testLive();
  const pending: (() => void)[] = [];
  const created = createVisitors({
    live,
    sessions,
    directory,
    tickets,
    vault,
    clock,
    events,
    capacity: options.capacity ?? 100,
    later: (task) => void pending.push(task),
  });
  // Of free sessions, used from any address. Bound ones have their own tests.
  const find = (header: string | null, purpose: Purpose = 'use') =>
    created.apps.find(presented(header), purpose) as
      | SessionVisitor
      | null
      | Promise<SessionVisitor | null>;
  const visitors = { ...created, find };
  const start = (id: string, changes: Partial<Session> = {}) =>
    sessions.start({ id, secret: 'secret' }, testSession({ id: `session:${id}`, ...changes }));
  await start('one', options.session);
  sessions.calls.length = 0;
  /** Runs what waits for the end of the reply. */
  const afterReply = async (): Promise<void> => {
    for (const task of pending.splice(0)) task();
    await turns();
  };
  const reads = (): number => sessions.calls.filter((call) => call.startsWith('read')).length;
  return { visitors, sessions, directory, tickets, clock, events, live, start, afterReply, reads };
}

/** `count` visitors, and one round of a request from each. */
async function crowdOf(count: number, capacity: number) {
  const { visitors, tickets, start, reads } = await setUp({ capacity });
  const cookies = Array.from({ length: count }, (_, i) => cookieOf(`v${i}`));
  for (let i = 0; i < count; i += 1) await start(`v${i}`);
  const come = async (): Promise<void> => {
    for (const cookie of cookies) await visitors.find(cookie);
  };
  return { visitors, tickets, reads, cookies, come };
}

/** Lets all pending microtasks run. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe('a visitor', () => {
  it('is a session and a user', async () => {
    const { visitors } = await setUp();
    expect(await visitors.find(COOKIE)).toEqual({ session: testSession(), user: testUser() });
  });

  it.each([
    null,
    '',
    'other=1',
    '__Secure-doorward=garbage',
    '__Secure-doorward=sealed.unknown.secret',
    '__Secure-doorward=sealed.one.forged',
    `__Secure-doorward=${'A'.repeat(4096)}`,
    'doorward=sealed.one.secret',
  ])('is null for %j, without an error', async (header) => {
    const { visitors } = await setUp();
    expect(await visitors.find(header)).toBeNull();
  });

  it('is null if the store returns a session with another id than it announces', async () => {
    const { visitors, sessions } = await setUp();
    await sessions.start({ id: 'two', secret: 'secret' }, testSession());
    expect(await visitors.find(cookieOf('two'))).toBeNull();
  });

  it('costs no store, directory or ticket access when there is no cookie', async () => {
    const { visitors, sessions, directory, tickets } = await setUp();
    expect(visitors.find('a=1')).toBeNull();
    expect(visitors.find(`__Secure-doorward=${'A'.repeat(MAX_COOKIE + 1)}`)).toBeNull();
    expect([sessions.calls.length, directory.reads, tickets.opened]).toEqual([0, 0, 0]);
  });

  it('is cached, and then returned without a promise', async () => {
    const { visitors, tickets, reads } = await setUp();
    const first = await visitors.find(COOKIE);
    expect(visitors.find(COOKIE)).toBe(first);
    expect([reads(), tickets.opened]).toEqual([1, 1]);
  });

  it('is read once for all concurrent requests', async () => {
    const { visitors, reads } = await setUp();
    const replies = await Promise.all([1, 2, 3].map(async () => visitors.find(COOKIE)));
    expect(replies.every((answer) => answer?.user.name === 'ann')).toBe(true);
    expect(reads()).toBe(1);
  });

  it('whose stale cookie is sent with every request costs one opening', async () => {
    const { visitors, tickets } = await setUp();
    for (let i = 0; i < 5; i += 1) await visitors.find('__Secure-doorward=garbage');
    expect(tickets.opened).toBe(1);
  });
});

describe('a change', () => {
  it('ends a cached session at once', async () => {
    const { visitors, sessions } = await setUp();
    await visitors.find(COOKIE);
    await sessions.end('session:one');
    expect(await visitors.find(COOKIE)).toBeNull();
  });

  it('brings new groups to a cached session at once', async () => {
    const { visitors, directory } = await setUp();
    await visitors.find(COOKIE);
    directory.put(testUser({ groups: ['admins'] }));
    expect((await visitors.find(COOKIE))?.user.groups).toEqual(['admins']);
  });

  it('leaves other sessions in the cache', async () => {
    const { visitors, sessions, directory, start } = await setUp();
    await start('two');
    await visitors.find(COOKIE);
    await visitors.find(cookieOf('two'));
    await sessions.end('session:two');
    directory.put(testUser({ id: 'fake/bob' }));
    expect(visitors.find(COOKIE)).not.toBeInstanceOf(Promise);
  });

  it('empties the cache if it is not known what changed', async () => {
    const { visitors, sessions, directory, reads } = await setUp();
    for (const source of [sessions, directory]) {
      await visitors.find(COOKIE);
      source.announce(null);
      expect(visitors.remembered()).toBe(0);
    }
    await visitors.find(COOKIE);
    expect(reads()).toBe(3);
  });

  it('ends a session that is being read for all later requests', async () => {
    const { visitors, sessions } = await setUp();
    const gate = Promise.withResolvers<void>();
    sessions.delay = gate.promise;
    const early = visitors.find(COOKIE);
    await turns();
    await sessions.end('session:one');
    sessions.delay = null;
    const late = visitors.find(COOKIE);
    gate.resolve();
    await early;
    expect([await late, await visitors.find(COOKIE)]).toEqual([null, null]);
  });

  it('brings new groups to all requests after a user that is being read', async () => {
    const { visitors, directory } = await setUp();
    const gate = Promise.withResolvers<void>();
    directory.delay = gate.promise;
    const early = visitors.find(COOKIE);
    await turns();
    directory.put(testUser({ groups: ['admins'] }));
    directory.delay = null;
    const late = await visitors.find(COOKIE);
    gate.resolve();
    await early;
    const after = await visitors.find(COOKIE);
    expect([late?.user.groups, after?.user.groups]).toEqual([['admins'], ['admins']]);
  });
});

describe('a store or directory that cannot guarantee its announcements', () => {
  it.each(['sessions', 'directory'] as const)('%s: is read every time', async (which) => {
    const parts = await setUp();
    const { visitors, reads } = parts;
    await visitors.find(COOKIE);
    parts[which].coherent = false;
    await visitors.find(COOKIE);
    await visitors.find(COOKIE);
    expect([reads(), visitors.remembered()]).toEqual([3, 0]);
    parts[which].coherent = true;
    await visitors.find(COOKIE);
    expect(visitors.find(COOKIE)).not.toBeInstanceOf(Promise);
  });

  it('is read by each of the concurrent requests', async () => {
    const { visitors, sessions, reads } = await setUp();
    sessions.coherent = false;
    await Promise.all([1, 2].map(async () => visitors.find(COOKIE)));
    expect(reads()).toBe(2);
  });

  it.each(['sessions', 'directory'] as const)('%s: gives no access when down', async (which) => {
    const parts = await setUp();
    parts[which].fault = new Error('down');
    await expect(parts.visitors.find(COOKIE)).rejects.toThrow('down');
    parts[which].fault = null;
    expect(await parts.visitors.find(COOKIE)).not.toBeNull();
  });

  it.each([
    [Number.POSITIVE_INFINITY, MAX_AGE],
    [60_000, 60_000],
  ])('that guarantees %d ms is trusted for %d ms without a read', async (freshness, age) => {
    const { visitors, directory, clock, reads } = await setUp();
    directory.freshness = freshness;
    await visitors.find(COOKIE);
    clock.advance(age - 1);
    await visitors.find(COOKIE);
    expect(reads()).toBe(1);
    clock.advance(1);
    await visitors.find(COOKIE);
    expect(reads()).toBe(2);
  });
});

describe('deadlines', () => {
  it('end an idle session and remove it from the store after the reply', async () => {
    const { visitors, sessions, clock, afterReply } = await setUp();
    await visitors.find(COOKIE);
    clock.advance(3_600_000);
    expect(await visitors.find(COOKIE)).toBeNull();
    expect(sessions.calls).not.toContain('end session:one');
    await afterReply();
    expect(sessions.calls).toContain('end session:one');
  });

  it('end a busy session at its absolute limit', async () => {
    const { visitors, clock, afterReply } = await setUp({ session: { expiresAt: START + MINUTE } });
    expect(await visitors.find(COOKIE)).not.toBeNull();
    clock.advance(MINUTE);
    expect(await visitors.find(COOKIE)).toBeNull();
    await afterReply();
  });

  it('spare a session that was used at another process meanwhile', async () => {
    const { visitors, sessions, clock } = await setUp({ session: { idle: 2 * MINUTE } });
    await visitors.find(COOKIE);
    clock.advance(2 * MINUTE);
    await sessions.touch('session:one', clock.now() - 1);
    expect(await visitors.find(COOKIE)).not.toBeNull();
  });

  it('are moved by use, written back at most once a minute and only after the reply', async () => {
    const { visitors, sessions, clock, afterReply } = await setUp();
    const touches = () => sessions.calls.filter((call) => call.startsWith('touch')).length;
    for (let second = 0; second < 180; second += 10) {
      const before = touches();
      await visitors.find(COOKIE);
      expect(touches()).toBe(before);
      await afterReply();
      clock.advance(10_000);
    }
    expect(touches()).toBe(2);
  });

  it('are written back once for a burst of requests without a cached visitor', async () => {
    const { visitors, sessions, clock, afterReply } = await setUp();
    sessions.coherent = false;
    clock.advance(MINUTE);
    await visitors.find(COOKIE);
    await visitors.find(COOKIE);
    await afterReply();
    expect(sessions.calls.filter((call) => call.startsWith('touch'))).toHaveLength(1);
  });

  it('move for a cached session too', async () => {
    const { visitors, clock } = await setUp({ session: { idle: 4 * MINUTE } });
    for (let i = 0; i < 4; i += 1) {
      expect(await visitors.find(COOKIE)).not.toBeNull();
      clock.advance(MINUTE);
    }
    expect(visitors.find(COOKIE)).toMatchObject({ session: { seenAt: START + 4 * MINUTE } });
  });

  it.each([
    ['anywhere', {}],
    ['where it began', { bound: { network: '192.0.2.0/24' } }],
  ])('are not moved by a mere look: a session %s', async (_, session) => {
    const { visitors, sessions, clock, afterReply } = await setUp({
      session: { idle: 4 * MINUTE, ...session },
    });
    const look = () => visitors.find(COOKIE, 'look');
    for (let i = 0; i < 4; i += 1) {
      expect(await look()).toMatchObject({ session: { seenAt: START } });
      clock.advance(MINUTE);
      await afterReply();
    }
    expect(await look()).toBeNull();
    expect(sessions.calls.filter((call) => call.startsWith('touch'))).toEqual([]);
  });

  it('that cannot be written back are reported as a fault, and no request fails', async () => {
    const { visitors, sessions, clock, events, afterReply } = await setUp();
    await visitors.find(COOKIE);
    clock.advance(MINUTE);
    sessions.fault = new Error('read only');
    expect(visitors.find(COOKIE)).not.toBeNull();
    await afterReply();
    expect(events.all).toMatchObject([{ type: 'fault', code: 'session/write' }]);
  });
});

describe('a user', () => {
  it.each(['disabled', 'deleted'])('who is %s has no session any more', async (what) => {
    const { visitors, sessions, directory, start, afterReply } = await setUp();
    await start('two');
    await visitors.find(COOKIE);
    if (what === 'disabled') directory.put(testUser({ disabled: true }));
    else directory.remove('fake/ann');
    expect(await visitors.find(COOKIE)).toBeNull();
    await afterReply();
    directory.put(testUser());
    expect(await visitors.find(COOKIE)).toBeNull();
    expect(await visitors.find(cookieOf('two'))).toBeNull();
    expect(await sessions.count()).toBe(0);
  });

  it('has no session from before a new password, and keeps those that began with it', async () => {
    const { visitors, directory, start } = await setUp({ session: { passwordSetAt: 1_000 } });
    directory.put(testUser({ passwordSetAt: 1_000 }));
    await start('two', { passwordSetAt: 2_000 });
    expect(await visitors.find(COOKIE)).not.toBeNull();
    directory.put(testUser({ passwordSetAt: 2_000 }));
    expect(await visitors.find(COOKIE)).toBeNull();
    expect(await visitors.find(cookieOf('two'))).not.toBeNull();
  });
});

describe('the cache', () => {
  it('is bounded, and once full admits only repeated visitors', async () => {
    const { visitors, cookies } = await crowdOf(3, 2);
    const [one = '', two = '', three = ''] = cookies;
    for (const cookie of cookies) await visitors.find(cookie);
    expect(visitors.remembered()).toBe(2);
    expect(visitors.find(one)).not.toBeInstanceOf(Promise);
    for (let times = 0; times < 8; times += 1) await visitors.find(three);
    expect(visitors.find(three)).not.toBeInstanceOf(Promise);
    expect(visitors.find(one)).not.toBeInstanceOf(Promise);
    expect(visitors.find(two)).toBeInstanceOf(Promise);
    expect(visitors.remembered()).toBe(2);
  });

  it('serves most visitors of a crowd that is slightly too large for it', async () => {
    const { visitors, come, reads } = await crowdOf(110, 100);
    for (let round = 0; round < 5; round += 1) await come();
    const before = reads();
    for (let round = 0; round < 5; round += 1) await come();
    expect(reads() - before).toBeLessThan(5 * 20);
    expect(visitors.remembered()).toBe(100);
  });

  it("holds more tickets than visitors, so that a crowd's tickets are not opened repeatedly", async () => {
    const { visitors, tickets, come, reads } = await crowdOf(40, 10);
    await come();
    const before = { opened: tickets.opened, reads: reads() };
    await come();
    expect(tickets.opened).toBe(before.opened);
    expect(reads()).toBeGreaterThan(before.reads);
    expect(visitors.remembered()).toBe(10);
  });

  it('receives no changes after it is closed', async () => {
    const { visitors, sessions } = await setUp();
    await visitors.find(COOKIE);
    visitors.close();
    sessions.announce(null);
    expect(visitors.remembered()).toBe(1);
  });
});
