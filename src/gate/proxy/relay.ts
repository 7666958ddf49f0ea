/**
 * Carries one allowed request to its app and the response back, both ways as a stream. A side that
 * leaves ends the other one; a response that breaks off is broken for the client too. Never decides,
 * never follows redirects, never decodes.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { errorCode } from '../../core/values/error-code.ts';
import { asProblem, Problem } from '../../core/values/problem.ts';
import type { Listener, UpstreamRequest } from '../upstream/exchange.ts';
import { causeOf } from '../../core/values/network-cause.ts';
import { neverReached } from '../upstream/upstream-cause.ts';
import type { ExchangeEnd } from '../upstream/upstream-event.ts';
import { upstreamBroken, upstreamDown, upstreamTimeout } from '../upstream/upstream-problem.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import { type Course, createCourse } from './course.ts';
import { type Reserved, responseTrailersOf } from './hop-by-hop.ts';
import { type RelayClocks, startClocks } from './relay-clocks.ts';
import { latin1Fields, responseHead, type Scrubbing } from './response-headers.ts';
import { createResponseWriter, type ResponseWriter } from './response-writer.ts';
import type { Upload } from './upload.ts';

/** What is carried. */
export interface Carried {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly outgoing: UpstreamRequest;
  readonly upload: Upload | null;
  /** Time for the response to begin once the request has been sent, in milliseconds. */
  readonly timeout: number;
  /** Names that no trailer of the response may have. */
  readonly reserved: Reserved;
  /** What is removed from the response. */
  readonly scrubbing: Scrubbing;
  /** Replies in the app's place; nothing has been written yet. */
  readonly fail: (problem: Problem) => void;
  /** Called once. */
  readonly ended: (end: ExchangeEnd) => void;
}

/** Interim responses that are passed on; an app could send them without end. */
const MOST_INTERIM = 16;

/** Carries it. */
export function relay(upstreams: Upstreams, carried: Carried): void {
  const { request, response, upload } = carried;
  const course = createCourse(carried, () => clocks.stop());
  const { isOver, isWaiting, pause, resume, fail } = course;
  const writer = createResponseWriter({
    request,
    response,
    isOver,
    pause,
    resume,
    broken: (cause) => fail(upstreamBroken(cause)),
  });
  const clocks = startClocks({
    timeout: carried.timeout,
    upload,
    isWaiting,
    fail,
    slowBody(problem) {
      if (!writer.isHeadSent()) return fail(problem);
      course.end(writer.status(), problem.code);
      response.destroy();
      course.abandon();
    },
  });
  response.once('close', () => {
    if (isOver()) return;
    course.end(0, 'client/gone');
    course.abandon();
  });
  const listener = listenerOf(carried, { course, writer, clocks });
  course.queued(upstreams.send(carried.outgoing, listener));
  // A client that must wait to send its body holds a connection of ours meanwhile.
  if (upload !== null && !isOver() && isWaiting()) clocks.queued();
}

/** What passes a response on. */
interface Passing {
  readonly course: Course;
  readonly writer: ResponseWriter;
  readonly clocks: RelayClocks;
}

function listenerOf(carried: Carried, { course, writer, clocks }: Passing): Listener {
  const { request, response, upload, reserved, scrubbing } = carried;
  const passInterim = passerOf(carried);
  return {
    started: course.started,
    head(status, reason, raw) {
      if (course.isOver()) return;
      const fields = latin1Fields(raw);
      if (status < 200) return passInterim(status, fields);
      clocks.begun();
      const isUnchunked = hasNoChunks(request, status);
      writer.head(responseHead({ status, reason, raw: fields, isUnchunked }, scrubbing));
    },
    data(chunk) {
      if (!course.isOver()) writer.data(chunk);
    },
    end(rawTrailers) {
      if (course.isOver()) return;
      const trailers = responseTrailersOf(reserved, latin1Fields(rawTrailers));
      writer.end(trailers, (status) => course.end(status, ''));
    },
    fault(error) {
      if (course.isOver()) return;
      if (!writer.isHeadSent()) return course.fail(problemOf(error, course));
      course.end(writer.status(), 'upstream/broken', causeOf(error));
      response.destroy();
      upload?.stream.destroy();
    },
  };
}

/** HEAD, 204, 304 and HTTP/1.0 have no chunks, so no trailers either. */
function hasNoChunks(request: IncomingMessage, status: number): boolean {
  return (
    request.method === 'HEAD' || status === 204 || status === 304 || request.httpVersionMinor === 0
  );
}

/** Passes interim responses on: 102, 103 and the like. A 100 is between the client and us. */
function passerOf({ request, response, scrubbing }: Carried) {
  let passed = 0;
  return (status: number, raw: readonly string[]): void => {
    passed += 1;
    if (passed > MOST_INTERIM) return;
    // Node before 26.2 cannot send these; leaving them out is always legal.
    if (typeof response.writeInformation !== 'function') return;
    if (status === 100 || status === 101 || request.httpVersionMinor === 0) return;
    const { headers } = responseHead({ status, reason: '', raw, isUnchunked: true }, scrubbing);
    try {
      response.writeInformation(status, headers);
    } catch {
      // Named fallback: an interim response that cannot be written is left out.
    }
  };
}

function problemOf(error: Error, { wasSent }: Pick<Course, 'wasSent'>): Problem {
  if (error instanceof Problem) return error;
  const code = errorCode(error);
  if (code === 'ETIMEDOUT') return upstreamTimeout(error);
  if (code === 'UND_ERR_INVALID_ARG') return asProblem(error);
  return wasSent() && !neverReached(error) ? upstreamBroken(error) : upstreamDown(error);
}
