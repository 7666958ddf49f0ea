/** The answer as a client hears it: for proxies that pass ours on whole, and for ourselves. */
import type { Reply, HttpReply } from './dialect.ts';

/**
 * The challenge of every 401 of ours (RFC 9110 §15.5.2 demands one). A scheme of our own, so that
 * no browser opens a password dialog; programs find where to sign in in the body.
 */
export const CHALLENGE = 'Doorward realm="sign-in"';

/** An answer as plain HTTP. Allow is exactly 200, since Envoy takes no other 2xx. */
export function httpReply(answer: Reply): HttpReply {
  switch (answer.kind) {
    case 'allow':
      return { status: 200, headers: answer.headers, body: null };
    case 'redirect':
      return {
        status: answer.status,
        headers: ['Location', answer.to, ...cookieLines(answer.cookies)],
        body: null,
      };
    case 'unauthorized':
      return { status: 401, headers: cookieLines(answer.cookies), body: answer.body };
    case 'refuse':
      return { status: answer.status, headers: answer.headers, body: answer.body };
  }
}

const NONE: readonly string[] = [];

function cookieLines(cookies: readonly string[] = NONE): readonly string[] {
  return cookies.length === 0 ? NONE : cookies.flatMap((line) => ['Set-Cookie', line]);
}
