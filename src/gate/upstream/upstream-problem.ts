/** What can go wrong between gateway and app, as Problems with stable codes; causes are for the log. */
import { Problem } from '../../core/values/problem.ts';

/** The connection could not be made. */
export function upstreamDown(cause: unknown): Problem {
  return new Problem('upstream/down', 'The app cannot be reached.', { status: 502, cause });
}

/** The app took the request and then broke off, or its response is not valid HTTP. */
export function upstreamBroken(cause: unknown): Problem {
  const message = 'The app broke off, or its answer cannot be read.';
  return new Problem('upstream/broken', message, { status: 502, cause });
}

/** The time to connect, or the route's own, has passed. */
export function upstreamTimeout(cause?: unknown): Problem {
  return new Problem('upstream/timeout', 'The app did not answer in time.', { status: 504, cause });
}

/** The cause of a timeout of the route, as the log shows it. */
export function noAnswer(timeout: number): Error {
  const message = `the app’s answer did not begin within ${timeout / 1000} s`;
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}

/** Too many requests wait for the app. */
export function upstreamBusy(): Problem {
  const message = 'Too many requests wait for this app.';
  return new Problem('upstream/busy', message, { status: 503, retryAfter: 1 });
}

/** This visitor has too many exchanges open with the app; others are still served. */
export function upstreamShare(): Problem {
  const message = 'You have too many requests open with this app.';
  return new Problem('upstream/share', message, { status: 503, retryAfter: 5 });
}

/** A websocket for an app that speaks HTTP/2 in cleartext: its handshake is one of HTTP/1.1. */
export function noWebsockets(): Problem {
  const message = 'This app has no websockets.';
  return new Problem('upstream/no-websockets', message, { status: 501 });
}

/** The route has no upstream: its app is behind another proxy. */
export function noUpstream(): Problem {
  return new Problem('upstream/none', 'This app is served through another proxy.', { status: 421 });
}
