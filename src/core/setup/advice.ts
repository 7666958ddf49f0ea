/** Something to know about a configuration that has no fault. */
export interface Advice {
  /** The option it is about: `public_url`. */
  readonly path: string;
  /** `warning`: it will not work as it stands. `note`: it works, with a consequence worth knowing. */
  readonly level: 'warning' | 'note';
  /** What is so, and what to do. */
  readonly message: string;
}
