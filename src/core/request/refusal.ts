/** Requests that cannot be read, as values: refused at once, never forwarded, never redirected. */

/** Why a request cannot be read. */
export interface Refusal {
  readonly refused: true;
  readonly status: 400 | 403 | 404 | 405 | 414 | 421;
  /** Stable, e.g. `path/encoded-slash`. */
  readonly code: string;
  /** What to do about it, for readers of the reply and of the log. */
  readonly detail: string;
}

/** A refusal, as a value. */
export function refuse(status: Refusal['status'], code: string, detail: string): Refusal {
  return { refused: true, status, code, detail };
}

/** Tells a refusal from what was read. */
export function isRefusal(value: object): value is Refusal {
  return 'refused' in value && value.refused === true;
}
