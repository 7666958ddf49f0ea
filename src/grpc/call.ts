/**
 * One gRPC call with one message each way (gRPC over HTTP2: "Requests" and "Responses"), bounded in
 * size and time. A call that is not answered ends with a status, never with an empty message.
 */
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { CallOutlet } from './authorization.ts';

/** The one method that is served. */
const CHECK = '/envoy.service.auth.v3.Authorization/Check';

/** A compression flag and the length of the message. */
const PREFIX = 5;
/** Largest CheckRequest: the headers of a request, and as much again around them. */
const MAX_MESSAGE = 64 * 1024;
/** From the head of a call to its answer, in milliseconds. */
const CALL_TIME = 10_000;
/** For a peer that is still sending to read the head of a refusal, in milliseconds. */
const LINGER_TIME = 1_000;

/** Status codes of gRPC. */
const CODES = {
  malformed: 3,
  late: 4,
  large: 8,
  unknown: 12,
  internal: 13,
} as const;

type Fault = keyof typeof CODES;

/** Answers the message of a call. */
export type Answer = (message: Buffer, outlet: CallOutlet) => void;

/** Serves one call in every case. */
export function serveCall(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  answer: Answer,
): void {
  stream.on('error', () => stream.destroy());
  const fail = (fault: Fault): void => refuseCall(stream, fault);
  const timer = setTimeout(() => {
    if (stream.headersSent) stream.close();
    else fail('late');
  }, CALL_TIME);
  stream.once('close', () => clearTimeout(timer));
  if (!isGrpc(headers)) return refusePlain(stream);
  if (headers[':path'] !== CHECK) return fail('unknown');
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= PREFIX + MAX_MESSAGE) chunks.push(chunk);
    else fail('large');
  });
  stream.once('end', () => {
    if (stream.headersSent) return;
    const message = unframed(Buffer.concat(chunks));
    if (message === null) return fail('malformed');
    answer(message, { answer: (bytes) => answerCall(stream, bytes), fail });
  });
}

function isGrpc(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type'] ?? '';
  return headers[':method'] === 'POST' && /^application\/grpc(?:\+proto)?(?:;|$)/.test(type);
}

/** The only message of a call, uncompressed; null if there is none, another one, or a part. */
function unframed(bytes: Buffer): Buffer | null {
  if (bytes.length < PREFIX || bytes[0] !== 0) return null;
  return bytes.readUInt32BE(1) === bytes.length - PREFIX ? bytes.subarray(PREFIX) : null;
}

function answerCall(stream: ServerHttp2Stream, message: Buffer): void {
  if (isOver(stream)) return;
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32BE(message.length, 1);
  stream.respond(HEAD, { waitForTrailers: true });
  stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.concat([prefix, message]));
}

const HEAD = { ':status': 200, 'content-type': 'application/grpc' };

function refuseCall(stream: ServerHttp2Stream, fault: Fault): void {
  if (isOver(stream)) return;
  end(stream, { ...HEAD, 'grpc-status': String(CODES[fault]) });
}

/** A browser, or a proxy that checks over HTTP at the wrong address. */
function refusePlain(stream: ServerHttp2Stream): void {
  end(stream, { ':status': 415 });
}

/** Ends with a head alone. A reset could overtake it, so what still arrives is discarded instead. */
function end(stream: ServerHttp2Stream, head: OutgoingHttpHeaders): void {
  stream.removeAllListeners('data');
  stream.respond(head, { endStream: true });
  stream.resume();
  const timer = setTimeout(() => stream.close(), LINGER_TIME);
  stream.once('close', () => clearTimeout(timer));
}

function isOver(stream: ServerHttp2Stream): boolean {
  return stream.headersSent || stream.destroyed || stream.closed;
}
