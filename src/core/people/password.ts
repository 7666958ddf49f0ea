/** Hashing and verifying passwords. Implemented in `passwords/`. */

/** What verifying a password said. `busy`: too many at once, try again shortly. */
export type PasswordVerdict = 'right' | 'wrong' | 'busy';

/** Hashes passwords in a bounded queue, at most two at a time. */
export interface Passwords {
  /** argon2id PHC string. Rejects with Problem `passwords/busy` (503) when the queue is full. */
  hash(password: string): Promise<string>;
  /**
   * Verifies against argon2, bcrypt, scrypt, pbkdf2, SHA-crypt or salted SHA. Null costs what a hash
   * made by `hash` costs, and is wrong.
   */
  verify(hash: string | null, password: string): Promise<PasswordVerdict>;
  /** Whether a stored hash is older or weaker than what `hash` makes. */
  isOutdated(hash: string): boolean;
  /** Whether the text is a hash that `verify` understands. */
  isHash(text: string): boolean;
  /** What verifying a hash costs, as text that is equal for hashes of equal work; null for no hash. */
  costOf(hash: string): string | null;
}

/** Longest password, in UTF-8 bytes; longer ones are refused before hashing. */
export const MAX_PASSWORD_BYTES = 1024;
