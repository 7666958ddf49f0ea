/**
 * A session store whose endings last: what ended is also written to the accounts, so that a record
 * restored into the store opens nothing. Warm checks never come here: only reads of the store do.
 */
import { type Accounts, LONGEST_ENDING } from '../core/people/account.ts';
import type { Clock, Vault } from '../core/values/system.ts';
import type { SessionStore } from '../core/people/session-store.ts';

/** What it needs beside the store. */
export interface LastingParts {
  readonly accounts: Pick<
    Accounts,
    'hasEnded' | 'sessionsValidFrom' | 'recordEnding' | 'moveSessionsValidFrom'
  >;
  readonly clock: Clock;
  readonly vault: Pick<Vault, 'name'>;
  /** Called when an ending could not be written to the accounts. The session in the store has ended all the same. */
  readonly onFault: (cause: unknown) => void;
}

/** The same store; an ended session stays ended whatever is written into it. */
export function lastingSessions(sessions: SessionStore, parts: LastingParts): SessionStore {
  const { accounts, clock, vault, onFault } = parts;

  /** A full disk must not stop a sign-out, so a fault here is reported and the store ends the session. */
  const record = async (write: () => Promise<void>): Promise<void> => {
    try {
      await write();
    } catch (cause) {
      onFault(cause);
    }
  };
  /** `old` as the store knew it; a record that is missing now may be put back later, so it counts for long. */
  const endingOf = async (id: string) => {
    // Named fallback: a store that does not answer cannot say when the session would have expired.
    const entry = await sessions.entry(id).catch(() => null);
    const at = clock.now();
    return { id, userId: entry?.userId ?? '', at, until: entry?.expiresAt ?? at + LONGEST_ENDING };
  };
  const issue = async <S extends { readonly userId: string }>(session: S): Promise<S> => {
    // Never below the bound, even when the clock was put back: a new session must not begin dead.
    const issuedAt = Math.max(clock.now(), await accounts.sessionsValidFrom(session.userId));
    return { ...session, issuedAt };
  };

  return {
    ...sessions,
    start: async (ticket, session) => sessions.start(ticket, await issue(session)),
    async read(ticket) {
      const session = await sessions.read(ticket);
      if (session === null || !(await accounts.hasEnded(session))) return session;
      // Named fallback: the record is removed on a later read; it opens nothing meanwhile.
      await sessions.end(session.id).catch(() => false);
      return null;
    },
    async rotate(old, ticket, session) {
      const ending = await endingOf(vault.name('session', old.id));
      const isRotated = await sessions.rotate(old, ticket, await issue(session));
      if (isRotated) await record(() => accounts.recordEnding(ending));
      return isRotated;
    },
    async end(id) {
      const ending = await endingOf(id);
      await record(() => accounts.recordEnding(ending));
      return sessions.end(id);
    },
    async endAll(userId, exceptId) {
      // One past now: sessions issued in this very millisecond end as well.
      await record(() => accounts.moveSessionsValidFrom(userId, clock.now() + 1, exceptId));
      return sessions.endAll(userId, exceptId);
    },
  };
}
