/**
 * Replies as plain HTTP, for proxies that pass our reply to the client and for our own listener.
 */
import type { HttpReply, Reply } from './dialect.ts';

/**
 * The challenge of every 401 (required by RFC 9110 §15.5.2). The scheme is our own, so that
 * browsers open no password dialog. Programs find the sign-in URL in the body.
 */
export const CHALLENGE = 'Doorward realm="sign-in"';

const NONE: readonly string[] = [];
const SAME_ORIGIN = ['Referrer-Policy', 'same-origin'];

/**
 * An allow without an empty Authorization field, for proxies that remove the client's field if the
 * allow has none.
 */
export function withoutEmptyAuthorization(reply: Reply): Reply {
  if (reply.kind !== 'allow') return reply;
  const { headers } = reply;
  const at = headers.findIndex((text, i) => i % 2 === 0 && text === 'Authorization');
  return at < 0 || headers[at + 1] !== '' ? reply : { ...reply, headers: headers.toSpliced(at, 2) };
}

/**
 * Renders a reply as plain HTTP. An allow has exactly status 200, because Envoy accepts no other
 * 2xx.
 */
export function httpReply(reply: Reply): HttpReply {
  switch (reply.kind) {
    case 'allow':
      return { status: 200, headers: reply.headers, body: null };
    case 'redirect':
      return {
        status: reply.status,
        headers: ['Location', reply.to, ...repeating(reply.status), ...cookieLines(reply.cookies)],
        body: null,
      };
    case 'unauthorized':
      return {
        status: 401,
        headers: [...(reply.headers ?? NONE), ...cookieLines(reply.cookies)],
        body: reply.body,
      };
    case 'preflight':
      return { status: 204, headers: reply.headers, body: null };
    case 'refuse':
      return { status: reply.status, headers: reply.headers, body: reply.body };
  }
}

/** A request that is repeated under no-referrer would have `Origin: null`, which apps refuse. */
function repeating(status: number): readonly string[] {
  return status === 307 ? SAME_ORIGIN : NONE;
}

function cookieLines(cookies: readonly string[] = NONE): readonly string[] {
  return cookies.length === 0 ? NONE : cookies.flatMap((line) => ['Set-Cookie', line]);
}
