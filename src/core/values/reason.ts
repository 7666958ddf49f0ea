/** Why something was decided: a stable code and, for operators, the rule that said so. */

/** One reason. */
export interface Reason {
  /** Stable, e.g. `group/not-member`, `session/none`, `host/unknown`. */
  readonly code: string;
  /** The operands, for `explain` and the log: `needs any of staff; has guests`. No secrets. */
  readonly detail?: string;
  /** What its words for people name: `{least}`. No secrets. */
  readonly values?: Readonly<Record<string, string | number>>;
  /** Where the rule stands in the configuration, e.g. `routes[0].policies[1]`. */
  readonly rule?: string;
}
