/**
 * The operators' listener: /healthz, /readyz, /metrics and nothing else. Never part of the public
 * listener; shows neither secrets nor users.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { asProblem } from '../core/values/problem.ts';

// Importing node:http by name also loads Node's fetch, which takes a tenth of the start.
const { createServer } = process.getBuiltinModule('node:http');

/** Whether requests can be served, and what prevents it. */
export interface Readiness {
  readonly ok: boolean;
  /** Stable codes: `store/unavailable`, `stopping`. */
  readonly problems: readonly string[];
}

export interface AdminOptions {
  /** Called for each /readyz. A rejection counts as not ready. */
  readonly ready: () => Promise<Readiness>;
  readonly metrics: { render(): Promise<string>; readonly contentType: string };
}

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/** The server, not yet listening. */
export function createAdminServer(options: AdminOptions): Server {
  const server = createServer(
    {
      maxHeaderSize: 8 * 1024,
      headersTimeout: 5_000,
      requestTimeout: 5_000,
      keepAliveTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
    },
    (req, res) => void respond(options, req, res),
  );
  server.maxConnections = 64;
  server.maxHeadersCount = 64;
  return server;
}

async function respond(
  options: AdminOptions,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const reply = await replyTo(options, req.method ?? '', req.url ?? '');
  send(req, res, reply);
}

async function replyTo(options: AdminOptions, method: string, url: string): Promise<Reply> {
  const path = url.split('?', 1)[0] ?? '';
  const known = path === '/healthz' || path === '/readyz' || path === '/metrics';
  if (!known)
    return {
      status: 404,
      type: TEXT,
      text: 'Not found. Available: /healthz, /readyz, /metrics.\n',
    };
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, type: TEXT, text: 'Use GET or HEAD.\n' };
  }
  if (path === '/healthz') return { status: 200, type: TEXT, text: 'ok\n' };
  return path === '/readyz' ? readiness(options) : metricsReply(options);
}

async function readiness(options: AdminOptions): Promise<Reply> {
  let ready: Readiness;
  try {
    ready = await options.ready();
  } catch (caught) {
    // Named fallback: readiness that cannot be determined counts as not ready.
    ready = { ok: false, problems: [asProblem(caught).code] };
  }
  const { ok, problems } = ready;
  const text = `${JSON.stringify({ ready: ok, problems })}\n`;
  return { status: ok ? 200 : 503, type: JSON_TYPE, text };
}

async function metricsReply({ metrics }: AdminOptions): Promise<Reply> {
  try {
    return { status: 200, type: metrics.contentType, text: await metrics.render() };
  } catch (caught) {
    // Named fallback: a failed scrape leaves a gap in a graph; the gateway itself keeps working.
    return { status: 500, type: TEXT, text: `${asProblem(caught).code}\n` };
  }
}

function send({ method, headers }: IncomingMessage, res: ServerResponse, reply: Reply): void {
  // Bodies are never read: after a request with a body the connection is closed.
  const hasBody =
    headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  res.writeHead(reply.status, [
    'Content-Type',
    reply.type,
    'Content-Length',
    String(Buffer.byteLength(reply.text)),
    'Cache-Control',
    'no-store',
    'X-Content-Type-Options',
    'nosniff',
    ...(reply.status === 405 ? ['Allow', 'GET, HEAD'] : []),
    ...(hasBody ? ['Connection', 'close'] : []),
  ]);
  res.end(method === 'HEAD' ? undefined : reply.text);
}
