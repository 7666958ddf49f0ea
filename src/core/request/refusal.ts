/** Unreadable requests, as values. They are refused at once, and never forwarded or redirected. */

/** Why a request cannot be read. */
export interface Refusal {
  readonly refused: true;
  readonly status: 400 | 403 | 404 | 405 | 410 | 414 | 421;
  /** Stable, such as `path/encoded-slash`. */
  readonly code: string;
  /** What to do about it, for readers of the reply and the log. */
  readonly detail: string;
}

export function refuse(status: Refusal['status'], code: string, detail: string): Refusal {
  return { refused: true, status, code, detail };
}

/** Whether a value is a refusal rather than the result of reading. */
export function isRefusal(value: object): value is Refusal {
  return 'refused' in value && value.refused === true;
}
