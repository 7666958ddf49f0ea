/** Data for tests of state: a clock, tickets, sessions, plans. */
import { randomBytes } from 'node:crypto';
import type { Plan } from '../../src/core/flow/plan.ts';
import type { Clock, Vault } from '../../src/core/values/system.ts';
import type { EventSink } from '../../src/core/access/event.ts';
import type { Event } from '../../src/core/access/event.ts';
import type { Session, Ticket } from '../../src/core/people/session.ts';
import { createVault } from '../../src/tickets/vault.ts';

/** Does not move until it is set. */
export interface TestClock extends Clock {
  advance(ms: number): void;
}

/** A clock that starts in the year 2026. */
export function testClock(): TestClock {
  let now = 1_790_000_000_000;
  return {
    now: () => now,
    advance(ms) {
      now += ms;
    },
  };
}

/** Records what it receives. */
export function eventLog(): EventSink & { readonly events: Event[] } {
  const events: Event[] = [];
  return { events, emit: (event) => void events.push(event) };
}

/** A vault with one secret. */
export function testVault(): Vault {
  return createVault(['test secret, which is long enough for anybody']);
}

/** A new ticket. */
export function newTicket(): Ticket {
  return {
    id: randomBytes(16).toString('base64url'),
    secret: randomBytes(32).toString('base64url'),
  };
}

/** A session of that ticket that begins now: idle 1 h, lifetime 12 h. */
export function sessionOf(
  vault: Vault,
  clock: Clock,
  ticket: Ticket,
  changes: Partial<Session> = {},
): Session {
  const now = clock.now();
  return {
    v: 1,
    id: vault.name('session', ticket.id),
    userId: 'embedded/ann',
    proofs: [
      { method: 'password', at: now - 5_000 },
      { method: 'totp', at: now },
    ],
    createdAt: now,
    seenAt: now,
    expiresAt: now + 12 * 3_600_000,
    idle: 3_600_000,
    client: {
      ip: '203.0.113.7',
      agent:
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    },
    ...changes,
  };
}

/** A plan at revision 1, as it is first stored. */
export function planOf(clock: Clock, changes: Partial<Plan> = {}): Plan {
  return {
    v: 1,
    id: randomBytes(16).toString('base64url'),
    flow: 'login',
    digest: 'abc',
    revision: 1,
    cursor: 1,
    state: 'running',
    browser: 'browser-name',
    returnTo: 'https://wiki.example.com/ä?a=1&b=%20',
    startedAt: clock.now(),
    expiresAt: clock.now() + 1_800_000,
    subject: { login: 'ann', userId: 'embedded/ann' },
    proofs: [],
    learned: { remember: true },
    refused: 0,
    ...changes,
  };
}
