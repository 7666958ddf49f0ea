/** The live sessions of one user or of all, for a list. */
import type { Directory } from '../people/directory.ts';
import type { SessionSummary } from '../people/session.ts';
import type { SessionStore } from '../people/session-store.ts';

/** Live sessions, newest first. */
export interface SessionList {
  readonly sessions: readonly SessionSummary[];
  /** Whether there are more than were requested. */
  readonly isMore: boolean;
}

/** At most `limit` sessions of a user; of all users for null. */
export async function listSessions(
  store: Pick<SessionStore, 'list'>,
  userId: string | null,
  limit: number,
): Promise<SessionList> {
  const found = await store.list(userId, limit + 1);
  return { sessions: found.slice(0, limit), isMore: found.length > limit };
}

/** The usernames of the owners of sessions or tokens by user ID; a deleted user has none. */
export async function usernamesOf(
  directory: Pick<Directory, 'read'>,
  owned: readonly { readonly userId: string }[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const userId of new Set(owned.map((one) => one.userId))) {
    const user = await directory.read(userId);
    if (user !== null) names.set(userId, user.name);
  }
  return names;
}
