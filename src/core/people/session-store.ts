/** Stores of live sessions. Implemented in `stores/`. Promises reject with a Problem. */
import type { Session, SessionSummary, Ticket } from './session.ts';

/** Called with the id of what changed, here or in another process; null if the id is unknown. */
export type ChangeListener = (id: string | null) => void;

/**
 * Live sessions, encrypted with a key derived from the server's secret and the ticket's. Without
 * the ticket, only the SessionSummary is readable.
 */
export interface SessionStore {
  /** Stores a new session under its ticket. */
  start(ticket: Ticket, session: Session): Promise<void>;
  /**
   * The session of a ticket. Null if it is unknown, ended, past its absolute end, or not decrypted
   * by this secret.
   */
  read(ticket: Ticket): Promise<Session | null>;
  /**
   * Moves `session` to a new ticket and ends `old` in one step; false if `old` no longer exists.
   */
  rotate(old: Ticket, ticket: Ticket, session: Session): Promise<boolean>;
  /** Moves `seenAt` forward, unless the session no longer exists. Announces no change. */
  touch(id: string, seenAt: number): Promise<void>;
  /** The summary of a session by its public id; null where `read` would return null. */
  summary(id: string): Promise<SessionSummary | null>;
  /**
   * Ends a session by its public id; false if there was none. `session` if the caller has read it with its
   * ticket: what the store shows without one may have been forged there.
   */
  end(id: string, session?: Pick<Session, 'userId' | 'expiresAt'>): Promise<boolean>;
  /** Ends all sessions, except one, of a user or (null) of all users. Returns their number. */
  endAll(userId: string | null, exceptId?: string): Promise<number>;
  /**
   * Summaries of a user's sessions or (null) of all, newest first, at most `limit` (default 1000).
   */
  list(userId: string | null, limit?: number): Promise<readonly SessionSummary[]>;
  /** The number of live sessions, for the metric. */
  count(): Promise<number>;
  /**
   * Calls back with the public id of each session that changes or ends, here or in another process.
   */
  watch(listener: ChangeListener): () => void;
  /**
   * Whether a cached session may be used now. If not, `read` it each time. A store that has to look
   * for changes by other processes (embedded) does so first, and announces what it finds.
   */
  isCoherent(): boolean;
}
