/**
 * The reverse proxy: decide first, then carry. The app receives the path as it was sent, everything
 * else in canonical form, and nothing of a refused request.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventSink } from '../../core/access/event.ts';
import { pathForApp } from '../../core/routes/route.ts';
import { isHttp2, type UpstreamGroup } from '../../core/routes/upstream.ts';
import type { Reply } from '../../core/request/dialect.ts';
import { nameAt, pairCount } from '../../core/request/header-pairs.ts';
import { httpReply } from '../../core/request/reply.ts';
import { ownCookies } from '../../core/setup/own-cookies.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Clock } from '../../core/values/system.ts';
import { type Admission, type Admit, type Admitted, isAdmitted } from '../admission/admission.ts';
import { authorizationForApp } from '../reply/authorization.ts';
import type { Replies } from '../reply/replies.ts';
import { sendReply } from '../reply/send-reply.ts';
import type { KeepUnsent } from '../unsent/keep-unsent.ts';
import type { Trailers, UpstreamRequest } from '../upstream/exchange.ts';
import { upstreamEvent } from '../upstream/upstream-event.ts';
import { noUpstream } from '../upstream/upstream-problem.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import { holderOf } from '../visitor/holder.ts';
import { type Reserved, trailersOf } from './hop-by-hop.ts';
import { relay } from './relay.ts';
import { requestHeaders } from './request-headers.ts';
import { scrubbingOf } from './response-headers.ts';
import { boundLeftover, hasBody, type Upload, uploadOf } from './upload.ts';

/** What proxying needs. */
export interface ProxyParts {
  /** With pages. */
  readonly admit: Admit;
  readonly keepUnsent: KeepUnsent;
  readonly replies: Replies;
  readonly upstreams: Upstreams;
  readonly clock: Clock;
  readonly events: EventSink;
}

/** The endpoint for proxied requests. */
export interface Proxy {
  /** Replies in every case; never throws. Also for `checkContinue`. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
}

/** A request as node gives it. */
interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Joins the parts. */
export function createProxy(parts: ProxyParts): Proxy {
  const { admit, keepUnsent, events } = parts;
  const end = (call: Call, admission: Admission): void => {
    try {
      if (!call.response.closed) respond(parts, call, admission);
    } catch (cause) {
      // Named fallback: it is too late for a proper reply, so the response is cut off.
      events.emit({ type: 'fault', code: 'internal', requestId: admission.requestId, cause });
      call.response.destroy();
    }
    admission.report();
  };
  const proceed = (call: Call, admission: Admission): void => {
    const kept = isAdmitted(admission) ? null : keepUnsent(call.request, admission);
    if (kept === null) end(call, admission);
    else void kept.then((later) => end(call, later));
  };
  return {
    handle(request, response) {
      request.on('error', () => {
        // Named fallback: the response's close reports a client that breaks off.
      });
      const call = { request, response };
      const admitted = admit(request);
      if (!(admitted instanceof Promise)) proceed(call, admitted);
      else void admitted.then((admission) => proceed(call, admission));
    },
  };
}

/** Carries what may pass; everything else gets our reply. */
function respond(parts: ProxyParts, call: Call, admission: Admission): void {
  const { request, response } = call;
  const refuse = (reply: Reply): void => {
    // Sent as a reply, an allow would be a 200: it is carried, or it is a fault.
    if (reply.kind === 'allow') throw new TypeError('an allow is carried, never a reply');
    boundLeftover(request, response);
    sendReply(request, response, httpReply(reply), admission.requestId);
  };
  const fail = (problem: Problem): void =>
    refuse(parts.replies.problem(admission.context, problem, admission.facts));

  if (!isAdmitted(admission)) return refuse(admission.reply);
  const { upstream: group } = admission.decision.rule.passage;
  if (group === null) return fail(noUpstream());
  const { expect } = request.headers;
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
    return fail(new Problem('request/expectation', 'Only 100-continue is met.', { status: 417 }));
  }
  carry(parts, call, { admission, group, fail });
}

/** A request that may pass, and where to. */
interface Passing {
  readonly admission: Admitted;
  readonly group: UpstreamGroup;
  /** Replies in the app's place. */
  readonly fail: (problem: Problem) => void;
}

function carry(parts: ProxyParts, { request, response }: Call, passing: Passing): void {
  const { upstreams, clock, events } = parts;
  const { admission, group, fail } = passing;
  const { route } = admission.decision;
  const upload = hasBody(request) ? uploadOf(request, { isPaced: !isGrpc(request, group) }) : null;
  if (request.headers.expect !== undefined && upload !== null && request.httpVersionMinor > 0) {
    response.writeContinue();
  }
  const begin = clock.now();
  relay(upstreams, {
    request,
    response,
    outgoing: outgoingOf(request, passing, upload),
    upload,
    timeout: group.timeout,
    reserved: group.messages ?? admission.snapshot.identity,
    scrubbing: scrubbingOf(admission, group),
    fail,
    ended(end) {
      const ms = clock.now() - begin;
      events.emit(upstreamEvent({ requestId: admission.requestId, route: route.id, ms }, end));
    },
  });
}

/** Whether the body is a stream of messages, which may come at any time: a call may last for hours. */
function isGrpc({ headers }: IncomingMessage, { urls }: UpstreamGroup): boolean {
  return isHttp2(urls[0]) && headers['content-type']?.startsWith('application/grpc') === true;
}

function outgoingOf(
  request: IncomingMessage,
  { admission, group }: Passing,
  upload: Upload | null,
): UpstreamRequest {
  const { inbound, facts, snapshot, requestId, decision, reply } = admission;
  const { identity } = snapshot;
  const { messages } = group;
  const announced = upload === null ? undefined : request.headers.trailer;
  const isChunked = request.headers['transfer-encoding'] !== undefined;
  return {
    group,
    holder: holderOf(decision.visitor, facts.clientIp),
    method: facts.method,
    path: pathForApp(decision.route, decision.rule, facts.path) + facts.query,
    headers: requestHeaders({
      inbound,
      facts,
      identity,
      claims: reply.headers,
      messages,
      user: decision.visitor?.user ?? null,
      authorization: authorizationForApp(decision, facts),
      cookies: ownCookies(snapshot),
      preserveHost: decision.route.preserveHost,
      requestId,
    }),
    body: upload?.stream ?? null,
    trailers:
      announced === undefined || !isChunked ? null : trailersAhead(request, messages ?? identity),
  };
}

function trailersAhead(request: IncomingMessage, reserved: Reserved): Trailers {
  const names = (request.headers.trailer ?? '').split(',').map((name) => name.trim());
  const flat = names.filter((name) => /^[\w-]+$/.test(name)).flatMap((name) => [name, '']);
  const allowed = trailersOf(reserved, flat);
  return {
    announced: Array.from({ length: pairCount(allowed) }, (_, i) => nameAt(allowed, i)),
    read: () => trailersOf(reserved, request.rawTrailers),
  };
}
