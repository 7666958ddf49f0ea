/**
 * The session and user behind an opened ticket, straight from store and directory. Ends what must
 * not live on: expired sessions, sessions of a former password, and all sessions of a deleted or disabled user.
 */
import type { SessionVisitor } from '../../core/access/decision.ts';
import type { Directory } from '../../core/people/directory.ts';
import { isLive, isOfPassword, isTouchDue } from '../../core/people/session.ts';
import type { SessionStore } from '../../core/people/session-store.ts';
import type { ConfirmSession } from '../../core/sources/source-session.ts';
import type { Clock } from '../../core/values/system.ts';
import type { BackgroundWrite } from './background-writes.ts';
import type { Opened } from './opened-tickets.ts';
import type { Read } from './shared-reads.ts';

/** What a lookup needs. */
export interface LookupParts {
  readonly sessions: SessionStore;
  readonly directory: Directory;
  readonly clock: Clock;
  readonly write: BackgroundWrite;
  /** Without it, a session that a source vouched for is accepted nowhere. */
  readonly confirm?: ConfirmSession | undefined;
}

/** Looks visitors up and records their use. */
export interface SessionLookup {
  /** Null for no live session or no enabled user. Notes in `read` whom it is about. */
  find(opened: Opened, read: Read): Promise<SessionVisitor | null>;
  /** The visitor with this use recorded; written back at most once a minute. */
  use(visitor: SessionVisitor, now: number): SessionVisitor;
}

/** Lookups over one store and one directory. */
export function createSessionLookup(parts: LookupParts): SessionLookup {
  const { sessions, directory, clock, write, confirm } = parts;
  return {
    async find({ ticket, sessionId }, read) {
      read.sessionId = sessionId;
      const session = await sessions.read(ticket);
      // Changes are announced by id: a session stored under another id could not be revoked.
      if (session === null || session.id !== sessionId) return null;
      if (!isLive(session, clock.now())) {
        write(`end ${session.id}`, () => sessions.end(session.id, session));
        return null;
      }
      const { userId, source } = session;
      read.userId = userId;
      if (source !== undefined) {
        // Before the user is read, whose groups the answer may change.
        const until = (await confirm?.(ticket, { ...session, source })) ?? null;
        if (until === null) return null;
        read.goodUntil = until;
      }
      const user = await directory.read(userId);
      if (user === null || user.disabled) {
        write(`end all ${userId}`, () => sessions.endAll(userId));
        return null;
      }
      if (!isOfPassword(session, user)) {
        // This one alone: sessions that began with the new password continue.
        write(`end ${session.id}`, () => sessions.end(session.id, session));
        return null;
      }
      return { session, user };
    },
    use(visitor, now) {
      const { session, user } = visitor;
      if (!isTouchDue(session, now)) return visitor;
      write(`touch ${session.id}`, () => sessions.touch(session.id, now));
      return { user, session: { ...session, seenAt: now } };
    },
  };
}
