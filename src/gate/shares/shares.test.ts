import { setImmediate as turn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Holder, holderOf } from '../visitor/holder.ts';
import { createShares, type NoSlot, type Shares, type Slot } from './shares.ts';

const BOUNDS = { connections: 64, waiting: 256 };
/**
 * Of 64 connections: 8 at a time for one visitor, 32 for one user or network, 32 for all anonymous.
 */
const SHARE = 8;

const session = (id: string, user = id): Holder => ({
  key: `session ${id}`,
  group: `user ${user}`,
  isAnonymous: false,
});
const address = (ip: string): Holder => holderOf(null, ip);

function taking(shares: Shares, holder: Holder, isUpload = false) {
  const started: number[] = [];
  return {
    started,
    take(count: number): (Slot | NoSlot)[] {
      return Array.from({ length: count }, (_, i) =>
        shares.enter(holder, { isUpload, start: () => void started.push(i) }),
      );
    },
  };
}

function states(slots: readonly (Slot | NoSlot)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const slot of slots) {
    const state = typeof slot === 'string' ? slot : slot.state;
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

describe('a visitor', () => {
  it('waits beyond a share, and is served in turn as slots become free', async () => {
    const shares = createShares(BOUNDS);
    const alice = taking(shares, session('a'));
    const slots = alice.take(SHARE + 2);
    expect(states(slots)).toEqual({ pending: SHARE, waiting: 2 });
    shares.leave(slots[0] as Slot);
    await turn();
    expect(alice.started).toEqual([SHARE]);
    shares.begin(slots[1] as Slot);
    await turn();
    expect(alice.started).toEqual([SHARE, SHARE + 1]);
  });

  it('is refused if streams alone fill its share, and others are not', async () => {
    const shares = createShares(BOUNDS);
    const alice = taking(shares, address('203.0.113.9'));
    const open: Slot[] = [];
    for (let i = 0; i < 128; i += 1) {
      const [slot] = alice.take(1);
      shares.begin(slot as Slot);
      open.push(slot as Slot);
    }
    expect(alice.take(1)).toEqual(['share']);
    expect(states(taking(shares, session('b')).take(SHARE))).toEqual({ pending: SHARE });
    expect(states(taking(shares, address('203.0.113.10')).take(1))).toEqual({ pending: 1 });
    shares.leave(open[0] as Slot);
    expect(states(alice.take(1))).toEqual({ pending: 1 });
  });

  it('who fills their own queue is refused, and leaves the queue when giving up', async () => {
    const shares = createShares(BOUNDS);
    const alice = taking(shares, session('a'));
    const slots = alice.take(SHARE + 65);
    expect(states(slots)).toEqual({ pending: SHARE, waiting: 64, share: 1 });
    shares.leave(slots[SHARE] as Slot);
    shares.leave(slots[SHARE] as Slot);
    expect(states(alice.take(2))).toEqual({ waiting: 1, share: 1 });
  });

  it('with many sessions, or a whole /48, has four shares', () => {
    const shares = createShares({ connections: 1024, waiting: 1024 });
    const many = Array.from({ length: 6 }, (_, i) => session(`s${i}`, 'alice'));
    const slots = many.flatMap((holder) => taking(shares, holder).take(128));
    expect(states(slots)).toMatchObject({ pending: 512 });
    const network = Array.from({ length: 6 }, (_, i) => address(`2001:db8:7:${i}::1`));
    const theirs = network.flatMap((holder) => taking(shares, holder).take(128));
    expect(states(theirs)).toMatchObject({ pending: 512 });
    expect(states(taking(shares, address('2001:db8:7:1::2')).take(1))).toEqual({ waiting: 1 });
  });
});

describe('the queue of an app with few connections', () => {
  const FEW = { connections: 8, waiting: 1024 };

  it.each<[string, (i: number) => Holder]>([
    ['a user with many sessions', (i) => session(`s${i}`, 'alice')],
    ['a /48 with many networks', (i) => address(`2001:db8:7:${i.toString(16)}::1`)],
  ])('is not used up by %s', (_, holder) => {
    const shares = createShares(FEW);
    const slots = Array.from({ length: 32 }, (__, i) => taking(shares, holder(i)).take(65)).flat();
    expect(states(slots)).toEqual({ pending: 4, waiting: 256, share: 32 * 65 - 260 });
    for (const other of [session('b'), address('2001:db8:8::1')]) {
      const { pending = 0, waiting = 0 } = states(taking(shares, other).take(6));
      expect(pending + waiting).toBe(6);
    }
    for (const slot of slots) if (typeof slot !== 'string') shares.leave(slot);
    expect(states(taking(shares, holder(1)).take(65))).toEqual({ pending: 1, waiting: 64 });
  });
});

describe('anonymous visitors', () => {
  it('are counted by /64, and by the IPv4 address in either form', () => {
    expect(address('2001:db8::1').key).toBe(address('2001:db8::ffff').key);
    expect(address('2001:db8:0:1::1').key).not.toBe(address('2001:db8::1').key);
    expect(address('2001:db8:0:1::1').group).toBe(address('2001:db8::1').group);
    expect(address('::ffff:203.0.113.9').key).toBe(address('203.0.113.9').key);
  });

  it('together leave half of the slots to those who are signed in', () => {
    const shares = createShares(BOUNDS);
    const crowd = Array.from({ length: 20 }, (_, i) => address(`203.0.113.${i}`));
    expect(states(crowd.flatMap((one) => taking(shares, one).take(2)))).toEqual({
      pending: 32,
      waiting: 8,
    });
    expect(states(taking(shares, session('a')).take(SHARE))).toEqual({ pending: SHARE });
  });

  it('together fill half of the queue, and signed-in users may still wait', () => {
    const shares = createShares({ connections: 8, waiting: 20 });
    const crowd = Array.from({ length: 40 }, (_, i) => address(`203.0.113.${i}`));
    expect(states(crowd.flatMap((one) => taking(shares, one).take(1)))).toEqual({
      pending: 4,
      waiting: 10,
      busy: 26,
    });
    expect(states(taking(shares, session('a')).take(2))).toEqual({ pending: 1, waiting: 1 });
  });

  it('use at most an eighth with incomplete bodies, and other requests overtake them', () => {
    const shares = createShares(BOUNDS);
    const crowd = Array.from({ length: 20 }, (_, i) => address(`203.0.113.${i}`));
    const uploads = crowd.flatMap((one) => taking(shares, one, true).take(2));
    expect(states(uploads)).toEqual({ pending: 8, waiting: 32 });
    expect(states(taking(shares, crowd[0] as Holder).take(1))).toEqual({ pending: 1 });
  });

  it('release their slot as soon as their body is complete', async () => {
    const shares = createShares(BOUNDS);
    const one = taking(shares, address('203.0.113.1'), true);
    const [first, second] = one.take(2) as [Slot, Slot];
    expect([first.state, second.state]).toEqual(['pending', 'waiting']);
    shares.uploaded(first);
    await turn();
    expect(second.state).toBe('pending');
  });
});

it('queues take turns: a visitor with one request does not wait for another’s sixteen', async () => {
  const shares = createShares({ connections: 1, waiting: 64 });
  const order: string[] = [];
  const slots: Slot[] = [];
  const enter = (holder: Holder): void => {
    const slot = shares.enter(holder, {
      isUpload: false,
      start: () => void order.push(holder.key),
    }) as Slot;
    slots.push(slot);
  };
  for (let i = 0; i < 6; i += 1) enter(session('a'));
  enter(session('b'));
  for (let i = 0; i < 7; i += 1) {
    const running = slots.find(({ state }) => state === 'pending');
    shares.leave(running as Slot);
    await turn();
  }
  expect(order.indexOf('session b')).toBeLessThan(2);
  expect(order).toHaveLength(6);
});

it('for any sequence, no limit is exceeded and every slot is returned', async () => {
  const holders = [
    session('a'),
    session('b', 'a'),
    ...Array.from({ length: 4 }, (_, i) => address(`2001:db8:1:${i}::1`)),
  ];
  const step = fc.record({
    who: fc.nat(holders.length - 1),
    what: fc.constantFrom('enter', 'upload', 'begin', 'uploaded', 'leave'),
    which: fc.nat(1000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 300 }), async (steps) => {
      const shares = createShares({ connections: 16, waiting: 16 });
      const slots: Slot[] = [];
      for (const { who, what, which } of steps) {
        const slot = slots[which % Math.max(1, slots.length)];
        if (what === 'enter' || what === 'upload') {
          const holder = holders[who] as Holder;
          const made = shares.enter(holder, {
            isUpload: what === 'upload',
            start: () => undefined,
          });
          if (typeof made !== 'string') slots.push(made);
        } else if (slot !== undefined) shares[what](slot);
        if (which % 3 === 0) await Promise.resolve();
        expect(slots.filter(({ state }) => state === 'pending').length).toBeLessThanOrEqual(16);
        expect(slots.filter(({ state }) => state === 'waiting').length).toBeLessThanOrEqual(16);
      }
      for (const slot of slots) shares.leave(slot);
      await turn();
      // All slots are free again.
      const again = holders
        .slice(0, 2)
        .map((one) => shares.enter(one, { isUpload: false, start: () => undefined }));
      expect(states(again)).toEqual({ pending: 2 });
    }),
  );
});
