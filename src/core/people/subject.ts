/** Who a flow is about, before and after the name is proved. */

/** Who is meant. An unknown name goes on as if known, with `userId` null. */
export interface Subject {
  /** As typed, trimmed, at most 254 characters. */
  readonly login: string;
  readonly userId: string | null;
}
