/** Requests that cannot be read, as values: answered as they stand, never forwarded, never redirected. */

/** Why a request cannot be read; answered as it stands, never forwarded. */
export interface Refusal {
  readonly refused: true;
  readonly status: 400 | 403 | 404 | 405 | 414 | 421;
  /** Stable, e.g. `path/encoded-slash`. */
  readonly code: string;
  /** What to do about it, for whoever reads the answer or the log. */
  readonly detail: string;
}

/** A refusal, as a value. */
export function refuse(status: Refusal['status'], code: string, detail: string): Refusal {
  return { refused: true, status, code, detail };
}

/** Narrows what reading gave. */
export function isRefusal(value: object): value is Refusal {
  return 'refused' in value && value.refused === true;
}
