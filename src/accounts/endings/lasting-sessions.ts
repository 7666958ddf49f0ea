/**
 * A session store whose endings last: each is also written to the accounts, so a record that is restored
 * into the store opens nothing. Requests with a cached session do not get here, only reads of the store.
 */
import { type Accounts, LONGEST_ENDING } from '../../core/people/account.ts';
import type { Clock, Vault } from '../../core/values/system.ts';
import type { Session } from '../../core/people/session.ts';
import type { SessionStore } from '../../core/people/session-store.ts';

/** What it needs beside the store. */
export interface LastingParts {
  readonly accounts: Pick<
    Accounts,
    'hasEnded' | 'sessionsValidFrom' | 'recordEnding' | 'moveSessionsValidFrom'
  >;
  readonly clock: Clock;
  readonly vault: Pick<Vault, 'name'>;
  /** Called when an ending could not be written to the accounts. The session in the store ends nevertheless. */
  readonly onFault: (cause: unknown) => void;
}

/** The same store, in which an ended session stays ended whatever is written into it. */
export function lastingSessions(sessions: SessionStore, parts: LastingParts): SessionStore {
  const { accounts, clock, vault, onFault } = parts;

  /** A full disk must not prevent a sign-out: a fault here is reported, and the store ends the session. */
  const record = async (write: () => Promise<void>): Promise<void> => {
    try {
      await write();
    } catch (cause) {
      onFault(cause);
    }
  };
  /**
   * A record that is unknown, or was not opened with its ticket, may be restored with another expiry than it has now,
   * so its ending is kept for long.
   */
  const endingOf = (id: string, session?: Pick<Session, 'userId' | 'expiresAt'> | null) => {
    const at = clock.now();
    const { userId = '', expiresAt: until = at + LONGEST_ENDING } = session ?? {};
    return { id, userId, at, until };
  };
  const issue = async <S extends { readonly userId: string }>(session: S): Promise<S> => {
    // Not before the user's sessions are valid, even if the clock was set back: a new session must not be dead.
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
      const ending = endingOf(vault.name('session', old.id), await sessions.read(old));
      const isRotated = await sessions.rotate(old, ticket, await issue(session));
      if (isRotated) await record(() => accounts.recordEnding(ending));
      return isRotated;
    },
    async end(id, session) {
      await record(() => accounts.recordEnding(endingOf(id, session)));
      return sessions.end(id);
    },
    async endAll(userId, exceptId) {
      // One past now, so that sessions issued in this very millisecond end as well.
      await record(() => accounts.moveSessionsValidFrom(userId, clock.now() + 1, exceptId));
      return sessions.endAll(userId, exceptId);
    },
  };
}
