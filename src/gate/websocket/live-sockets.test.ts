import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeAccounts } from '../../../test/support/fake-accounts.ts';
import { fakeClock, fakeDirectory, fakeSessions, START } from '../../../test/support/fakes.ts';
import { testToken } from '../../../test/support/tokens.ts';
import { type Holder, holderOf } from '../visitor/holder.ts';
import {
  type CloseCode,
  createLiveSockets,
  DECIDED_FOR,
  type LiveSocket,
  LOOK_EVERY,
} from './live-sockets.ts';

/** The holder of a session, or an anonymous one. */
function holderFor(id: string | null, ip = '203.0.113.9'): Holder {
  if (id === null) return holderOf(null, ip);
  return { key: `session ${id}`, group: 'user u1', isAnonymous: false };
}

function open(changes: Partial<LiveSocket> = {}) {
  const closed: CloseCode[] = [];
  let queries = 0;
  const holder = holderFor(changes.sessionId === undefined ? 's1' : changes.sessionId);
  const socket: LiveSocket = {
    holder,
    sessionId: 's1',
    userId: 'u1',
    expiresAt: null,
    recheck: () => true,
    close: (code) => void closed.push(code),
    ...changes,
  };
  const recheck = socket.recheck;
  const counted: LiveSocket = {
    ...socket,
    recheck: () => {
      queries += 1;
      return recheck();
    },
  };
  return { socket: counted, closed, queries: () => queries };
}

function parts() {
  return {
    sessions: fakeSessions(),
    directory: fakeDirectory(),
    tokens: fakeAccounts(),
    clock: fakeClock(),
  };
}

