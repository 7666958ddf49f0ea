/**
 * Unexpected faults, as one class with a stable code. Expected outcomes, such as a denied request
 * or a wrong password, are values and never a Problem.
 */

/** A fault with a public code and remedy. The cause is for the log only. */
export class Problem extends Error {
  /** Stable, two kebab-case parts with a slash: `store/unavailable`, `body/too-large`. */
  readonly code: string;
  /** HTTP status of the reply, 400 to 599. */
  readonly status: number;
  /** Seconds until a retry may succeed, or 0. */
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

/** Returns a caught Problem as it is. Anything else becomes `internal`, status 500. */
export function asProblem(caught: unknown): Problem {
  if (caught instanceof Problem) return caught;
  return new Problem('internal', 'Something went wrong on our side.', { cause: caught });
}

/** The state store does not respond. Nothing is let through; the status is 503 (CWE-636). */
export function storeUnavailable(cause: unknown): Problem {
  return new Problem('store/unavailable', 'The session store does not answer.', {
    status: 503,
    retryAfter: 5,
    cause,
  });
}

/** The state store is full. Nothing new is stored, but sessions can still be ended. */
export function storeFull(cause: unknown): Problem {
  return new Problem('store/full', 'The session store is full.', {
    status: 503,
    retryAfter: 30,
    cause,
  });
}

/** Whether a store or its disk is full. */
export function isFull(problem: unknown): boolean {
  return problem instanceof Problem && problem.code.endsWith('/full');
}
