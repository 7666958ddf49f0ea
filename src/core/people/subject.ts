/** The user that a flow is about, before and after the name is proved. */

/** An unknown name is treated like a known one, with a null `userId`. */
export interface Subject {
  /** As typed, trimmed, at most 254 characters. */
  readonly login: string;
  readonly userId: string | null;
}
