/**
 * Connections to the apps behind us: one pool for each app, no pipelining, no redirects, no decoding.
 * A socket goes back only after both sides finished (undici sees to it); what an upstream sends
 * unasked destroys its socket and reaches no client. How much each visitor may use: shares.ts.
 */
import { Client, type Dispatcher, Pool } from 'undici';
import type { Upstream } from '../../core/access/upstream.ts';
import { connectorTo } from './dial.ts';
import type { Listener, Sending, UpstreamRequest } from './exchange.ts';
import { createShares, type NoPlace, type Place, type Shares } from './shares.ts';
import { type Target, targetOf } from './target.ts';
import { upstreamBusy, upstreamShare } from './upstream-problem.ts';
import { sendWithTrailers } from './upstream-trailers.ts';

/** The upstreams. */
export interface Upstreams {
  /** A route's `upstream`, taken apart. */
  target(upstream: Upstream): Target;
  /** Sends; the listener hears all that happens. */
  send(request: UpstreamRequest, listener: Listener): Sending;
  /** Cuts what is open. */
  close(): Promise<void>;
}

/** Bounds in place of the configured ones, for each app. */
export interface UpstreamLimits {
  readonly connections?: number;
  /** Requests that may wait for their turn; at least 1024 unless given. */
  readonly waiting?: number;
}

/** An idle connection is dropped before most servers drop theirs (node: 5 s). */
const IDLE_TIME = 4_000;
const MAX_HEAD_BYTES = 64 * 1024;

/** Methods that may be sent again when a kept connection turned out to be dead (RFC 9110 §9.2.2). */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Kept connections that one request may find dead. After an app's restart many are; the next try
 * then has a connection of its own, which no restart before it can have closed.
 */
const MOST_KEPT = 2;

/** Requests to one app that may wait for their turn, where connections are few. */
const LEAST_WAITING = 1024;

interface Entry {
  readonly pool: Pool;
  readonly shares: Shares;
  /** Connections made for one request. */
  readonly fresh: Set<Client>;
  readonly target: Target;
}

/** Pools by app, made when first needed. */
export function createUpstreams(limits: UpstreamLimits = {}): Upstreams {
  const entries = new Map<string, Entry>();
  const targets = new WeakMap<Upstream, Target>();

  const entryOf = (target: Target): Entry => {
    const connections = limits.connections ?? target.connections;
    const key = `${connections} ${target.key}`;
    let entry = entries.get(key);
    if (entry === undefined) {
      const shares = createShares({
        connections,
        waiting: limits.waiting ?? Math.max(LEAST_WAITING, connections),
      });
      const pool = new Pool(target.origin, { ...optionsTo(target), connections: null });
      entry = { pool, shares, fresh: new Set(), target };
      entries.set(key, entry);
    }
    return entry;
  };

  return {
    target(upstream) {
      let target = targets.get(upstream);
      if (target === undefined) {
        target = targetOf(upstream);
        targets.set(upstream, target);
      }
      return target;
    },
    send(request, listener) {
      const entry = entryOf(request.target);
      const { shares } = entry;
      const place = shares.enter(request.holder, request.body !== null, () => start());
      if (typeof place === 'string') {
        listener.fault(noPlace(place));
        return NOT_SENT;
      }
      const start = (): void => {
        request.body?.once('end', () => shares.uploaded(place));
        if (request.trailers === null) exchange(entry, request, place, listener);
        else sendWithTrailers(request, request.trailers, counting(listener, shares, place));
      };
      if (place.state === 'pending') start();
      return {
        isWaiting: () => place.state === 'waiting',
        cancel: () => {
          if (place.state === 'waiting') shares.leave(place);
        },
      };
    },
    async close() {
      const all = [...entries.values()].flatMap(({ pool, fresh }) => [pool, ...fresh]);
      entries.clear();
      await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
    },
  };
}

const NOT_SENT: Sending = { isWaiting: () => false, cancel: () => undefined };

function noPlace(why: NoPlace): Error {
  return why === 'share' ? upstreamShare() : upstreamBusy();
}

function optionsTo(target: Target) {
  return {
    pipelining: 1,
    allowH2: false,
    connect: connectorTo(target),
    keepAliveTimeout: IDLE_TIME,
    maxHeaderSize: MAX_HEAD_BYTES,
    // The proxy's own clock covers waiting, connecting and the head; bodies may pause (SSE).
    headersTimeout: 0,
    bodyTimeout: 0,
    strictContentLength: true,
  };
}

/** Sends until an answer begins, or no further try is allowed. */
function exchange(entry: Entry, request: UpstreamRequest, place: Place, listener: Listener): void {
  const { shares } = entry;
  let tries = 0;
  let hasBegun = false;
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart: (controller) => listener.started(controller),
    onResponseStart(controller, status, _headers, reason) {
      hasBegun = true;
      if (status >= 200) shares.begin(place);
      listener.head(status, reason ?? '', controller.rawHeaders);
    },
    onResponseData: (_controller, chunk) => listener.data(chunk),
    onResponseEnd(controller) {
      shares.leave(place);
      listener.end(controller.rawTrailers);
    },
    onResponseError(_controller, error) {
      if (!hasBegun && tries <= MOST_KEPT && mayRepeat(request, error)) return dispatch();
      shares.leave(place);
      listener.fault(error);
    },
  };
  const dispatch = (): void => {
    tries += 1;
    if (tries <= MOST_KEPT) entry.pool.dispatch(optionsOf(request), handler);
    else dispatchFresh(entry, request, handler);
  };
  dispatch();
}

/** Over a connection of its own, which closes behind it. */
function dispatchFresh(
  { target, fresh }: Entry,
  request: UpstreamRequest,
  handler: Dispatcher.DispatchHandler,
): void {
  const client = new Client(target.origin, optionsTo(target));
  fresh.add(client);
  client.dispatch({ ...optionsOf(request), reset: true }, handler);
  const forget = (): void => void fresh.delete(client);
  client.close().then(forget, forget);
}

function optionsOf(request: UpstreamRequest): Dispatcher.DispatchOptions & { servername?: string } {
  const { tls } = request.target;
  const options = {
    path: request.path,
    method: request.method,
    headers: request.headers as string[],
    body: request.body,
  };
  // Else undici would drop a kept connection whenever the client's Host is another one.
  return tls === null ? options : { ...options, servername: tls.name };
}

/**
 * A kept connection may be closed by the app in the very moment we use it. Sent again only
 * without a body, only for safe methods, and not when a fresh connection broke.
 */
function mayRepeat({ method, body }: UpstreamRequest, error: Error): boolean {
  if (!SAFE.has(method) || body !== null) return false;
  const { code, socket } = error as { code?: string; socket?: { bytesRead?: number } };
  if (code === 'UND_ERR_SOCKET') return (socket?.bytesRead ?? 0) > 0;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

function counting(listener: Listener, shares: Shares, place: Place): Listener {
  return {
    started: (steering) => listener.started(steering),
    head(status, reason, raw) {
      if (status >= 200) shares.begin(place);
      listener.head(status, reason, raw);
    },
    data: (chunk) => listener.data(chunk),
    end(trailers) {
      shares.leave(place);
      listener.end(trailers);
    },
    fault(error) {
      shares.leave(place);
      listener.fault(error);
    },
  };
}
