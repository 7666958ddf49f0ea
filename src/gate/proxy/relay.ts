/**
 * One allowed request carried to its app and the answer carried back, both ways as a
 * stream. Whoever leaves ends the other side; an answer that breaks off is broken for the
 * client too. Never decides, never follows, never decodes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IdentityHeaders } from '../../core/access/identity.ts';
import { asProblem, Problem } from '../../core/values/problem.ts';
import { responseTrailersOf } from './hop-by-hop.ts';
import {
  type ResponseHead,
  responseHead,
  latin1Fields,
  type Scrubbing,
} from './response-headers.ts';
import { boundLeftover, type Upload } from './upload.ts';
import type { Listener, Sending, Steering, UpstreamRequest } from '../upstream/exchange.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import { causeOf, neverReached, type UpstreamCause } from '../upstream/upstream-cause.ts';
import {
  noAnswer,
  upstreamBroken,
  upstreamBusy,
  upstreamDown,
  upstreamTimeout,
} from '../upstream/upstream-problem.ts';

/** What is carried. */
export interface Carried {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly outgoing: UpstreamRequest;
  readonly upload: Upload | null;
  /** Time for the answer to begin once the request has been sent, in milliseconds. */
  readonly timeout: number;
  readonly identity: IdentityHeaders;
  /** What is taken out of the answer. */
  readonly scrubbing: Scrubbing;
  /** Answers in the app's place; nothing has been written yet. */
  readonly fail: (problem: Problem) => void;
  /** Called once: the status the client got (0 for none), the fault or `''`, and its cause if there is one. */
  readonly ended: (status: number, fault: string, cause: UpstreamCause | null) => void;
}

/** Time in which a client must read something of an answer that waits for it, in milliseconds. */
const STALL_TIME = 5 * 60_000;

/** Bytes of an answer that may wait for the client before the app must wait, too. */
const MOST_HELD = 128 * 1024;

/** Interim answers that are passed on; an app could send them without end. */
const MOST_INTERIM = 16;

/** Time in which a request with a body must get its turn, in milliseconds. */
const TURN_TIME = 20_000;

/** Shortest pause between two looks at a slow body, in milliseconds. */
const MIN_WATCH = 250;

