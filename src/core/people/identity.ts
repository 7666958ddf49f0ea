/** What an app receives about a user: headers, and where their values come from. */
import type { User } from './user.ts';

/** A header and the source of its value. */
export interface IdentityHeader {
  /** As written in the configuration. */
  readonly name: string;
  /** The user's value; `''` if there is none. */
  readonly value: (user: User) => string;
}

/** What the app behind a route receives. */
export interface IdentityHeaders {
  readonly headers: readonly IdentityHeader[];
  /** Headers that contain the signed assertion. */
  readonly assertions: readonly string[];
}
