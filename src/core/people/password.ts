/** Hashing and verifying passwords. Implemented in `passwords/`. */

/**
 * The result of verifying a password. `busy`: too many at the same time; retry shortly. `expired`: it
 * was right, but must be changed elsewhere before it can be used.
 */
export type PasswordVerdict = 'right' | 'wrong' | 'busy' | 'expired';

/** Hashes passwords in a bounded queue, at most two at a time. */
export interface Passwords {
  /**
   * Returns an argon2id PHC string. Rejects with Problem `passwords/busy` (503) if the queue is
   * full.
   */
  hash(password: string): Promise<string>;
  /**
   * Verifies against argon2, bcrypt, scrypt, pbkdf2, SHA-crypt or salted SHA. A null hash is wrong
   * and takes as long as a hash made by `hash`.
   */
  verify(hash: string | null, password: string): Promise<PasswordVerdict>;
  /** Whether a stored hash is older or weaker than the hashes that `hash` makes. */
  isOutdated(hash: string): boolean;
  /** Whether `verify` supports this hash. */
  isHash(text: string): boolean;
  /**
   * The cost of verifying a hash, as text: equal for hashes of equal work, null if it is not a
   * hash.
   */
  costOf(hash: string): string | null;
  /** Whether a stolen hash is guessed quickly, such as a salted SHA. False if it is not a hash. */
  isQuick(hash: string): boolean;
}

/** Longest password, in UTF-8 bytes; longer ones are refused before hashing. */
export const MAX_PASSWORD_BYTES = 1024;
