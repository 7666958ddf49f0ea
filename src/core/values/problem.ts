/**
 * Faults nobody expected, as one class with a stable code. Refusals that are part
 * of normal life (a denied request, a wrong password) are values, never a Problem.
 */

/** The outside code and remedy of a fault; the cause is for the log alone. */
export class Problem extends Error {
  /** Stable, kebab-case within a slash: `store/unavailable`, `body/too-large`. */
  readonly code: string;
  /** HTTP status to answer with, 400 to 599. */
  readonly status: number;
  /** Seconds after which a repeat may work, or 0. */
  readonly retryAfter: number;

  constructor(
    code: string,
    message: string,
    options: { status?: number; cause?: unknown; retryAfter?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Problem';
    this.code = code;
    this.status = options.status ?? 500;
    this.retryAfter = options.retryAfter ?? 0;
  }
}

/** The Problem in anything caught; what is not one becomes `internal`, status 500. */
export function asProblem(caught: unknown): Problem {
  if (caught instanceof Problem) return caught;
  return new Problem('internal', 'Something went wrong on our side.', { cause: caught });
}

/** The state store does not answer: every door stays shut, 503 (CWE-636). */
export function storeUnavailable(cause: unknown): Problem {
  return new Problem('store/unavailable', 'The session store does not answer.', {
    status: 503,
    retryAfter: 5,
    cause,
  });
}

/** The state store has no room left: nothing new is stored, while endings still work. */
export function storeFull(cause: unknown): Problem {
  return new Problem('store/full', 'The session store is full.', {
    status: 503,
    retryAfter: 30,
    cause,
  });
}
