/** What goes wrong between us and an app, as Problems with stable codes; causes are for the log. */
import { Problem } from '../../core/values/problem.ts';

/** No connection came about. */
export function upstreamDown(cause: unknown): Problem {
  return new Problem('upstream/down', 'The app cannot be reached.', { status: 502, cause });
}

/** It took the request and then broke off, or answered what is no HTTP. */
export function upstreamBroken(cause: unknown): Problem {
  const message = 'The app broke off, or its answer cannot be read.';
  return new Problem('upstream/broken', message, { status: 502, cause });
}

/** The time for connecting or the route's own is over. */
export function upstreamTimeout(cause?: unknown): Problem {
  return new Problem('upstream/timeout', 'The app did not answer in time.', { status: 504, cause });
}

/** Its cause when nothing went wrong but time. */
export function noAnswer(timeout: number): Error {
  const message = `the app’s answer did not begin within ${timeout / 1000} s`;
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}

/** Too many requests wait already. */
export function upstreamBusy(): Problem {
  const message = 'Too many requests wait for this app.';
  return new Problem('upstream/busy', message, { status: 503, retryAfter: 1 });
}

/** This visitor has too many answers or requests open already; others are served. */
export function upstreamShare(): Problem {
  const message = 'You have too many requests open with this app.';
  return new Problem('upstream/share', message, { status: 503, retryAfter: 5 });
}

/** A route whose app stands behind another proxy cannot be served from here. */
export function noUpstream(): Problem {
  return new Problem('upstream/none', 'This app is served through another proxy.', { status: 421 });
}
