/**
 * One exchange over a pool, sent again only where that is safe: an app may close a kept connection
 * at the very moment we use it.
 */
import { Client, type Dispatcher, errors, type Pool } from 'undici';
import { errorCode } from '../../core/values/error-code.ts';
import { connectorTo } from './dial.ts';
import type { Listener, UpstreamRequest } from './exchange.ts';
import type { Shares, Slot } from './shares.ts';
import type { Target } from './target.ts';

/** The connections to one app. */
export interface Pooled {
  readonly pool: Pool;
  readonly shares: Shares;
  /** Connections made for one request. */
  readonly fresh: Set<Client>;
  readonly target: Target;
}

/** A request on its way to a pool. */
export interface Dispatch {
  readonly pooled: Pooled;
  readonly request: UpstreamRequest;
  readonly slot: Slot;
  readonly listener: Listener;
}

/** An idle connection is dropped before most servers drop theirs (node: 5 s). */
const IDLE_TIME = 4_000;
const MAX_HEAD_BYTES = 64 * 1024;

/** Methods that may be sent again (RFC 9110 §9.2.2). */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Kept connections that one request may find dead. After an app's restart many are; the next try
 * then has a connection of its own, which no restart before it can have closed.
 */
const MOST_KEPT = 2;

/** How connections to an app are made and kept. */
export function poolOptions(target: Target) {
  return {
    pipelining: 1,
    allowH2: false,
    connect: connectorTo(target),
    keepAliveTimeout: IDLE_TIME,
    maxHeaderSize: MAX_HEAD_BYTES,
    // The relay's own clock covers waiting, connecting and the head; bodies may pause (SSE).
    headersTimeout: 0,
    bodyTimeout: 0,
    strictContentLength: true,
  };
}

/** Sends until a response begins, or no further try is allowed. */
export function exchange({ pooled, request, slot, listener }: Dispatch): void {
  const { shares, pool } = pooled;
  let tries = 0;
  let hasBegun = false;
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: (controller) => listener.started(controller),
    onResponseStart(controller, status, _headers, reason) {
      hasBegun = true;
      if (status >= 200) shares.begin(slot);
      listener.head(status, reason ?? '', controller.rawHeaders);
    },
    onResponseData: (_controller, chunk) => listener.data(chunk),
    onResponseEnd(controller) {
      shares.leave(slot);
      listener.end(controller.rawTrailers);
    },
    onResponseError(_controller, error) {
      if (!hasBegun && tries <= MOST_KEPT && mayRepeat(request, error)) return dispatch();
      shares.leave(slot);
      listener.fault(error);
    },
  };
  const dispatch = (): void => {
    tries += 1;
    if (tries <= MOST_KEPT) pool.dispatch(optionsOf(request), handler);
    else dispatchFresh(pooled, request, handler);
  };
  dispatch();
}

/** Over a connection of its own, which closes behind it. */
function dispatchFresh(
  { target, fresh }: Pooled,
  request: UpstreamRequest,
  handler: Dispatcher.DispatchHandler,
): void {
  const client = new Client(target.origin, poolOptions(target));
  fresh.add(client);
  client.dispatch({ ...optionsOf(request), reset: true }, handler);
  const forget = (): void => void fresh.delete(client);
  client.close().then(forget, forget);
}

function optionsOf({
  target: { tls },
  path,
  method,
  headers,
  body,
}: UpstreamRequest): Dispatcher.DispatchOptions & { servername?: string } {
  const options = { path, method, headers, body };
  // Otherwise undici drops a kept connection whenever the client sends another Host.
  return tls === null ? options : { ...options, servername: tls.name };
}

/** Only safe methods, only without a body, and only where a kept connection broke. */
function mayRepeat({ method, body }: UpstreamRequest, error: Error): boolean {
  if (!SAFE.has(method) || body !== null) return false;
  if (error instanceof errors.SocketError) return (error.socket?.bytesRead ?? 0) > 0;
  const code = errorCode(error);
  return code === 'ECONNRESET' || code === 'EPIPE';
}
