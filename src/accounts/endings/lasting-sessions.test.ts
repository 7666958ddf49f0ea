import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeAccounts } from '../../../test/support/fake-accounts.ts';
import { fakeSessions } from '../../../test/support/fakes.ts';
import { newTicket, sessionOf, testClock, testVault } from '../../../test/support/state.ts';
import { LONGEST_ENDING, MOST_ENDINGS } from '../../core/people/account.ts';
import type { Session, Ticket } from '../../core/people/session.ts';
import { openAccounts } from '../accounts.ts';
import { lastingSessions } from './lasting-sessions.ts';

const ANN = 'embedded/ann';

function setUp(accounts = fakeAccounts()) {
  const [vault, clock] = [testVault(), testClock()];
  const inner = fakeSessions(vault);
  const faults: unknown[] = [];
  const sessions = lastingSessions(inner, {
    accounts,
    clock,
    vault,
    onFault: (cause) => faults.push(cause),
  });
  const start = async (changes: Partial<Session> = {}): Promise<Ticket> => {
    const ticket = newTicket();
    await sessions.start(ticket, sessionOf(vault, clock, ticket, changes));
    return ticket;
  };
  /** As after an attack, a failover or a restored backup: the same record is back in the store. */
  const restoring = async (ticket: Ticket, ending: () => Promise<unknown>) => {
    const record = (await inner.read(ticket)) as Session;
    await ending();
    if ((await inner.read(ticket)) === null) await inner.start(ticket, record);
    return sessions.read(ticket);
  };
  const idOf = (ticket: Ticket): string => vault.name('session', ticket.id);
  return { vault, clock, inner, sessions, accounts, faults, start, restoring, idOf };
}

describe('REDIS-restore: a restored session record', () => {
  it('is invalid after its sign-out and removed again, while other sessions of the user continue', async () => {
    const { sessions, start, restoring, idOf, inner } = setUp();
    const [ticket, other] = [await start(), await start()];
    expect(await restoring(ticket, () => sessions.end(idOf(ticket)))).toBeNull();
    expect(await inner.read(ticket)).toBeNull();
    expect(await sessions.read(other)).not.toBeNull();
  });

  it('is invalid, too, after its store lost it and its user signed out', async () => {
    const { sessions, start, restoring, idOf, inner, clock } = setUp();
    const ticket = await start();
    const lost = async () => {
      await inner.end(idOf(ticket));
      await sessions.end(idOf(ticket));
      clock.advance(60_000);
    };
    expect(await restoring(ticket, lost)).toBeNull();
  });

  it.each([
    ['of its user', ANN],
    ['of all users', null],
  ])('is invalid after all sessions %s were ended, even in that millisecond', async (_, whose) => {
    const { sessions, start, restoring } = setUp();
    const ticket = await start();
    expect(await restoring(ticket, () => sessions.endAll(whose))).toBeNull();
    // Signing in again works at once, although the clock has not moved.
    expect(await sessions.read(await start())).not.toBeNull();
  });

  it('is invalid after a step-up, and the session that replaced it continues', async () => {
    const { sessions, start, restoring, vault, clock } = setUp();
    const [old, next] = [await start(), newTicket()];
    const rise = () => sessions.rotate(old, next, sessionOf(vault, clock, next));
    expect(await restoring(old, rise)).toBeNull();
    expect(await sessions.read(next)).not.toBeNull();
  });

  it('does not interfere: the spared session continues, and may step up afterwards', async () => {
    const { sessions, start, idOf, vault, clock } = setUp();
    const [kept, gone] = [await start(), await start()];
    await sessions.endAll(ANN, idOf(kept));
    expect(await sessions.read(kept)).not.toBeNull();
    expect(await sessions.read(gone)).toBeNull();
    const next = newTicket();
    const risen = sessionOf(vault, clock, next, { createdAt: clock.now() - 60_000 });
    expect(await sessions.rotate(kept, next, risen)).toBe(true);
    expect(await sessions.read(next)).toMatchObject({ createdAt: clock.now() - 60_000 });
  });
});

describe('the ending of a session', () => {
  it('is kept until the session, as read with its ticket, would have expired', async () => {
    const { sessions, start, idOf, accounts } = setUp();
    const ticket = await start();
    const session = (await sessions.read(ticket)) as Session;
    await sessions.end(idOf(ticket), session);
    const { userId, expiresAt: until } = session;
    expect(accounts.all.endings).toMatchObject([{ id: idOf(ticket), userId, until }]);
  });

  it('is kept for long if the session was not read: its record may be altered for that moment', async () => {
    const { sessions, start, idOf, accounts, clock } = setUp();
    const ticket = await start({ expiresAt: clock.now() + 1_000 });
    await sessions.end(idOf(ticket));
    const until = clock.now() + LONGEST_ENDING;
    expect(accounts.all.endings).toMatchObject([{ id: idOf(ticket), until }]);
  });
});

describe('an ended session', () => {
  it('that cannot be recorded in the accounts is ended anyway, and the fault is reported', async () => {
    const { sessions, start, idOf, accounts, faults } = setUp();
    const [one, two] = [await start(), await start()];
    accounts.fault = new Error('disk full');
    expect(await sessions.end(idOf(one))).toBe(true);
    expect(await sessions.endAll(ANN)).toBe(1);
    expect(faults).toHaveLength(2);
    accounts.fault = null;
    expect(await sessions.read(one)).toBeNull();
    expect(await sessions.read(two)).toBeNull();
  });

  it('that cannot be looked up gives no access', async () => {
    const { sessions, start, accounts } = setUp();
    const ticket = await start();
    accounts.fault = new Error('unavailable');
    await expect(sessions.read(ticket)).rejects.toThrow('unavailable');
  });
});

describe('the record of ended sessions', () => {
  const dirs: string[] = [];
  afterEach(() => {
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true });
  });

  it('is limited per user, and no session removed from it becomes valid again', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'doorward-endings-'));
    dirs.push(dataDir);
    const clock = testClock();
    const accounts = openAccounts({ clock, vault: testVault(), dataDir });
    const first = { id: 'f'.repeat(22), userId: ANN, createdAt: clock.now() };
    const until = clock.now() + 86_400_000;
    for (let n = 0; n <= MOST_ENDINGS; n += 1) {
      const id = n === 0 ? first.id : `${n}`.padStart(22, 'x');
      await accounts.recordEnding({ id, userId: ANN, at: clock.now() + n, until });
    }
    expect(await accounts.hasEnded(first)).toBe(true);
    expect(await accounts.sessionsValidFrom(ANN)).toBe(clock.now() + 1);
    expect(await accounts.sessionsValidFrom('embedded/bob')).toBe(0);
    await accounts.close();
  });

  it('also ends a spared session permanently after its own record was dropped', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'doorward-endings-'));
    dirs.push(dataDir);
    const clock = testClock();
    const accounts = openAccounts({ clock, vault: testVault(), dataDir });
    const spared = { id: 's'.repeat(22), userId: ANN, createdAt: clock.now() };
    const until = clock.now() + 86_400_000;
    await accounts.moveSessionsValidFrom(ANN, clock.now() + 1, spared.id);
    expect(await accounts.hasEnded(spared)).toBe(false);
    for (let n = 0; n <= MOST_ENDINGS; n += 1) {
      const id = n === 0 ? spared.id : `${n}`.padStart(22, 'x');
      await accounts.recordEnding({ id, userId: ANN, at: clock.now() + n, until });
    }
    expect(await accounts.hasEnded(spared)).toBe(true);
    await accounts.close();
  });
});
