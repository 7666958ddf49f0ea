/** What stages order: carried out once, in flow/effects/effects.ts, after the plan has moved. */
import type { Authenticator, AuthenticatorKind, Consent } from '../people/account.ts';
import type { Email } from './mail.ts';
import type { Bond } from '../people/place.ts';
import type { UserChanges } from '../people/directory.ts';

/** Writes that happen once, in flow/effects/effects.ts, after the plan has moved. */
export type Effect =
  | {
      readonly kind: 'start-session';
      /** Absolute lifetime in milliseconds; null for the configured one. */
      readonly lasts: number | null;
      /** End the user's other sessions. */
      readonly endOthers: boolean;
      /**
       * Somebody was asked whether to stay signed in: for so many milliseconds, which is idle time
       * and end of the session alike, and how long its cookie is kept; null for no. Absent: nobody
       * was asked, and it stays as it was in the session before.
       */
      readonly remember?: number | null;
      /** What the session is bound to; absent: what the session before was bound to. */
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
  /** This browser may be recognised from now on; user and browser are the run's. */
  | { readonly kind: 'remember-device' }
  | { readonly kind: 'save-consent'; readonly consent: Consent }
  /** Fails the whole list when it was spent meanwhile; ordered before what it allows. */
  | {
      readonly kind: 'spend-invitation';
      readonly id: string;
      /** Fails as well when a directory has anybody by then. */
      readonly isFirst: boolean;
    }
  | { readonly kind: 'send-mail'; readonly email: Email }
  /**
   * Writes the subject: `create` a new user with these changes (fails when the name is taken), or
   * `update` the plan's subject. `passwordHash` as `Passwords.hash` made it, or absent.
   */
  | {
      readonly kind: 'write-user';
      readonly mode: 'create' | 'update';
      readonly changes: UserChanges;
      readonly passwordHash?: string;
    }
  /** The subject's address is theirs, as long as it is still this one. */
  | { readonly kind: 'verify-email'; readonly email: string }
  /** The plan's subject, with all sessions and everything kept about it. */
  | { readonly kind: 'delete-user' };