/** Carries it. */
export function relay(upstreams: Upstreams, carried: Carried): void {
  const { request, response, outgoing, upload, timeout } = carried;
  let steering: Steering | null = null;
  let sending: Sending | null = null;
  let head: ResponseHead | null = null;
  let isHeadSent = false;
  let isOver = false;
  let first: Buffer | null = null;
  let isBlocked = false;
  let moved = 0;
  let interims = 0;

  const end = (status: number, fault: string, cause: UpstreamCause | null = null): void => {
    isOver = true;
    clearTimeout(clock);
    clearTimeout(bodyClock);
    clearTimeout(turnClock);
    carried.ended(status, fault, cause);
  };
  const abandon = (): void => {
    sending?.cancel();
    steering?.abort(new Error('the exchange is over'));
    upload?.stream.destroy();
  };
  const fail = (problem: Problem): void => {
    end(problem.status, problem.code, causeOf(problem));
    abandon();
    carried.fail(problem);
  };

  const onClock = (): void => {
    if (upload !== null && upload.moved() !== moved) {
      moved = upload.moved();
      clock.refresh();
    } else if (sending?.isWaiting() === true) fail(upstreamBusy());
    else fail(upload?.isStarved() === true ? slowBody() : upstreamTimeout(noAnswer(timeout)));
  };
  const clock = setTimeout(onClock, timeout);
  let bodyClock: NodeJS.Timeout | undefined;
  let turnClock: NodeJS.Timeout | undefined;

  /** Bodies that drip hold a connection to the app: after a while they must have been worth it. */
  const watchBody = (): void => {
    const left = upload?.patience() ?? Number.POSITIVE_INFINITY;
    if (isOver || left === Number.POSITIVE_INFINITY) return;
    if (left > 0) bodyClock = setTimeout(watchBody, Math.max(left, MIN_WATCH));
    else if (!isHeadSent) fail(slowBody());
    else {
      end(head?.status ?? 0, 'body/slow');
      response.destroy();
      abandon();
    }
  };
  watchBody();

  response.once('close', () => {
    if (isOver) return;
    end(0, 'client/gone');
    abandon();
  });

  /** False: it could not be written, and the exchange is over. */
  const writeHead = (begun: ResponseHead): boolean => {
    try {
      response.writeHead(begun.status, begun.reason, begun.headers);
      isHeadSent = true;
    } catch (cause) {
      // Named fallback: what node refuses to write is a broken answer.
      fail(upstreamBroken(cause));
    }
    return isHeadSent;
  };
  const write = (chunk: Buffer): void => {
    if (response.write(chunk) || isBlocked || response.writableLength < MOST_HELD) return;
    isBlocked = true;
    steering?.pause();
    boundWait(response, () => {
      isBlocked = false;
      if (!isOver) steering?.resume();
    });
  };
  /** The parser hands over all of a small answer at once; what is not whole by now goes out in pieces. */
  const flush = (): void => {
    if (isHeadSent || isOver || head === null) return;
    if (!writeHead(head)) return;
    if (first === null) response.flushHeaders();
    else write(first);
    first = null;
  };

  const listener: Listener = {
    started(given) {
      steering = given;
      if (isOver) abandon();
    },
    head(status, reason, raw) {
      if (isOver) return;
      const fields = latin1Fields(raw);
      if (status < 200) {
        interims += 1;
        if (interims <= MOST_INTERIM) passInterim(carried, status, fields);
        return;
      }
      clearTimeout(clock);
      const isUnchunked =
        request.method === 'HEAD' ||
        status === 204 ||
        status === 304 ||
        request.httpVersionMinor === 0;
      head = responseHead(status, reason, fields, carried.scrubbing, isUnchunked);
      process.nextTick(flush);
    },
    data(chunk) {
      if (isOver) return;
      if (isHeadSent) write(chunk);
      else if (first === null) first = chunk;
      else {
        flush();
        if (isHeadSent) write(chunk);
      }
    },
    end(rawTrailers) {
      if (isOver || head === null) return;
      boundLeftover(request, response);
      if (!isHeadSent && !writeHead(head)) return;
      const trailers = responseTrailersOf(carried.identity, latin1Fields(rawTrailers));
      if (trailers.length > 0 && head.length === null) response.addTrailers(pairs(trailers));
      end(head.status, '');
      if (first === null) response.end();
      else response.end(first);
      if (response.writableLength > 0) boundWait(response, () => undefined);
    },
    fault(error) {
      if (isOver) return;
      if (isHeadSent) {
        end(head?.status ?? 0, 'upstream/broken', causeOf(error));
        response.destroy();
        upload?.stream.destroy();
      } else fail(problemOf(error, steering !== null));
    },
  };
  sending = upstreams.send(outgoing, listener);
  if (upload === null || isOver || !sending.isWaiting()) return;
  // A client that must wait to send its body holds a connection of ours meanwhile.
  turnClock = setTimeout(() => {
    if (sending?.isWaiting()) fail(upstreamBusy());
  }, TURN_TIME);
}

/** Until the client has read what waits for it. Ends in `close`: who reads nothing may not hold a connection for ever. */
function boundWait(response: ServerResponse, over: () => void): void {
  const stall = setTimeout(() => response.destroy(), STALL_TIME);
  const end = (): void => {
    clearTimeout(stall);
    response.off('drain', end).off('finish', end).off('close', end);
    over();
  };
  response.on('drain', end).on('finish', end).on('close', end);
}

/** 102, 103 and their kin; 100 is between us and the client. */
function passInterim(carried: Carried, status: number, fields: readonly string[]): void {
  const { request, response } = carried;
  // Node before 26.2 cannot send these; leaving them out is always legal.
  if (typeof response.writeInformation !== 'function') return;
  if (status === 100 || status === 101 || request.httpVersionMinor === 0) return;
  const { headers } = responseHead(status, '', fields, carried.scrubbing, true);
  try {
    response.writeInformation(status, headers);
  } catch {
    // Named fallback: an interim answer that cannot be written is left out.
  }
}

function problemOf(error: Error, wasSent: boolean): Problem {
  if (error instanceof Problem) return error;
  const { code } = error as { code?: string };
  if (code === 'ETIMEDOUT') return upstreamTimeout(error);
  if (code === 'UND_ERR_INVALID_ARG') return asProblem(error);
  return wasSent && !neverReached(error) ? upstreamBroken(error) : upstreamDown(error);
}

function slowBody(): Problem {
  return new Problem('body/slow', 'The request took too long.', { status: 408 });
}

function pairs(flat: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2)
    list.push([flat[i] as string, flat[i + 1] as string]);
  return list;
}
