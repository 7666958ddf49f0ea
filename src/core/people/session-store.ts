/** Where live sessions are stored. Implementations: `stores/`. Promises reject with a Problem. */
import type { Session, SessionEntry, Ticket } from './session.ts';

/** Told what changed, here or elsewhere; null when it is not known what. */
export type ChangeListener = (id: string | null) => void;

/**
 * Live sessions. Stored encrypted with a key that takes both the server's secret and the
 * ticket's; only the SessionEntry is clear.
 */
export interface SessionStore {
  /** Stores a new session under its ticket. */
  start(ticket: Ticket, session: Session): Promise<void>;
  /** The session of a ticket; null when unknown, ended, past its absolute end, or not opened by this secret. */
  read(ticket: Ticket): Promise<Session | null>;
  /** Puts `session` under a new ticket and ends `old` in one step; false when `old` was not there any more. */
  rotate(old: Ticket, ticket: Ticket, session: Session): Promise<boolean>;
  /** Moves `seenAt` forward; does nothing for a session that is gone. Never announces a change. */
  touch(id: string, seenAt: number): Promise<void>;
  /** The entry of one session by its public id; null where `read` would find none. */
  entry(id: string): Promise<SessionEntry | null>;
  /** Ends one session by its public id; false when there was none. */
  end(id: string): Promise<boolean>;
  /** Ends all sessions of a user, or of everybody for null, except one; how many. */
  endAll(userId: string | null, exceptId?: string): Promise<number>;
  /** Entries, newest first, at most `limit` (default 1000); of one user or of everybody. */
  list(userId: string | null, limit?: number): Promise<readonly SessionEntry[]>;
  /** How many sessions there are, for the metric. */
  count(): Promise<number>;
  /** Calls back with the public id of each session changed or ended, here or elsewhere. */
  watch(listener: ChangeListener): () => void;
  /**
   * Whether a remembered session may be believed right now. Also notices, before it
   * answers, what other processes changed, where the store can only look (embedded).
   * False: ask `read` every time.
   */
  isCoherent(): boolean;
}
