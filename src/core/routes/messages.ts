/** How the messages between visitors and an app change on their way, as configured. Pure data. */
import type { User } from '../people/user.ts';

/** What an app's responses may contain beyond what is always harmless. */
export interface AnswerRules {
  /** `X-Accel-*` and `X-Sendfile`, which make a front proxy serve other files. */
  readonly internalRedirects: boolean;
  /** `Cache-Control: public` on protected paths. */
  readonly publicCache: boolean;
}

/** The value of a field for the app; `''` if it has none for this user, or there is no user. */
export type FieldValue = (user: User | null) => string;

/** A field that the app receives in place of the client's. */
export interface SetField {
  readonly name: string;
  /** Latin-1, as node:http writes it. Without control characters. */
  readonly value: FieldValue;
}

/** What changes in responses. */
export interface Rewrites {
  /** URLs of the upstream in Location, Content-Location and Refresh become public ones. */
  readonly location: boolean;
  /** What each Domain of a cookie becomes: a domain, `none` to remove it; null to keep it. */
  readonly cookieDomain: string | null;
  /** The Path of cookies is treated like a location. */
  readonly cookiePath: boolean;
}

/** What changes in the messages of an app. */
export interface MessageRules {
  /** Sent even where the value is empty. */
  readonly set: readonly SetField[];
  /** The value of Authorization, which is sent if it is not empty; null to keep the client's. */
  readonly authorization: FieldValue | null;
  /**
   * Names that are removed from the client's request, folded by `foldHeader`: those above, further
   * ones, and every identity header.
   */
  readonly folded: ReadonlySet<string>;
  /** Null: responses pass as they are. */
  readonly rewrites: Rewrites | null;
}
