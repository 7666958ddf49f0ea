/**
 * The reverse proxy: decide first, then carry. What is forwarded is the canonical request,
 * never the one that was typed, and nothing of a refused one reaches an app.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reply } from '../../core/request/dialect.ts';
import type { IdentityHeaders } from '../../core/access/identity.ts';
import type { Clock } from '../../core/values/system.ts';
import type { EventSink } from '../../core/access/event.ts';
import { Problem } from '../../core/values/problem.ts';
import { httpReply } from '../../core/request/reply.ts';
import type { Route } from '../../core/access/route.ts';
import { type Admission, type Admit, type Admitted, isAdmitted } from '../admission/admission.ts';
import type { Replies } from '../reply/replies.ts';
import { holderOf } from '../visitor/holder.ts';
import { trailersOf } from './hop-by-hop.ts';
import { ownCookies } from '../../core/setup/own-cookies.ts';
import { relay } from './relay.ts';
import { requestHeaders } from './request-headers.ts';
import { scrubbingOf } from './response-headers.ts';
import { sendReply } from '../reply/send-reply.ts';
import { boundLeftover, hasBody, type Upload, uploadOf } from './upload.ts';
import type { Target } from '../upstream/target.ts';
import type { Trailers, UpstreamRequest } from '../upstream/exchange.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import { noUpstream } from '../upstream/upstream-problem.ts';

/** What proxying needs. */
export interface ProxyParts {
  /** With pages. */
  readonly admit: Admit;
  readonly replies: Replies;
  readonly upstreams: Upstreams;
  readonly clock: Clock;
  readonly events: EventSink;
}

/** The proxy's door. */
export interface Proxy {
  /** Answers in every case; never throws. Also for `checkContinue`. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
}

/** Joins the parts. */
export function createProxy(parts: ProxyParts): Proxy {
  const { admit, events } = parts;
  const proceed = (
    request: IncomingMessage,
    response: ServerResponse,
    admission: Admission,
  ): void => {
    try {
      if (!response.closed) carry(parts, request, response, admission);
    } catch (cause) {
      // Named fallback: nobody is left to answer properly, so the answer is broken off.
      events.emit({ type: 'fault', code: 'internal', requestId: admission.requestId, cause });
      response.destroy();
    }
    admission.tell();
  };
  return {
    handle(request, response) {
      request.on('error', () => {
        // Named fallback: a client that breaks off is seen by the response's close.
      });
      const admitted = admit(request);
      if (!(admitted instanceof Promise)) proceed(request, response, admitted);
      else void admitted.then((admission) => proceed(request, response, admission));
    },
  };
}

function carry(
  parts: ProxyParts,
  request: IncomingMessage,
  response: ServerResponse,
  admission: Admission,
): void {
  const { replies, upstreams, clock, events } = parts;
  const refuse = (answer: Reply): void => {
    // Said as a reply an allow would be a 200; here it is carried or it is a fault.
    if (answer.kind === 'allow') throw new TypeError('an allow is carried, never answered');
    boundLeftover(request, response);
    sendReply(request, response, httpReply(answer), admission.requestId);
  };
  const fail = (problem: Problem): void =>
    refuse(replies.problem(admission.context, problem, admission.facts));

  if (!isAdmitted(admission)) return refuse(admission.answer);
  const { route } = admission.decision;
  if (route.upstream === null) return fail(noUpstream());
  const { expect } = request.headers;
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
    return fail(new Problem('request/expectation', 'Only 100-continue is met.', { status: 417 }));
  }
  const upload = hasBody(request) ? uploadOf(request) : null;
  if (expect !== undefined && upload !== null && request.httpVersionMinor > 0) {
    response.writeContinue();
  }
  const target = upstreams.target(route.upstream);
  const begin = clock.now();
  relay(upstreams, {
    request,
    response,
    outgoing: outgoingOf(request, admission, route, target, upload),
    upload,
    timeout: route.timeout,
    identity: admission.snapshot.identity,
    scrubbing: scrubbingOf(admission),
    fail,
    ended(status, fault, cause) {
      const ms = clock.now() - begin;
      const { requestId } = admission;
      const event = { type: 'upstream', requestId, route: route.id, status, fault, ms } as const;
      events.emit(cause === null ? event : { ...event, cause });
    },
  });
}

function outgoingOf(
  request: IncomingMessage,
  admission: Admitted,
  route: Route,
  target: Target,
  upload: Upload | null,
): UpstreamRequest {
  const { inbound, facts, snapshot, requestId } = admission;
  const { identity } = snapshot;
  const announced = upload === null ? undefined : request.headers.trailer;
  const isChunked = request.headers['transfer-encoding'] !== undefined;
  return {
    target,
    holder: holderOf(admission.decision.visitor, facts.clientIp),
    method: facts.method,
    path: target.basePath + facts.path + facts.query,
    headers: requestHeaders({
      inbound,
      facts,
      identity,
      claims: admission.answer.headers,
      cookies: ownCookies(snapshot),
      preserveHost: route.preserveHost,
      requestId,
    }),
    body: upload?.stream ?? null,
    trailers: announced === undefined || !isChunked ? null : trailersAhead(request, identity),
  };
}

function trailersAhead(request: IncomingMessage, identity: IdentityHeaders): Trailers {
  const names = (request.headers.trailer ?? '').split(',').map((name) => name.trim());
  const flat = names.filter((name) => /^[\w-]+$/.test(name)).flatMap((name) => [name, '']);
  return {
    announced: trailersOf(identity, flat).filter((_, i) => i % 2 === 0),
    read: () => trailersOf(identity, request.rawTrailers),
  };
}
