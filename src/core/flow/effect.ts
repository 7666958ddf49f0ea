/** Writes that stages order. flow/effects/effects.ts carries each out once, after the plan has moved. */
import type { Authenticator, AuthenticatorKind, Consent } from '../people/account.ts';
import type { UserChanges } from '../people/directory.ts';
import type { Bond } from '../people/place.ts';
import type { Token } from '../people/token.ts';
import type { AccountKey } from '../sources/source-link.ts';
import type { Email } from './mail.ts';

/** An account at a source, and which source vouched for it. */
export interface LinkedAccount extends AccountKey {
  readonly source: string;
}

export type Effect =
  | {
      readonly kind: 'start-session';
      /** Absolute lifetime in milliseconds; null for the configured one. */
      readonly lasts: number | null;
      /** End the user's other sessions. */
      readonly endOthers: boolean;
      /**
       * The user's choice to stay signed in, in milliseconds: the idle time, the lifetime and the age of
       * the cookie alike; null: no. Absent: the user was not asked, and the previous session decides.
       */
      readonly remember?: number | null;
      /** What the session is bound to; absent: the same as the previous session. */
      readonly bind?: readonly Bond[];
    }
  | { readonly kind: 'end-session' }
  | { readonly kind: 'end-all-sessions' }
  | { readonly kind: 'add-authenticator'; readonly authenticator: Authenticator }
  | {
      readonly kind: 'replace-authenticators';
      readonly userId: string;
      readonly of: AuthenticatorKind;
      readonly by: readonly Authenticator[];
    }
  | {
      readonly kind: 'use-authenticator';
      readonly id: string;
      readonly data?: Authenticator['data'];
    }
  | { readonly kind: 'remove-authenticator'; readonly userId: string; readonly id: string }
  /** `text` is shown to the user on the next page, and stored nowhere. */
  | {
      readonly kind: 'create-token';
      readonly token: Token;
      readonly text: string;
      /** Fails if the user has this many. */
      readonly most: number;
    }
  /** Succeeds if it is revoked already. */
  | { readonly kind: 'revoke-token'; readonly userId: string; readonly id: string }
  /** This browser is known to the user from now on; both are the run's. */
  | { readonly kind: 'remember-device' }
  | { readonly kind: 'save-consent'; readonly consent: Consent }
  /** Fails the whole list if it was spent meanwhile; ordered before what it permits. */
  | {
      readonly kind: 'spend-invitation';
      readonly id: string;
      /** Also fails if a user exists by then. */
      readonly isFirst: boolean;
    }
  | { readonly kind: 'send-mail'; readonly email: Email }
  /**
   * `create`: a new user with these changes and this id (fails if the name is taken); `update`: changes
   * the plan's subject. `passwordHash` as made by `Passwords.hash`, or absent.
   */
  | {
      readonly kind: 'write-user';
      readonly mode: 'create' | 'update';
      readonly id?: string;
      readonly changes: UserChanges;
      readonly passwordHash?: string;
      /** The account at a source by which a new user can sign in. Its id must be given, too. */
      readonly account?: LinkedAccount;
    }
  /** The plan's subject, who has proved to be its owner, can sign in with this account from now on. */
  | {
      readonly kind: 'link-source';
      readonly userId: string;
      readonly source: string;
      readonly account: AccountKey;
    }
  /**
   * A source vouched for an account of this user in this submission; the user is linked to it if that was
   * not so. The changes are what the source decides about its user, such as groups.
   */
  | {
      readonly kind: 'use-source';
      readonly userId: string;
      readonly source: string;
      readonly account: AccountKey;
      readonly changes: UserChanges;
    }
  /** Marks the subject's address as verified, if it is still this one. */
  | { readonly kind: 'verify-email'; readonly email: string }
  /** Deletes the plan's subject, with all sessions and account data. */
  | { readonly kind: 'delete-user' };
