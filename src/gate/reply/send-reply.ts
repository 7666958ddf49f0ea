/** Writes a reply to a node:http response: one writeHead with a flat list, one end. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpReply } from '../../core/request/dialect.ts';
import { CHALLENGE } from '../../core/request/reply.ts';

/** On every reply: never cached, varies by cookie, never sniffed. Of two referrer policies, the last counts. */
const ALWAYS: readonly string[] = [
  'Cache-Control',
  'no-store',
  'Vary',
  'Cookie',
  'X-Content-Type-Options',
  'nosniff',
  'Referrer-Policy',
  'no-referrer',
  'X-Request-Id',
];

/** The fields of a reply, flat, without those of the message framing. */
export function replyFields({ status, headers, body }: HttpReply, requestId: string): string[] {
  const flat = [...ALWAYS, requestId, ...headers];
  // Where a route accepts other credentials, the reply has challenges of its own.
  if (status === 401 && !headers.includes('WWW-Authenticate')) {
    flat.push('WWW-Authenticate', CHALLENGE);
  }
  if (body !== null) flat.push('Content-Type', body.type);
  return flat;
}

/** Sends it; a HEAD request gets the head alone. The request's body is left to node, which discards it. */
export function sendReply(
  req: IncomingMessage,
  res: ServerResponse,
  reply: HttpReply,
  requestId: string,
): void {
  const { body } = reply;
  const flat = replyFields(reply, requestId);
  if (body === null) {
    // RFC 9110 §8.6: a 204 has no length.
    if (reply.status !== 204) flat.push('Content-Length', '0');
    res.writeHead(reply.status, flat);
    res.end();
    return;
  }
  const bytes = Buffer.from(body.text);
  flat.push('Content-Length', String(bytes.length));
  res.writeHead(reply.status, flat);
  res.end(req.method === 'HEAD' ? undefined : bytes);
}
