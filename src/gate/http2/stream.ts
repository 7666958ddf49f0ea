/** One request over a session, and its response. Trailers cross in both directions. */
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import type { Readable } from 'node:stream';
import { nameAt, pairCount, valueAt } from '../../core/request/header-pairs.ts';
import { http2Request, http2Trailers, plainFields, type RequestHead } from './fields.ts';

/** One request. */
export interface StreamRequest extends RequestHead {
  readonly body: Readable | null;
  /** Trailers behind the body; null for none. */
  readonly trailers: {
    readonly announced: readonly string[];
    /** Flat; called when the body has ended. */
    readonly read: () => string[];
  } | null;
}

/** Receives what happens: `started`, `head` for every 1xx and the response, data, then `end` or `fault`. */
export interface StreamListener {
  /** The request is sent from now on, over a session that may have served others before. */
  started(steering: StreamSteering, how: { readonly isKept: boolean }): void;
  /** `raw`: flat, latin-1. */
  head(status: number, reason: string, raw: readonly string[]): void;
  data(chunk: Buffer): void;
  end(rawTrailers: readonly string[]): void;
  fault(error: Error): void;
}

/** Steers a request that has been sent. */
interface StreamSteering {
  abort(reason: Error): void;
  pause(): void;
  resume(): void;
}

/** What sending needs. */
export interface StreamOptions {
  readonly listener: StreamListener;
  readonly isKept: boolean;
  /** The session is rid of it. Called once. */
  readonly closed: () => void;
}

const REFUSED_STREAM = 7;
const END_STREAM = 1;

/** Sends it. The listener hears one end. */
export function sendStream(
  session: ClientHttp2Session,
  request: StreamRequest,
  { listener, isKept, closed }: StreamOptions,
): void {
  const { body } = request;
  let isOver = false;
  let stream: ClientHttp2Stream | null = null;
  // Not `stream.close`, which ends the body before it resets: half a body would pass for a whole one.
  const cut = new AbortController();
  const over = (): boolean => {
    const wasOver = isOver;
    isOver = true;
    return wasOver;
  };
  const fault = (error: Error): void => {
    if (over()) return;
    cut.abort();
    body?.destroy();
    listener.fault(error);
  };
  const steering: StreamSteering = {
    abort: fault,
    pause: () => void stream?.pause(),
    resume: () => void stream?.resume(),
  };
  listener.started(steering, { isKept });
  try {
    if (!isOver) stream = open(session, request, cut.signal);
  } catch (error) {
    // Named fallback: a request that node refuses to send is a fault of this request alone.
    fault(asError(error));
  }
  if (stream === null) return closed();
  stream.once('close', closed);
  hear(stream, request.method, {
    listener,
    isOver: () => isOver,
    fault,
    end(trailers) {
      if (over()) return;
      // What is left of the body, the app does not want.
      if (body?.readableEnded === false) cut.abort();
      body?.destroy();
      listener.end(trailers);
    },
  });
  if (body !== null) pump(body, stream, request, fault);
}

function open(
  session: ClientHttp2Session,
  request: StreamRequest,
  signal: AbortSignal,
): ClientHttp2Stream {
  const { body, trailers } = request;
  const announced = trailers?.announced ?? [];
  const head = http2Request(request);
  if (announced.length > 0) head.push('trailer', announced.join(', '));
  return session.request(head, {
    endStream: body === null,
    waitForTrailers: trailers !== null,
    signal,
  });
}

interface Hearing {
  readonly listener: StreamListener;
  readonly isOver: () => boolean;
  readonly end: (trailers: readonly string[]) => void;
  readonly fault: (error: Error) => void;
}

function hear(
  stream: ClientHttp2Stream,
  method: string,
  { listener, isOver, end, fault }: Hearing,
): void {
  let length: number | null = null;
  let received = 0;
  let hasBegun = false;
  let trailers: readonly string[] = [];
  stream.on('headers', ({ ':status': status = 0 }, _flags, raw) => {
    if (!isOver()) listener.head(status, '', plainFields(raw));
  });
  stream.once('response', ({ ':status': status = 0 }, flags, raw) => {
    if (isOver()) return;
    hasBegun = true;
    const fields = plainFields(raw);
    const stated = lengthIn(fields);
    const isEmpty = method === 'HEAD' || status === 204 || status === 304;
    length = isEmpty ? null : stated;
    // A response that ends with its head must end with it at the client, too: gRPC reads trailers from
    // a head that ends the stream.
    const isAll = (flags & END_STREAM) !== 0 && !isEmpty && stated === null;
    listener.head(status, '', isAll ? [...fields, 'content-length', '0'] : fields);
  });
  stream.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (!isOver()) listener.data(chunk);
  });
  stream.once('trailers', (_headers, _flags, raw) => {
    trailers = plainFields(raw);
  });
  stream.once('end', () => {
    // Node ends what a reset has cut off; `close` reports it. A reset without an error may follow a
    // whole response (RFC 9113 §8.1).
    if (!hasBegun || stream.rstCode !== 0) return;
    if (length !== null && received !== length) fault(cutOff());
    else end(trailers);
  });
  stream.on('error', (error) => fault(stream.rstCode === REFUSED_STREAM ? refused() : error));
  stream.once('close', () => fault(stream.rstCode === REFUSED_STREAM ? refused() : cutOff()));
}

function lengthIn(fields: readonly string[]): number | null {
  for (let i = 0; i < pairCount(fields); i += 1) {
    if (nameAt(fields, i) === 'content-length') return Number(valueAt(fields, i));
  }
  return null;
}

function pump(
  body: Readable,
  stream: ClientHttp2Stream,
  { trailers }: Pick<StreamRequest, 'trailers'>,
  fault: (error: Error) => void,
): void {
  body.on('error', fault);
  body.on('data', (chunk: Buffer) => {
    if (!stream.write(chunk)) body.pause();
  });
  stream.on('drain', () => body.resume());
  stream.once('close', () => body.destroy());
  body.once('end', () => stream.end());
  stream.once('wantTrailers', () => {
    try {
      stream.sendTrailers(http2Trailers(trailers?.read() ?? []));
    } catch (error) {
      // Named fallback: trailers that node refuses to send are a fault of this request alone.
      fault(asError(error));
    }
  });
}

/** The app took the request back (REFUSED_STREAM, or GOAWAY): it has processed nothing of it (RFC 9113 §8.7). */
function refused(): Error {
  const message = 'the app refused the stream without processing it';
  return Object.assign(new Error(message), { code: REFUSED });
}

const REFUSED = 'ERR_HTTP2_REFUSED_STREAM';

/** Whether an app says that it has processed nothing of a request. */
export function isUnprocessed(error: Error): boolean {
  return 'code' in error && error.code === REFUSED;
}

function asError(caught: unknown): Error {
  return caught instanceof Error ? caught : new Error(String(caught));
}

function cutOff(): Error {
  return Object.assign(new Error('the app cut the stream off'), { code: 'ERR_HTTP2_STREAM_ERROR' });
}
