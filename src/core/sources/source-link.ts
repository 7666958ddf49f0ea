/** Port: which account at a provider belongs to which user. Promises reject with a Problem. */

/** Longest issuer and subject, in characters. */
export const MAX_ISSUER = 2048;

/** Most accounts linked to a user. */
export const MOST_LINKS = 20;

/** An account at a provider, by which its user can sign in. Times are epoch milliseconds. */
export interface SourceLink {
  /** Unique together with `subject`. */
  readonly issuer: string;
  readonly subject: string;
  readonly userId: string;
  /** The source of the last sign-in. Two sources of one issuer share their links. */
  readonly source: string;
  readonly createdAt: number;
  readonly lastUsedAt: number | null;
}

/** Which account, without its user. */
export type AccountKey = Pick<SourceLink, 'issuer' | 'subject'>;

/** Storage of links. Rejects with Problem `accounts/unavailable` (503). */
export interface SourceLinks {
  sourceLink(account: AccountKey): Promise<SourceLink | null>;
  /** The links of a user, oldest first. */
  sourceLinks(userId: string): Promise<readonly SourceLink[]>;
  /**
   * Links an account to a user. Problems: `source/linked` (409) if it belongs to another user,
   * `source/too-many` (409), `source/shape` (400). Linking it again to its user changes nothing.
   */
  linkSource(link: SourceLink): Promise<void>;
  /** Stores the last use. */
  useSource(
    account: AccountKey,
    use: { readonly source: string; readonly at: number },
  ): Promise<void>;
  /** Returns false if there was no such link of this user. */
  unlinkSource(userId: string, account: AccountKey): Promise<boolean>;
}
