/** Replies as plain HTTP: for proxies that pass ours on whole, and for ourselves. */
import type { Reply, HttpReply } from './dialect.ts';

/**
 * The challenge of every 401 of ours (RFC 9110 §15.5.2 demands one). A scheme of our own, so that
 * no browser opens a password dialog; programs find where to sign in in the body.
 */
export const CHALLENGE = 'Doorward realm="sign-in"';

/** A reply as plain HTTP. Allow is exactly 200, since Envoy accepts no other 2xx. */
export function httpReply(reply: Reply): HttpReply {
  switch (reply.kind) {
    case 'allow':
      return { status: 200, headers: reply.headers, body: null };
    case 'redirect':
      return {
        status: reply.status,
        headers: ['Location', reply.to, ...cookieLines(reply.cookies)],
        body: null,
      };
    case 'unauthorized':
      return { status: 401, headers: cookieLines(reply.cookies), body: reply.body };
    case 'refuse':
      return { status: reply.status, headers: reply.headers, body: reply.body };
  }
}

const NONE: readonly string[] = [];

function cookieLines(cookies: readonly string[] = NONE): readonly string[] {
  return cookies.length === 0 ? NONE : cookies.flatMap((line) => ['Set-Cookie', line]);
}
