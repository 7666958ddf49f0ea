/**
 * Writes an app's response to the client, with backpressure. A small response leaves in one piece: its
 * head waits for the rest of what the parser hands over at once.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pairsOf } from '../../core/request/header-pairs.ts';
import type { ResponseHead } from './response-headers.ts';
import { boundLeftover } from './upload.ts';

/** What a writer needs. */
export interface WriterOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Whether the exchange is over. */
  readonly isOver: () => boolean;
  /** The client reads too slowly: the app must pause, and may resume. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Node refuses to write the head. */
  readonly broken: (cause: unknown) => void;
}

/** Writes one response. */
export interface ResponseWriter {
  isHeadSent(): boolean;
  /** Status of the head, or 0 before there is one. */
  status(): number;
  /** Takes the head; it leaves with the first data, or in the next tick. */
  head(head: ResponseHead): void;
  data(chunk: Buffer): void;
  /** Ends the response. `over` is called before the last write. Without a head it does nothing. */
  end(trailers: readonly string[], over: (status: number) => void): void;
}

/** Bytes that may wait for the client before the app must wait, too. */
const MOST_HELD = 128 * 1024;

/** Time in which a client must read something of a response that waits for it, in milliseconds. */
const STALL_TIME = 5 * 60_000;

/** Nothing has been written yet. */
export function createResponseWriter(options: WriterOptions): ResponseWriter {
  const { request, response, isOver, broken } = options;
  const write = pacedWrite(options);
  let head: ResponseHead | null = null;
  let isHeadSent = false;
  let first: Buffer | null = null;

  /** False: it could not be written, and the exchange is over. */
  const writeHead = ({ status, reason, headers }: ResponseHead): boolean => {
    try {
      response.writeHead(status, reason, headers);
      isHeadSent = true;
    } catch (cause) {
      // Named fallback: a head that node refuses to write is a broken response.
      broken(cause);
    }
    return isHeadSent;
  };
  const flush = (): void => {
    if (isHeadSent || isOver() || head === null || !writeHead(head)) return;
    if (first === null) response.flushHeaders();
    else write(first);
    first = null;
  };

  return {
    isHeadSent: () => isHeadSent,
    status: () => head?.status ?? 0,
    head(given) {
      head = given;
      process.nextTick(flush);
    },
    data(chunk) {
      if (!isHeadSent && first === null) {
        first = chunk;
        return;
      }
      flush();
      if (isHeadSent) write(chunk);
    },
    end(trailers, over) {
      if (head === null) return;
      boundLeftover(request, response);
      if (!isHeadSent && !writeHead(head)) return;
      if (trailers.length > 0 && head.length === null) response.addTrailers(pairsOf(trailers));
      over(head.status);
      if (first === null) response.end();
      else response.end(first);
      if (response.writableLength > 0) boundWait(response, () => undefined);
    },
  };
}

/** Writes data; pauses the app while too much of it waits for the client. */
function pacedWrite({ response, isOver, pause, resume }: WriterOptions): (chunk: Buffer) => void {
  let isBlocked = false;
  return (chunk) => {
    if (response.write(chunk) || isBlocked || response.writableLength < MOST_HELD) return;
    isBlocked = true;
    pause();
    boundWait(response, () => {
      isBlocked = false;
      if (!isOver()) resume();
    });
  };
}

/** Until the client has read what waits for it. A client that reads nothing may not hold a connection for ever. */
function boundWait(response: ServerResponse, over: () => void): void {
  const stall = setTimeout(() => response.destroy(), STALL_TIME);
  const end = (): void => {
    clearTimeout(stall);
    response.off('drain', end).off('finish', end).off('close', end);
    over();
  };
  response.on('drain', end).on('finish', end).on('close', end);
}
