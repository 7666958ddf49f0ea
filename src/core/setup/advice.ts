/** A hint about a valid configuration. */
export interface Advice {
  /** The option concerned, such as `public_url`. */
  readonly path: string;
  /**
   * `warning`: it will not work as configured. `note`: it works, with a consequence worth knowing.
   */
  readonly level: 'warning' | 'note';
  /** What was found, and what to do. */
  readonly message: string;
}
