/**
 * Connections to the apps behind us: one bounded pool for each origin, no pipelining, no
 * redirects, no decoding. A socket goes back only after both sides finished (undici sees
 * to it); what an upstream sends unasked destroys its socket and reaches nobody.
 */
import { isIP } from 'node:net';
import { type Dispatcher, Pool } from 'undici';
import { upstreamBusy } from './upstream-problem.ts';
import { sendWithTrailers } from './upstream-trailers.ts';

/** Where a route leads. */
export interface Target {
  /** `http://wiki:8080` */
  readonly origin: string;
  readonly url: URL;
  /** Path below the origin, without a trailing slash; `''` for none. */
  readonly basePath: string;
  /** Name to ask for and to find in the certificate; null without TLS and for addresses. */
  readonly servername: string | null;
}

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
  /** Reads a route's `upstream`. */
  target(upstream: string): Target;
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

/** Time for a connection to come about, in milliseconds. */
const CONNECT_TIME = 10_000;
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
  const targets = new Map<string, Target>();

  const entryOf = (target: Target): Entry => {
    let entry = entries.get(target.origin);
    if (entry === undefined) {
      const pool = new Pool(target.origin, {
        connections,
        pipelining: 1,
        allowH2: false,
        connectTimeout: CONNECT_TIME,
        keepAliveTimeout: IDLE_TIME,
        maxHeaderSize: MAX_HEAD_BYTES,
        // The proxy's own clock covers waiting, connecting and the head; bodies may pause (SSE).
        headersTimeout: 0,
        bodyTimeout: 0,
        strictContentLength: true,
      });
      entry = { pool, active: 0 };
      entries.set(target.origin, entry);
    }
    return entry;
  };

  return {
    target(upstream) {
      let target = targets.get(upstream);
      if (target === undefined) {
        const url = new URL(upstream);
        const basePath = url.pathname.replace(/\/+$/, '');
        const isNamed = url.protocol === 'https:' && isIP(url.hostname) === 0;
        const servername = isNamed ? url.hostname : null;
        target = { origin: url.origin, url, basePath, servername };
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
  const { servername } = request.target;
  const options = {
    path: request.path,
    method: request.method,
    headers: request.headers as string[],
    body: request.body ?? null,
  };
  // Else undici would take the client's Host for the name in the certificate.
  return servername === null ? options : { ...options, servername };
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
