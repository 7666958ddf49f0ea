/** Where live sessions are stored. Implementations: `stores/`. Promises reject with a Problem. */
import type { Session, SessionSummary, Ticket } from './session.ts';

/** Called with the id of what changed, here or elsewhere; null if that is not known. */
export type ChangeListener = (id: string | null) => void;

/**
 * Live sessions, encrypted with a key derived from both the server's secret and the ticket's. Only the
 * SessionSummary is readable without the ticket.
 */
export interface SessionStore {
  /** Stores a new session under its ticket. */
  start(ticket: Ticket, session: Session): Promise<void>;
  /** The session of a ticket; null when unknown, ended, past its absolute end, or not opened by this secret. */
  read(ticket: Ticket): Promise<Session | null>;
  /** Moves `session` to a new ticket and ends `old` in one step; false if `old` was already gone. */
  rotate(old: Ticket, ticket: Ticket, session: Session): Promise<boolean>;
  /** Moves `seenAt` forward; has no effect on a session that is gone. Announces no change. */
  touch(id: string, seenAt: number): Promise<void>;
  /** The summary of one session by its public id; null where `read` would find none. */
  summary(id: string): Promise<SessionSummary | null>;
  /** Ends one session by its public id; false if there was none. */
  end(id: string): Promise<boolean>;
  /** Ends all sessions of a user, or (null) of all users, except one; resolves with how many ended. */
  endAll(userId: string | null, exceptId?: string): Promise<number>;
  /** Summaries, newest first, at most `limit` (default 1000); of one user, or (null) of all users. */
  list(userId: string | null, limit?: number): Promise<readonly SessionSummary[]>;
  /** The number of live sessions, for the metric. */
  count(): Promise<number>;
  /** Calls back with the public id of each session that changed or ended, here or elsewhere. */
  watch(listener: ChangeListener): () => void;
  /**
   * Whether a cached session may be used right now; if not, `read` it each time. A store that has to
   * look for changes of other processes (embedded) does so first, and announces what it finds.
   */
  isCoherent(): boolean;
}
