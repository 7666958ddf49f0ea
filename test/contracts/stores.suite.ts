/** The contract of a state store: everything that the ports of `Stores` promise, for each kind. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Stores } from '../../src/core/setup/stores.ts';
import type { Vault } from '../../src/core/values/system.ts';
import type { Session, Ticket } from '../../src/core/people/session.ts';
import { newTicket, planOf, sessionOf, type TestClock } from '../support/state.ts';
import { until } from '../support/until.ts';
import { handoversContract } from './handovers.suite.ts';
import { marksContract } from './marks.suite.ts';
import { scoresContract } from './scores.suite.ts';
import { sourceSessionsContract } from './source-sessions.suite.ts';
import { throttleContract } from './throttle.suite.ts';
import { unsentContract } from './unsent.suite.ts';

/** One state, fresh for each test, which a test can open any number of times. */
export interface StateWorld {
  readonly clock: TestClock;
  readonly vault: Vault;
  /** Another instance on the same state. `end` closes it. */
  readonly open: () => Promise<Stores>;
  /** Changes the last byte of a stored session or plan. */
  readonly damage: (kind: 'session' | 'plan', id: string) => Promise<void>;
  /** All stored data, concatenated. */
  readonly dump: () => Promise<Buffer>;
  readonly end: () => Promise<void>;
}

const HOUR = 3_600_000;
/** Unusual ids that every store must handle. */
const HOSTILE = [
  '',
  '*',
  '{}',
  'a\nb',
  '../../etc/passwd',
  "' OR 1=1 --",
  '\0',
  '__proto__',
  'x'.repeat(65_536),
  '\u{1F608}'.repeat(40),
];

