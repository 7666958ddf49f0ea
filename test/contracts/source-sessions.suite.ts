/**
 * The contract of what sessions keep of their sources: readable with the ticket alone, gone with the
 * session, changed by one gateway at a time, and found again by what a provider calls it.
 */
import { describe, expect, it } from 'vitest';
import type { Session, Ticket } from '../../src/core/people/session.ts';
import { type SourceSession, WITHDRAWAL_KEPT } from '../../src/core/sources/source-session.ts';
import type { Stores } from '../../src/core/setup/stores.ts';
import { newTicket, sessionOf } from '../support/state.ts';
import type { StateWorld } from './stores.suite.ts';

const ISSUER = 'https://login.example.net';
const HOUR = 3_600_000;

/** Registers the part of the contract about sources. */
export function sourceSessionsContract(
  current: () => { readonly world: StateWorld; readonly stores: Stores },
): void {
  const keptOf = (changes: Partial<SourceSession> = {}): SourceSession => ({
    source: 'company',
    issuer: ISSUER,
    subject: 'zoe-1',
    sid: 'visit-1',
    refreshToken: 'a very secret refresh token',
    idToken: 'a very personal ID token',
    vouchedAt: current().world.clock.now(),
    askedAt: current().world.clock.now(),
    claimedUntil: 0,
    isDoubted: false,
    ...changes,
  });
  /** A session that keeps this. */
  async function begin(
    kept: SourceSession = keptOf(),
    changes: Partial<Session> = {},
  ): Promise<{ ticket: Ticket; id: string }> {
    const { world, stores } = current();
    const ticket = newTicket();
    const session = sessionOf(world.vault, world.clock, ticket, { source: 'company', ...changes });
    expect(await stores.sourceSessions.keep(ticket, kept, session.expiresAt)).toBe(true);
    await stores.sessions.start(ticket, session);
    return { ticket, id: session.id };
  }

  describe('keeps what a session needs of its source', () => {
    it('for every gateway, with the ticket alone', async () => {
      const { world, stores } = current();
      const kept = keptOf();
      const { ticket } = await begin(kept);
      const other = await world.open();
      expect(await other.sourceSessions.read(ticket)).toMatchObject(kept);
      const { secret } = newTicket();
      expect(await stores.sourceSessions.read({ ...ticket, secret })).toBeNull();
      expect(await stores.sourceSessions.read(newTicket())).toBeNull();
      expect(await stores.sessions.read(ticket)).toMatchObject({ source: 'company' });
    });

    it('without storing tokens, names or ids of the provider in readable form', async () => {
      const { world } = current();
      await begin();
      const stored = (await world.dump()).toString('latin1');
      for (const secret of ['refresh token', 'ID token', 'zoe-1', 'visit-1', ISSUER]) {
        expect(stored).not.toContain(secret);
      }
    });

    it('as long as the session and no longer, however it ends', async () => {
      const { world, stores } = current();
      const user = { userId: 'embedded/other' };
      const [ended, rotated, all] = [await begin(), await begin(), await begin(keptOf(), user)];
      await stores.sessions.end(ended.id);
      const next = newTicket();
      const moved = sessionOf(world.vault, world.clock, next);
      await stores.sessions.rotate(rotated.ticket, next, moved);
      await stores.sessions.endAll('embedded/other');
      for (const { ticket } of [ended, rotated, all]) {
        const kept = await stores.sourceSessions.read(ticket);
        expect(kept).toBeNull();
        expect(await stores.sourceSessions.replace(ticket, keptOf(), 1)).toBe(false);
      }
    });

    it('and forgets it when asked to', async () => {
      const { stores } = current();
      const { ticket } = await begin();
      await stores.sourceSessions.forget(ticket);
      expect(await stores.sourceSessions.read(ticket)).toBeNull();
    });

    it('which exactly one of twenty gateways may change', async () => {
      const { world, stores } = current();
      const { ticket } = await begin();
      const other = await world.open();
      const { revision = 0 } = (await stores.sourceSessions.read(ticket)) ?? {};
      const changed = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          (i % 2 === 0 ? stores : other).sourceSessions.replace(
            ticket,
            keptOf({ refreshToken: `token ${i}` }),
            revision,
          ),
        ),
      );
      expect(changed.filter(Boolean)).toHaveLength(1);
      expect(await other.sourceSessions.read(ticket)).toMatchObject({
        refreshToken: `token ${changed.indexOf(true)}`,
      });
    });
  });

  describe('finds the sessions that a provider ended', () => {
    const about = { source: 'company', issuer: ISSUER };
    const found = async (subject: string | null, sid: string | null) => {
      const ids = await current().stores.sourceSessions.withdraw({ ...about, subject, sid });
      return ids.toSorted();
    };

    it('by its own session, by the account, or by both', async () => {
      const one = await begin();
      const two = await begin(keptOf({ sid: 'visit-2' }));
      const bare = await begin(keptOf({ sid: null }));
      await begin(keptOf({ subject: 'ben-1', sid: 'visit-3' }));
      await begin(keptOf({ source: 'other' }));
      await begin(keptOf({ issuer: 'https://other.example.net' }));
      expect(await found(null, 'visit-1')).toEqual([one.id]);
      // A session whose sign-in named none may be the one that ended.
      expect(await found('zoe-1', 'visit-2')).toEqual([two.id, bare.id].toSorted());
      expect(await found('zoe-1', null)).toEqual([one.id, two.id, bare.id].toSorted());
      expect(await found('zoe', null)).toEqual([]);
      expect(await found(null, null)).toEqual([]);
    });

    it('from every gateway', async () => {
      const { world } = current();
      const { id } = await begin();
      const other = await world.open();
      const ids = await other.sourceSessions.withdraw({ ...about, subject: 'zoe-1', sid: null });
      expect(ids).toEqual([id]);
    });

    it('and lets none begin whose sign-in is older', async () => {
      const { world, stores } = current();
      const until = world.clock.now() + HOUR;
      const keep = (kept: SourceSession) => stores.sourceSessions.keep(newTicket(), kept, until);
      const before = keptOf();
      world.clock.advance(1);
      await found(null, 'visit-1');
      expect(await keep(before)).toBe(false);
      expect(await keep({ ...before, sid: 'visit-2' })).toBe(true);
      await found('zoe-1', null);
      expect(await keep({ ...before, sid: 'visit-2' })).toBe(false);
      world.clock.advance(1);
      expect(await keep(keptOf())).toBe(true);
      expect(WITHDRAWAL_KEPT).toBeGreaterThan(30 * 60_000);
    });
  });
}
