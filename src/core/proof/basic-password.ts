/** A username and the user's own password in an Authorization field (RFC 7617), in place of a sign-in. */
import type { User } from '../people/user.ts';

/** What a request shows. */
export interface ShownPassword {
  readonly login: string;
  readonly password: string;
  readonly clientIp: string;
}

/** The result of checking it. */
export type PasswordCheck =
  | { readonly user: User }
  /** `second-factor`: it was right, but a password alone does not identify this user. */
  | { readonly refused: 'wrong' | 'expired' | 'second-factor' }
  /** Epoch milliseconds before which no other try is made. */
  | { readonly refused: 'throttled'; readonly retryAt: number };

/**
 * Checks a password as a sign-in does: counted by login, account and address, and at the same cost for
 * unknown names. Rejects with Problem `passwords/busy` (503) if nothing was checked.
 */
export type CheckPassword = (shown: ShownPassword) => Promise<PasswordCheck>;
