/** How users sign out of an app. */
export interface SignOutRules {
  /**
   * Addresses at which the app signs users out, folded (request/readings.ts), without a slash at the
   * end. Null for none.
   */
  readonly paths: ReadonlySet<string> | null;
  /** URLs to which users can go afterwards, the default first. Empty: to the app's front page. */
  readonly to: readonly string[];
}