/** Runs deferred work. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await turn();
}

describe('an open socket', () => {
  it('is checked again when tokens of its user change, and closed if it is refused', async () => {
    const { tokens, ...more } = parts();
    const live = createLiveSockets({ tokens, ...more });
    await tokens.createToken(testToken({ id: 'mine000', userId: 'u1' }));
    await tokens.createToken(testToken({ id: 'other00', userId: 'u2' }));
    let may = true;
    const mine = open({ sessionId: null, recheck: () => may });
    const other = open({ sessionId: null, userId: 'u2', recheck: () => may });
    live.add(mine.socket);
    live.add(other.socket);
    await settle();
    const before = other.queries();
    may = false;
    await tokens.revokeToken('mine000');
    await settle();
    expect([mine.closed, other.closed, other.queries()]).toEqual([[1008], [], before]);
  });

  it('is checked again when its session changes, and closed if it is refused', async () => {
    const { sessions, ...more } = parts();
    const live = createLiveSockets({ sessions, ...more });
    let may = true;
    const mine = open({ recheck: () => may });
    const other = open({ sessionId: 's2', userId: 'u2' });
    live.add(mine.socket);
    live.add(other.socket);
    await settle();
    const before = other.queries();
    sessions.announce('s1');
    await settle();
    expect(mine.closed).toEqual([]);
    may = false;
    sessions.announce('s1');
    await settle();
    expect(mine.closed).toEqual([1008]);
    expect(other.queries()).toBe(before);
  });

  it('is checked again when its user changes, or if it is not known what changed', async () => {
    const { directory, ...more } = parts();
    const live = createLiveSockets({ directory, ...more });
    const mine = open();
    live.add(mine.socket);
    await settle();
    const before = mine.queries();
    directory.announce('u1');
    await settle();
    directory.announce('u2');
    await settle();
    directory.announce(null);
    await settle();
    expect(mine.queries()).toBe(before + 2);
  });

  it('is checked once for many concurrent announcements', async () => {
    const { sessions, ...more } = parts();
    const live = createLiveSockets({ sessions, ...more });
    const mine = open();
    live.add(mine.socket);
    await settle();
    const before = mine.queries();
    for (let i = 0; i < 100; i += 1) sessions.announce('s1');
    await settle();
    expect(mine.queries()).toBe(before + 1);
  });

  it('is checked after every other listener has received the change', async () => {
    const { sessions, ...more } = parts();
    const live = createLiveSockets({ sessions, ...more });
    let remembered = true;
    const mine = open({ recheck: () => remembered });
    live.add(mine.socket);
    await settle();
    sessions.watch(() => (remembered = false));
    sessions.announce('s1');
    await settle();
    expect(mine.closed).toEqual([1008]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('down');
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
  ])('is closed when checking %s', async (_, recheck) => {
    const live = createLiveSockets(parts());
    const mine = open({ recheck });
    live.add(mine.socket);
    await settle();
    expect(mine.closed).toEqual([1008]);
  });

  it('that changed between its decision and its opening is noticed', async () => {
    const live = createLiveSockets(parts());
    const mine = open({ recheck: () => false });
    live.add(mine.socket);
    await settle();
    expect(mine.closed).toEqual([1008]);
  });

  it('is not checked again after it has closed', async () => {
    const { sessions, ...more } = parts();
    const live = createLiveSockets({ sessions, ...more });
    const mine = open({ recheck: () => false });
    const leave = live.add(mine.socket);
    leave();
    leave();
    sessions.announce('s1');
    await settle();
    expect(mine.closed).toEqual([]);
    expect(live.count).toBe(0);
  });
});

describe('limits', () => {
  it('apply in total and for one session', () => {
    const live = createLiveSockets({ ...parts(), most: 3, mostOfOne: 2 });
    const leave = live.add(open().socket);
    live.add(open().socket);
    expect(live.lack(holderFor('s1'))).toBe('share');
    expect(live.lack(holderFor('s2'))).toBeNull();
    live.add(open({ sessionId: null }).socket);
    expect(live.lack(holderFor('s2'))).toBe('full');
    leave();
    expect(live.lack(holderFor('s1'))).toBeNull();
  });

  it('apply to an anonymous address, its network, and all anonymous visitors together', () => {
    const live = createLiveSockets({ ...parts(), most: 40, mostOfOne: 2 });
    const add = (ip: string) =>
      live.add(open({ sessionId: null, userId: null, holder: holderFor(null, ip) }).socket);
    const leave = add('203.0.113.1');
    add('203.0.113.1');
    expect(live.lack(holderFor(null, '203.0.113.1'))).toBe('share');
    expect(live.lack(holderFor(null, '203.0.113.2'))).toBeNull();
    for (let i = 0; i < 8; i += 1) add(`2001:db8:1:${i}::1`);
    expect(live.lack(holderFor(null, '2001:db8:1:ffff::1'))).toBe('share');
    expect(live.lack(holderFor(null, '2001:db8:2::1'))).toBeNull();
    for (let i = 0; i < 10; i += 1) add(`198.51.100.${i}`);
    expect(live.lack(holderFor(null, '203.0.113.2'))).toBe('full');
    expect(live.lack(holderFor('s1'))).toBeNull();
    leave();
    expect(live.lack(holderFor(null, '203.0.113.2'))).toBeNull();
  });

  it('no socket is admitted after the shutdown', () => {
    const live = createLiveSockets(parts());
    const before = open();
    live.add(before.socket);
    live.shutdown();
    const after = open();
    live.add(after.socket);
    expect([before.closed, after.closed]).toEqual([[1001], [1001]]);
    expect(live.lack(holderFor(null))).toBe('full');
  });
});

describe('while sockets are open', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => void vi.useRealTimers());

  it('sessions end at their limit', () => {
    const { clock, ...more } = parts();
    const live = createLiveSockets({ clock, ...more });
    const mine = open({ expiresAt: START + 60_000 });
    live.add(mine.socket);
    clock.advance(59_999);
    vi.advanceTimersByTime(LOOK_EVERY);
    expect(mine.closed).toEqual([]);
    clock.advance(1);
    vi.advanceTimersByTime(LOOK_EVERY);
    expect(mine.closed).toEqual([1008]);
  });

  it('each is checked again every minute, since time alone can change a decision', async () => {
    const { clock, ...more } = parts();
    const live = createLiveSockets({ clock, ...more });
    let may = true;
    const mine = open({ recheck: () => may });
    live.add(mine.socket);
    await settle();
    const look = async (later: number): Promise<void> => {
      clock.advance(later);
      vi.advanceTimersByTime(LOOK_EVERY);
      await settle();
    };
    const before = mine.queries();
    await look(DECIDED_FOR - 1);
    expect(mine.queries()).toBe(before);
    await look(1);
    expect(mine.queries()).toBe(before + 1);
    await look(1);
    expect(mine.queries()).toBe(before + 1);
    // A clock that was set back does not tell how long ago it was.
    await look(-3_600_000);
    expect(mine.queries()).toBe(before + 2);
    may = false;
    await look(DECIDED_FOR);
    expect(mine.closed).toEqual([1008]);
  });

  it('many are checked again over half a minute, not at once', async () => {
    const { clock, ...more } = parts();
    const live = createLiveSockets({ clock, ...more });
    const all = Array.from({ length: 90 }, (_, i) => open({ sessionId: `s${i}` }));
    for (const { socket } of all) live.add(socket);
    await settle();
    const queries = () => all.reduce((sum, one) => sum + one.queries(), 0);
    clock.advance(DECIDED_FOR);
    const each: number[] = [];
    for (let i = 0; i < 31; i += 1) {
      const before = queries();
      vi.advanceTimersByTime(LOOK_EVERY);
      await settle();
      each.push(queries() - before);
    }
    expect(each).toEqual([...Array<number>(30).fill(3), 0]);
  });

  it('stores that must be polled are polled, and left alone when no socket is open', () => {
    const { sessions, ...more } = parts();
    let looks = 0;
    const looking = { ...sessions, isCoherent: () => (looks += 1) > 0 };
    const live = createLiveSockets({ sessions: looking, ...more });
    vi.advanceTimersByTime(10 * LOOK_EVERY);
    expect(looks).toBe(0);
    const leave = live.add(open().socket);
    vi.advanceTimersByTime(3 * LOOK_EVERY);
    expect(looks).toBe(3);
    leave();
    vi.advanceTimersByTime(10 * LOOK_EVERY);
    expect(looks).toBe(3);
  });
});
