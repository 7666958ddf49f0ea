/**
 * A client's request body on its way to an app, with backpressure, and the bound on unwanted bodies.
 * Ending the upload never ends the client's socket: the response may still be on its way.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/** A body in transit. */
export interface Upload {
  readonly stream: Readable;
  /** Chunks so far, so that a clock can tell a slow upload from a silent app. */
  readonly moved: () => number;
  /** Whether the client is the slow side: nothing is left to pass on, and more is to come. */
  readonly isStarved: () => boolean;
  /**
   * Milliseconds until the client counts as too slow; time in which the app was the slow side does
   * not count. Infinity once the body is complete.
   */
  readonly patience: () => number;
}

/** Time granted to every body, in milliseconds, and the bytes that buy a second more. */
const BODY_TIME = 20_000;
const BODY_RATE = 500;

/** Whether a request carries a body, by its framing (RFC 9112 §6.3); an empty one counts as none. */
export function hasBody(request: IncomingMessage): boolean {
  const { headers } = request;
  if (headers['transfer-encoding'] !== undefined) return true;
  const length = headers['content-length'];
  return length !== undefined && length !== '0';
}

/**
 * The body as a stream that may be paused and destroyed. Without `isPaced`, a client may send it as
 * slowly as it wants.
 */
export function uploadOf(
  request: IncomingMessage,
  { isPaced }: { readonly isPaced: boolean },
): Upload {
  let moved = 0;
  let bytes = 0;
  let waited = 0;
  let waitingSince: number | null = null;
  const listen = (): void => {
    waitingSince ??= performance.now();
    request.resume();
  };
  const rest = (): void => {
    if (waitingSince !== null) waited += performance.now() - waitingSince;
    waitingSince = null;
    request.pause();
  };
  const onData = (chunk: Buffer): void => {
    moved += 1;
    bytes += chunk.length;
    if (!stream.push(chunk)) rest();
  };
  const onEnd = (): void => {
    stream.push(null);
  };
  const onClose = (): void => {
    if (!request.complete) stream.destroy(new Error('the client left while sending'));
  };
  const stream = new Readable({
    // Counted in chunks: in this mode undici cannot turn a chunked body into one with a length,
    // so the framing the client chose is the framing the upstream sees.
    objectMode: true,
    highWaterMark: 2,
    read: listen,
    destroy(error, done) {
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      rest();
      done(error);
    },
  });
  request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
  request.pause();
  return {
    stream,
    moved: () => moved,
    isStarved: () => stream.readableLength === 0 && !request.complete,
    patience() {
      if (request.complete || !isPaced) return Number.POSITIVE_INFINITY;
      const now = waitingSince === null ? 0 : performance.now() - waitingSince;
      return BODY_TIME + (bytes / BODY_RATE) * 1000 - waited - now;
    },
  };
}

/** Bytes and milliseconds granted to the rest of an unwanted body. */
const LEFTOVER_BYTES = 256 * 1024;
const LEFTOVER_TIME = 5_000;

/**
 * Once the reply is written, reads a little more, so that a client that is still sending gets the reply
 * instead of a reset; then cuts the socket. Call before the reply is written.
 */
export function boundLeftover(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return;
  // A body that was never read is discarded by node itself, which counts no bytes.
  request.read(0);
  response.once('finish', () => {
    if (request.complete || request.socket.destroyed) return;
    let left = LEFTOVER_BYTES;
    const cut = (): void => {
      request.socket.destroy();
    };
    const timer = setTimeout(cut, LEFTOVER_TIME);
    timer.unref();
    request.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) cut();
    });
    request.once('end', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
    request.resume();
  });
}
