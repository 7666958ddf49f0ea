/** The result of a successful proof, for the checks that hold a stage to what it claims. */

/** A secret that `ctx.prove` accepted in the submit at hand. */
export interface Proven {
  readonly method: string;
  readonly userId: string;
  /** `sessions_valid_from` of the user, read before the secret was verified. */
  readonly validFrom: number;
  /** The user's address, if the secret was mailed; otherwise null. */
  readonly mailedTo: string | null;
}
