/**
 * Connections to the apps behind us: one bounded pool for each origin, no pipelining, no
 * redirects, no decoding. A socket goes back only after both sides finished (undici sees
 * to it); what an upstream sends unasked destroys its socket and reaches nobody.
 */
import { type Dispatcher, Pool } from 'undici';
import type { Upstream } from '../core/upstream.ts';
import { connectorTo } from './dial.ts';
import { type Target, targetOf } from './target.ts';
import { upstreamBusy } from './upstream-problem.ts';
import { sendWithTrailers } from './upstream-trailers.ts';

/** Trailers to come. */
export interface Trailers {
  /** Their names. */
  readonly announced: readonly string[];
  /** Flat; asked when the body has ended. */
  readonly read: () => string[];
}

/** One request for an upstream. */
export interface UpstreamRequest {
  readonly target: Target;
  readonly method: string;
  readonly path: string;
  /** Flat name, value, name, value …, latin-1. */
  readonly headers: readonly string[];
  readonly body: Dispatcher.DispatchOptions['body'];
  /** Null unless the client announced trailers behind its chunked body. */
  readonly trailers: Trailers | null;
}

/** Steers an exchange. */
export type Steering = Pick<Dispatcher.DispatchController, 'abort' | 'pause' | 'resume'>;

/** Hears an exchange. `head` is called for every 1xx and once for the answer; then data, then one of end and fault. */
export interface Listener {
  started(steering: Steering): void;
  head(status: number, reason: string, raw: unknown): void;
  data(chunk: Buffer): void;
  end(rawTrailers: unknown): void;
  fault(error: Error): void;
}

/** The upstreams. */
export interface Upstreams {
  /** A route's `upstream`, taken apart. */
  target(upstream: Upstream): Target;
  /** Sends; all that happens is told to the listener. */
  send(request: UpstreamRequest, listener: Listener): void;
  /** Cuts what is open. */
  close(): Promise<void>;
}

/** Bounds, all for one origin. */
export interface UpstreamLimits {
  /** Connections (default 128). */
  readonly connections?: number;
  /** Requests that may wait for one (default 1024); more are refused with `upstream/busy`. */
  readonly waiting?: number;
}

/** An idle connection is dropped before most servers drop theirs (node: 5 s). */
const IDLE_TIME = 4_000;
const MAX_HEAD_BYTES = 64 * 1024;

interface Entry {
  readonly pool: Pool;
  active: number;
}

/** Pools by origin, made when first needed. */
export function createUpstreams(limits: UpstreamLimits = {}): Upstreams {
  const connections = limits.connections ?? 128;
  const most = connections + (limits.waiting ?? 1024);
  const entries = new Map<string, Entry>();
  const targets = new WeakMap<Upstream, Target>();

  const entryOf = (target: Target): Entry => {
    let entry = entries.get(target.key);
    if (entry === undefined) {
      const pool = new Pool(target.origin, {
        connections,
        pipelining: 1,
        allowH2: false,
        connect: connectorTo(target),
        keepAliveTimeout: IDLE_TIME,
        maxHeaderSize: MAX_HEAD_BYTES,
        // The proxy's own clock covers waiting, connecting and the head; bodies may pause (SSE).
        headersTimeout: 0,
        bodyTimeout: 0,
        strictContentLength: true,
      });
      entry = { pool, active: 0 };
      entries.set(target.key, entry);
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
      if (entry.active >= most) {
        listener.fault(upstreamBusy());
        return;
      }
      entry.active += 1;
      const done = (): void => {
        entry.active -= 1;
      };
      if (request.trailers === null) {
        entry.pool.dispatch(optionsOf(request), handlerOf(listener, done));
      } else {
        sendWithTrailers(request, request.trailers, counting(listener, done));
      }
    },
    async close() {
      await Promise.all([...entries.values()].map(({ pool }) => pool.destroy()));
      entries.clear();
    },
  };
}

function optionsOf(request: UpstreamRequest): Dispatcher.DispatchOptions & { servername?: string } {
  const { tls } = request.target;
  const options = {
    path: request.path,
    method: request.method,
    headers: request.headers as string[],
    body: request.body ?? null,
  };
  // Else undici would drop a kept connection whenever the client's Host is another one.
  return tls === null ? options : { ...options, servername: tls.name };
}

function handlerOf(listener: Listener, done: () => void): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (controller) => listener.started(controller),
    onResponseStart: (controller, status, _headers, reason) =>
      listener.head(status, reason ?? '', controller.rawHeaders),
    onResponseData: (_controller, chunk) => listener.data(chunk),
    onResponseEnd(controller) {
      done();
      listener.end(controller.rawTrailers);
    },
    onResponseError(_controller, error) {
      done();
      listener.fault(error);
    },
  };
}

function counting(listener: Listener, done: () => void): Listener {
  return {
    ...listener,
    end(trailers) {
      done();
      listener.end(trailers);
    },
    fault(error) {
      done();
      listener.fault(error);
    },
  };
}