/** Registers the contract for one kind. */
export function storeContract(kind: string, begin: () => Promise<StateWorld>): void {
  describe(`a ${kind} store`, () => {
    let world: StateWorld;
    let stores: Stores;
    beforeEach(async () => {
      world = await begin();
      stores = await world.open();
    });
    afterEach(() => world.end());

    async function signIn(changes: Partial<Session> = {}): Promise<{ ticket: Ticket; id: string }> {
      const ticket = newTicket();
      const session = sessionOf(world.vault, world.clock, ticket, changes);
      await stores.sessions.start(ticket, session);
      return { ticket, id: session.id };
    }

    describe('stores sessions', () => {
      it('and returns them complete', async () => {
        const ticket = newTicket();
        const session = sessionOf(world.vault, world.clock, ticket);
        await stores.sessions.start(ticket, session);
        expect(await stores.sessions.read(ticket)).toEqual(session);
      });

      it('and returns user and expiry by public id', async () => {
        const { ticket, id } = await signIn();
        const session = await stores.sessions.read(ticket);
        expect(await stores.sessions.summary(id)).toEqual(
          (await stores.sessions.list(session?.userId ?? null))[0],
        );
        await stores.sessions.end(id);
        expect(await stores.sessions.summary(id)).toBeNull();
        for (const hostile of HOSTILE) expect(await stores.sessions.summary(hostile)).toBeNull();
      });

      it('with their binding, device, time of issue, password and whether they are remembered', async () => {
        const more = {
          bound: { network: '192.0.2.0/24', country: 'NL' },
          device: 'A'.repeat(22),
          remembered: true,
          issuedAt: 1_790_000_000_007,
          passwordSetAt: 1_780_000_000_000,
        } as const;
        const [{ ticket }, next] = [await signIn(more), newTicket()];
        expect(await stores.sessions.read(ticket)).toMatchObject(more);
        const moved = sessionOf(world.vault, world.clock, next, more);
        expect(await stores.sessions.rotate(ticket, next, moved)).toBe(true);
        expect(await stores.sessions.read(next)).toEqual(moved);
      });

      it('of any user and agent, truncating long ones', async () => {
        const client = { ip: '::1', agent: 'ä\n"\\\u{1F608}'.repeat(200) };
        const userId = 'file/{*}\n\0 Zoë';
        const { ticket } = await signIn({ userId, client });
        const read = await stores.sessions.read(ticket);
        expect(read?.userId).toBe(userId);
        expect(client.agent.startsWith(read?.client.agent ?? '?')).toBe(true);
        expect(await stores.sessions.list(userId)).toHaveLength(1);
        expect(await stores.sessions.endAll(userId)).toBe(1);
      });

      it('and refuses a ticket of another session', async () => {
        const session = sessionOf(world.vault, world.clock, newTicket());
        await expect(stores.sessions.start(newTicket(), session)).rejects.toMatchObject({
          code: 'session/shape',
        });
      });

      it('and returns none for a wrong secret or an unknown id', async () => {
        const { ticket } = await signIn();
        const { id, secret } = newTicket();
        expect(await stores.sessions.read({ id: ticket.id, secret })).toBeNull();
        expect(await stores.sessions.read({ id, secret: ticket.secret })).toBeNull();
      });

      it('and returns none whose bytes were changed', async () => {
        const { ticket, id } = await signIn();
        await world.damage('session', id);
        expect(await stores.sessions.read(ticket)).toBeNull();
      });

      it('without a secret or method in plain text', async () => {
        const { ticket } = await signIn({ proofs: [{ method: 'carrierpigeon', at: 1 }] });
        const bytes = (await world.dump()).toString('latin1');
        expect(bytes).toContain('203.0.113.7');
        expect(bytes).not.toContain('carrierpigeon');
        expect(bytes).not.toContain(ticket.secret);
        expect(bytes).not.toContain(ticket.id);
      });

      it('until exactly their absolute expiry', async () => {
        const { ticket } = await signIn({ idle: 24 * HOUR });
        world.clock.advance(12 * HOUR - 1);
        expect(await stores.sessions.read(ticket)).not.toBeNull();
        world.clock.advance(1);
        expect(await stores.sessions.read(ticket)).toBeNull();
        expect(await stores.sessions.list(null)).toEqual([]);
      });

      it('until they are idle too long, and a touch extends them', async () => {
        const { ticket, id } = await signIn();
        world.clock.advance(HOUR - 1);
        await stores.sessions.touch(id, world.clock.now());
        world.clock.advance(HOUR - 1);
        expect(await stores.sessions.read(ticket)).not.toBeNull();
        world.clock.advance(1);
        expect(await stores.sessions.read(ticket)).toBeNull();
        expect(await stores.sessions.count()).toBe(0);
      });

      it('and moves seenAt only forward, and never for an ended session', async () => {
        const { ticket, id } = await signIn();
        const later = world.clock.now() + 70_000;
        world.clock.advance(90_000);
        await stores.sessions.touch(id, later);
        await stores.sessions.touch(id, later - 60_000);
        expect((await stores.sessions.read(ticket))?.seenAt).toBe(later);
        await stores.sessions.end(id);
        await stores.sessions.touch(id, later + 1_000);
        expect(await stores.sessions.read(ticket)).toBeNull();
        expect(await stores.sessions.count()).toBe(0);
      });

      it('when closed and reopened', async () => {
        const { ticket } = await signIn();
        await stores.close();
        stores = await world.open();
        expect(await stores.sessions.read(ticket)).not.toBeNull();
      });
    });

    describe('ends sessions', () => {
      it('by public id, once', async () => {
        const { ticket, id } = await signIn();
        const other = await signIn();
        expect(await stores.sessions.end(id)).toBe(true);
        expect(await stores.sessions.end(id)).toBe(false);
        expect(await stores.sessions.read(ticket)).toBeNull();
        expect(await stores.sessions.read(other.ticket)).not.toBeNull();
      });

      it('of one user, except one', async () => {
        const own = await signIn();
        const rest = [await signIn(), await signIn()];
        const bob = await signIn({ userId: 'embedded/bob' });
        expect(await stores.sessions.endAll('embedded/ann', own.id)).toBe(2);
        expect(await stores.sessions.read(own.ticket)).not.toBeNull();
        expect(await stores.sessions.read(bob.ticket)).not.toBeNull();
        for (const { ticket } of rest) expect(await stores.sessions.read(ticket)).toBeNull();
        expect(await stores.sessions.endAll('embedded/nobody')).toBe(0);
      });

      it('of all users, except one', async () => {
        const own = await signIn();
        await signIn({ userId: 'embedded/bob' });
        await signIn({ userId: 'embedded/cid' });
        expect(await stores.sessions.endAll(null, own.id)).toBe(2);
        expect(await stores.sessions.count()).toBe(1);
        expect(await stores.sessions.endAll(null)).toBe(1);
        expect(await stores.sessions.list(null)).toEqual([]);
      });

      it('and starts the replacement in one step when one rotates', async () => {
        const { ticket, id } = await signIn();
        const ended: (string | null)[] = [];
        stores.sessions.watch((ended_) => ended.push(ended_));
        const next = newTicket();
        const session = sessionOf(world.vault, world.clock, next);
        expect(await stores.sessions.rotate(ticket, next, session)).toBe(true);
        expect(await stores.sessions.read(ticket)).toBeNull();
        expect(await stores.sessions.read(next)).toEqual(session);
        expect(ended).toContain(id);
        const again = newTicket();
        const third = sessionOf(world.vault, world.clock, again);
        expect(await stores.sessions.rotate(ticket, again, third)).toBe(false);
        expect(await stores.sessions.read(again)).toBeNull();
        expect(await stores.sessions.list('embedded/ann')).toHaveLength(1);
      });

      it('and lets only one of many concurrent rotations succeed', async () => {
        const { ticket } = await signIn();
        const other = await world.open();
        const done = await Promise.all(
          Array.from({ length: 20 }, (_, i) => {
            const next = newTicket();
            const session = sessionOf(world.vault, world.clock, next);
            return (i % 2 === 0 ? stores : other).sessions.rotate(ticket, next, session);
          }),
        );
        expect(done.filter(Boolean)).toHaveLength(1);
        expect(await stores.sessions.count()).toBe(1);
      });

      it.each(HOSTILE)('and none for an invalid id (case %#)', async (hostile) => {
        const { ticket } = await signIn();
        expect(await stores.sessions.end(hostile)).toBe(false);
        await stores.sessions.touch(hostile, world.clock.now());
        expect(await stores.sessions.endAll(hostile)).toBe(0);
        expect(await stores.sessions.list(hostile)).toEqual([]);
        expect(await stores.sessions.read({ id: hostile, secret: hostile })).toBeNull();
        expect(await stores.plans.read(hostile)).toBeNull();
        expect(await stores.sessions.read(ticket)).not.toBeNull();
      });
    });

    describe('lists sessions', () => {
      it('newest first, of one user or all, up to the requested number', async () => {
        const ids: string[] = [];
        for (let i = 0; i < 7; i++) {
          const userId = i % 2 === 0 ? 'embedded/ann' : 'embedded/bob';
          ids.unshift((await signIn({ userId })).id);
          world.clock.advance(1_000);
        }
        expect((await stores.sessions.list(null)).map((e) => e.id)).toEqual(ids);
        expect((await stores.sessions.list(null, 3)).map((e) => e.id)).toEqual(ids.slice(0, 3));
        expect(await stores.sessions.list(null, 0)).toEqual([]);
        const ann = await stores.sessions.list('embedded/ann');
        expect(ann.map((e) => e.id)).toEqual(ids.filter((_, i) => i % 2 === 0));
        expect(await stores.sessions.count()).toBe(7);
      });

      it('as summaries without the sealed values', async () => {
        const ticket = newTicket();
        const {
          v: _v,
          proofs: _p,
          idle: _i,
          ...entry
        } = sessionOf(world.vault, world.clock, ticket);
        await stores.sessions.start(ticket, { v: 1, proofs: _p, idle: _i, ...entry });
        expect(await stores.sessions.list('embedded/ann')).toEqual([entry]);
      });
    });

    describe('announces to other instances', () => {
      it.each(['end', 'endAll', 'rotate'] as const)('sessions ended by %s', async (how) => {
        const other = await world.open();
        const { ticket, id } = await signIn();
        const told: (string | null)[] = [];
        other.sessions.watch((gone) => told.push(gone));
        await until('the other instance is coherent', () => other.sessions.isCoherent());
        told.length = 0;
        if (how === 'end') await stores.sessions.end(id);
        if (how === 'endAll') await stores.sessions.endAll('embedded/ann');
        const next = newTicket();
        const session = sessionOf(world.vault, world.clock, next);
        if (how === 'rotate') await stores.sessions.rotate(ticket, next, session);
        await until('the other heard', () => other.sessions.isCoherent() && told.includes(id));
        expect(await other.sessions.read(ticket)).toBeNull();
      });

      it('neither a touch, nor anything after they unsubscribe', async () => {
        const other = await world.open();
        const { id } = await signIn();
        const last = await signIn();
        const told: (string | null)[] = [];
        const deaf: (string | null)[] = [];
        other.sessions.watch((gone) => told.push(gone));
        other.sessions.watch((gone) => deaf.push(gone))();
        await until('the other instance is coherent', () => other.sessions.isCoherent());
        told.length = 0;
        await stores.sessions.touch(id, world.clock.now() + 1_000);
        await stores.sessions.end(last.id);
        await until(
          'the end was heard',
          () => other.sessions.isCoherent() && told.includes(last.id),
        );
        expect(told).not.toContain(id);
        expect(deaf).toEqual([]);
      });

      it('and to itself at once', async () => {
        const { id } = await signIn();
        const told: (string | null)[] = [];
        stores.sessions.watch((gone) => told.push(gone));
        await stores.sessions.end(id);
        expect(told).toContain(id);
      });
    });

    describe('stores plans', () => {
      it('by compare-and-set on the revision', async () => {
        const plan = planOf(world.clock);
        expect(await stores.plans.read(plan.id)).toBeNull();
        expect(await stores.plans.write({ ...plan, revision: 2 }, 1)).toBe(false);
        expect(await stores.plans.write(plan, 0)).toBe(true);
        expect(await stores.plans.read(plan.id)).toEqual(plan);
        expect(await stores.plans.write(plan, 0)).toBe(false);
        const next = { ...plan, revision: 2, cursor: 2 };
        expect(await stores.plans.write(next, 1)).toBe(true);
        expect(await stores.plans.write(next, 1)).toBe(false);
        expect(await stores.plans.read(plan.id)).toEqual(next);
      });

      it('and lets one of fifty concurrent writes win, both the first and later', async () => {
        const other = await world.open();
        const plan = planOf(world.clock);
        for (const expected of [0, 1]) {
          const done = await Promise.all(
            Array.from({ length: 50 }, (_, i) => {
              const next = { ...plan, revision: expected + 1, cursor: i };
              return (i % 2 === 0 ? stores : other).plans.write(next, expected);
            }),
          );
          expect(done.filter(Boolean)).toHaveLength(1);
          expect((await other.plans.read(plan.id))?.cursor).toBe(done.indexOf(true));
        }
      });

      it('until they expire, permanently', async () => {
        const plan = planOf(world.clock);
        await stores.plans.write(plan, 0);
        world.clock.advance(1_800_000);
        expect(await stores.plans.read(plan.id)).toBeNull();
        expect(await stores.plans.write(plan, 0)).toBe(false);
        expect(await stores.plans.write({ ...plan, revision: 2 }, 1)).toBe(false);
      });

      it('sealed, and returns none whose bytes were changed', async () => {
        const plan = planOf(world.clock, { returnTo: 'https://secret-destination.example.com/' });
        await stores.plans.write(plan, 0);
        expect((await world.dump()).toString('latin1')).not.toContain('secret-destination');
        await world.damage('plan', plan.id);
        expect(await stores.plans.read(plan.id)).toBeNull();
      });

      it('of a limited size, and increments the revision', async () => {
        const large = planOf(world.clock, { learned: { text: 'x'.repeat(40_000) } });
        await expect(stores.plans.write(large, 0)).rejects.toMatchObject({ code: 'plan/shape' });
        const same = planOf(world.clock, { revision: 3 });
        await expect(stores.plans.write(same, 3)).rejects.toMatchObject({ code: 'plan/revision' });
      });
    });

    const parts = [throttleContract, marksContract, scoresContract, handoversContract];
    for (const contract of [...parts, unsentContract, sourceSessionsContract]) {
      contract(() => ({ world, stores }));
    }

    it('replies to a ping while it works, and rejects every call after it is closed', async () => {
      const { ticket, id } = await signIn();
      await expect(stores.ping()).resolves.toBeUndefined();
      await stores.close();
      const unavailable = { code: 'store/unavailable', status: 503 };
      await expect(stores.ping()).rejects.toMatchObject(unavailable);
      await expect(stores.sessions.read(ticket)).rejects.toMatchObject(unavailable);
      await expect(stores.sessions.end(id)).rejects.toMatchObject(unavailable);
      await expect(stores.plans.write(planOf(world.clock), 0)).rejects.toMatchObject(unavailable);
      await expect(stores.marks.take('k', world.clock.now() + 1_000)).rejects.toMatchObject(
        unavailable,
      );
      expect(stores.sessions.isCoherent()).toBe(false);
      await stores.close();
    });
  });
}
