/** A user as currently described by the directory. Never cached beyond a change. */
import type { Json } from '../values/json.ts';
import { nfkc } from '../values/normal-form.ts';

export interface User {
  /** `<directory>/<id within it>`. Renaming does not change it. */
  readonly id: string;
  /** Username, unique within its directory. */
  readonly name: string;
  readonly displayName: string;
  /** `''` if unknown. */
  readonly email: string;
  /**
   * Whether the address is known to belong to the user: an operator entered it, or the user used a
   * code or link sent to it. Any other address is only a claim: it identifies no user, and apps do
   * not receive it.
   */
  readonly emailVerified: boolean;
  readonly groups: readonly string[];
  readonly attributes: Readonly<Record<string, Json>>;
  /** A disabled user has no session and cannot start one. */
  readonly disabled: boolean;
  /**
   * When the password was set, in epoch milliseconds; null if unknown or if there is no password.
   */
  readonly passwordSetAt: number | null;
}

/**
 * The form in which names and addresses are compared: NFKC, trimmed, lower case. Spellings with the
 * same form are one account for lookups and throttling.
 */
export function foldName(name: string): string {
  return nfkc(nfkc(name).trim().toLowerCase());
}
