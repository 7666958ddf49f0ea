/** Why something was decided: a stable code and, for operators, the rule behind it. */

export interface Reason {
  /** Stable, such as `group/not-member`, `session/none`, `host/unknown`. */
  readonly code: string;
  /** What was compared, for `explain` and the log: `needs any of staff; has guests`. No secrets. */
  readonly detail?: string;
  /** Values for the placeholders in the sentence for users: `{least}`. No secrets. */
  readonly values?: Readonly<Record<string, string | number>>;
  /** Configuration path of the rule, such as `routes[0].policies[1]`. */
  readonly rule?: string;
}
