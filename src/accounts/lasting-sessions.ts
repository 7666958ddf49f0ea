/**
 * A session store whose endings last: each is also written to the accounts, so a record that is restored
 * into the store opens nothing. Requests with a cached session do not get here, only reads of the store.
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
  /** As the store knows the session. A missing record may be restored later, so its ending is kept for long. */
  const endingOf = async (id: string) => {
    // Named fallback: without the store, when the session would have expired is unknown.
    const summary = await sessions.summary(id).catch(() => null);
    const at = clock.now();
    const until = summary?.expiresAt ?? at + LONGEST_ENDING;
    return { id, userId: summary?.userId ?? '', at, until };
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
      // One past now, so that sessions issued in this very millisecond end as well.
      await record(() => accounts.moveSessionsValidFrom(userId, clock.now() + 1, exceptId));
      return sessions.endAll(userId, exceptId);
    },
  };
}
