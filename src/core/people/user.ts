/** A user, as the directory currently describes them; never cached beyond a change. */
import type { Json } from '../values/json.ts';
import { nfkc } from '../values/normal-form.ts';

/** One user. */
export interface User {
  /** `<directory>/<id within it>`; stable over renames. */
  readonly id: string;
  /** Sign-in name, unique within its directory. */
  readonly name: string;
  readonly displayName: string;
  /** `''` if none is known. */
  readonly email: string;
  /**
   * Whether the address is known to be the user's: an operator entered it, or a code or link sent there
   * was used. Any other address is only a claim: it identifies no user and is not sent to apps.
   */
  readonly emailVerified: boolean;
  readonly groups: readonly string[];
  readonly attributes: Readonly<Record<string, Json>>;
  /** A disabled user has no session and may not start one. */
  readonly disabled: boolean;
  /** When the password was set, in epoch milliseconds; null: not known, or there is none. */
  readonly passwordSetAt: number | null;
}

/**
 * A name or address as it is compared: NFKC once, trimmed, lower-cased. Two spellings
 * that fold alike are one account for lookup and for throttling.
 */
export function foldName(name: string): string {
  return nfkc(nfkc(name).trim().toLowerCase());
}
