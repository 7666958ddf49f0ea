/**
 * New passwords as they were typed, from when a flow has hashed them until it sets them on a server that hashes them
 * itself. In the memory of this process alone, and for a minute: a plan and a store contain nothing but the hash.
 */
import type { Passwords } from '../../core/people/password.ts';

/** How long a password is held, in milliseconds. */
const HELD_FOR = 60_000;
/** Passwords held at most; the oldest is dropped. */
const MOST_HELD = 200;

/** Passwords by their hashes. */
export interface HeldPasswords {
  /** The same passwords; those that are hashed are held. */
  holding(passwords: Pick<Passwords, 'hash'>): Pick<Passwords, 'hash'>;
  has(hash: string): boolean;
  /** The password of a hash, which is held no longer; null if it was not held any more. */
  take(hash: string): string | null;
}

/** Holds nothing yet. */
export function createHeldPasswords(): HeldPasswords {
  const held = new Map<string, string>();
  const hold = (hash: string, password: string): void => {
    const [oldest] = held.size >= MOST_HELD ? held.keys() : [];
    if (oldest !== undefined) held.delete(oldest);
    held.set(hash, password);
    setTimeout(() => held.delete(hash), HELD_FOR).unref();
  };
  return {
    holding: ({ hash }) => ({
      async hash(password) {
        const made = await hash(password);
        hold(made, password);
        return made;
      },
    }),
    has: (hash) => held.has(hash),
    take(hash) {
      const password = held.get(hash) ?? null;
      held.delete(hash);
      return password;
    },
  };
}
