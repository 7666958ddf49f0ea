/**
 * One stream: its request is written to the server as HTTP/1.1, over a connection in memory, and the
 * response is written back, both ways as a stream. Knows nothing of what the request means.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import { type Duplex, duplexPair } from 'node:stream';
import { pairsOf } from '../core/request/header-pairs.ts';
import { byName, requestHead, type RequestHead, responseHead } from './fields.ts';

/** What a stream begins with. */
export interface StreamHead {
  readonly flags: number;
  /** Flat, lower case, latin-1. */
  readonly raw: readonly string[];
}

const NO_ERROR = 0;
const END_STREAM = 1;

/** Heads of responses may be this large, in bytes: more than of any app (gate/upstream). */
const MAX_HEAD_BYTES = 96 * 1024;

/** Time in which a client must read something of a response that waits for it, in milliseconds. */
const STALL_TIME = 5 * 60_000;
/** After the response, time in which the rest of the request is discarded, in milliseconds. */
const LINGER_TIME = 1_000;

/** Serves it in every case. `connect` hands a connection to the server. */
export function serveStream(
  stream: ServerHttp2Stream,
  { flags, raw }: StreamHead,
  connect: (connection: Duplex) => void,
): void {
  stream.on('error', () => {
    // Named fallback: `close` follows.
  });
  const hasBody = (flags & END_STREAM) === 0;
  const head = requestHead(raw, { hasBody });
  if (head === null) return refuse(stream, 405);
  const request = begin(head, connect);
  if (request === null) return refuse(stream, 400);
  request.on('error', () => {
    // Named fallback: a connection that ends without a whole response is a broken stream.
    breakOff(stream);
  });
  stream.once('close', () => request.destroy());
  if (hasBody) sendBody(stream, request);
  else request.end();
  passResponse(stream, request, head);
}

/** Null for what node:http cannot write, such as a target with a space. */
function begin(
  { method, target, headers }: RequestHead,
  connect: (connection: Duplex) => void,
): ClientRequest | null {
  // node:http writes every method in upper case, which would be another one.
  if (method !== method.toUpperCase()) return null;
  const { request: requestHttp } = process.getBuiltinModule('node:http');
  const [near, far] = duplexPair();
  // By itself, the other side would only see an end.
  near.once('close', () => far.destroy());
  try {
    const request = requestHttp({
      createConnection: () => near,
      method,
      path: target,
      headers,
      maxHeaderSize: MAX_HEAD_BYTES,
    });
    request.maxHeadersCount = 0;
    connect(far);
    request.flushHeaders();
    return request;
  } catch {
    // Named fallback: the client gets a 400.
    return null;
  }
}

function sendBody(stream: ServerHttp2Stream, request: ClientRequest): void {
  stream.on('data', (chunk: Buffer) => {
    if (!request.write(chunk)) stream.pause();
  });
  request.on('drain', () => stream.resume());
  stream.once('trailers', (_headers: unknown, _flags: unknown, raw: string[]) => {
    attempt(stream, () => request.addTrailers(pairsOf(raw)));
  });
  stream.once('end', () => {
    // Node ends what a reset has cut off, too: half a body must not pass for a whole one.
    if (stream.aborted || stream.rstCode !== NO_ERROR) request.destroy();
    else request.end();
  });
}

function passResponse(
  stream: ServerHttp2Stream,
  request: ClientRequest,
  { method }: Pick<RequestHead, 'method'>,
): void {
  const interim = (status: number, raw: readonly string[]): void => {
    const fields = { ...byName(raw), ':status': status };
    if (!isGone(stream)) attempt(stream, () => stream.additionalHeaders(fields));
  };
  request.once('continue', () => interim(100, []));
  request.on('information', ({ statusCode, rawHeaders }) => interim(statusCode, rawHeaders));
  request.once('response', (response) => {
    if (!isGone(stream)) attempt(stream, () => pass(stream, response, method));
  });
}

function pass(stream: ServerHttp2Stream, response: IncomingMessage, method: string): void {
  const { statusCode = 500, rawHeaders, headers } = response;
  // Where nothing follows, the head itself ends the stream: gRPC requires it.
  const isAll =
    method === 'HEAD' ||
    statusCode === 204 ||
    statusCode === 304 ||
    headers['content-length'] === '0';
  const waitForTrailers = !isAll && headers['content-length'] === undefined;
  const wait = boundTime(stream);
  stream.respond(responseHead(statusCode, rawHeaders), { endStream: isAll, waitForTrailers });
  response.on('error', () => breakOff(stream));
  response.on('data', (chunk: Buffer) => {
    if (stream.write(chunk)) return;
    response.pause();
    wait();
  });
  stream.on('drain', () => response.resume());
  stream.once('wantTrailers', () =>
    attempt(stream, () => stream.sendTrailers(byName(response.rawTrailers))),
  );
  response.once('end', () => {
    stream.end();
    wait();
  });
}

/**
 * A client that reads nothing may not hold a stream for ever, nor one that never ends its request.
 * Call the result when the response has to wait for the client.
 */
function boundTime(stream: ServerHttp2Stream): () => void {
  let stall: NodeJS.Timeout | undefined;
  let linger: NodeJS.Timeout | undefined;
  const moved = (): void => {
    clearTimeout(stall);
    stall = undefined;
  };
  stream.on('drain', moved);
  stream.once('finish', () => {
    moved();
    // A reset could overtake the response, so what still arrives is discarded for a while.
    stream.resume();
    linger = setTimeout(() => stream.close(NO_ERROR), LINGER_TIME);
  });
  stream.once('close', () => {
    moved();
    clearTimeout(linger);
  });
  return () => {
    if (!stream.writableFinished) stall ??= setTimeout(() => breakOff(stream), STALL_TIME);
  };
}

function attempt(stream: ServerHttp2Stream, write: () => void): void {
  try {
    write();
  } catch {
    // Named fallback: fields that node refuses to write make a broken stream.
    breakOff(stream);
  }
}

/** Not `stream.close`, which ends the response before it resets: half of it would pass for a whole one. */
function breakOff(stream: ServerHttp2Stream): void {
  stream.destroy(new Error('the response broke off'));
}

function refuse(stream: ServerHttp2Stream, status: number): void {
  boundTime(stream);
  stream.respond({ ':status': status }, { endStream: true });
}

function isGone(stream: ServerHttp2Stream): boolean {
  return stream.destroyed || stream.closed;
}
