/** The ways in which a check ends. Each one sends a reply and emits its event. */
import type { Decision } from '../../core/access/decision.ts';
import type { EventSink } from '../../core/access/event.ts';
import { originOf } from '../../core/access/return-to.ts';
import type { Reply } from '../../core/request/dialect.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import type { Refusal } from '../../core/request/refusal.ts';
import { httpReply } from '../../core/request/reply.ts';
import { siteOf } from '../../core/setup/domain.ts';
import { ownCookies } from '../../core/setup/own-cookies.ts';
import { asProblem } from '../../core/values/problem.ts';
import type { Clock } from '../../core/values/system.ts';
import {
  decisionEvent,
  type Handled,
  type Undecided,
  undecidedEvent,
} from '../reply/decision-event.ts';
import type { OwnEnd } from '../own-paths/own-paths.ts';
import { authorizationForApp } from '../reply/authorization.ts';
import { othersEmpty } from '../reply/identity-headers.ts';
import type { Replies } from '../reply/replies.ts';
import { cookieForApps } from '../../core/request/cookie.ts';
import type { Question } from './question.ts';

/** What ending a check needs. */
export interface EndingParts {
  readonly replies: Replies;
  readonly clock: Clock;
  readonly events: EventSink;
}

/** How a check may end. */
export interface Endings {
  /** With a decision. */
  decided(question: Question, facts: RequestFacts, decision: Decision): void;
  /** `facts`: null when the request could not be read. */
  refused(question: Question, refusal: Refusal, facts: RequestFacts | null): void;
  /** A request for one of our own paths, or a preflight that we answer. */
  ours(question: Question, facts: RequestFacts, end: OwnEnd): void;
  /** With a fault, which is never an allow. */
  failed(question: Question, facts: RequestFacts | null, caught: unknown): void;
}

/** Endings by these replies and to this sink. */
export function createEndings({ replies, clock, events }: EndingParts): Endings {
  const undecided = (
    question: Question,
    facts: RequestFacts | null,
    outcome: Undecided,
    reply: Reply,
  ): void => {
    const end = handled(question, send(question, reply));
    const { method } = facts ?? question.inbound;
    const clientIp = facts?.clientIp ?? question.inbound.peer;
    events.emit(undecidedEvent(end, outcome, { method, clientIp, facts }));
  };
  return {
    decided(question, facts, made) {
      // The check itself reached the right place; it is the original request that has no route: 403.
      const decision: Decision =
        made.kind === 'deny' && made.status === 421 ? { ...made, status: 403 } : made;
      const reply = replies.decision(question.context, facts, decision, clock.now());
      const sent = question.isShown
        ? goBack(question, facts, reply)
        : withOthers(
            question,
            withAuthorization(withCookie(question, reply), facts, decision),
            decision,
          );
      events.emit(decisionEvent(handled(question, send(question, sent)), facts, decision));
    },
    refused(question, refusal, facts) {
      const reply = replies.refusal(question.context, refusal, facts);
      undecided(question, facts, { kind: 'deny', code: refusal.code }, reply);
    },
    ours(question, facts, end) {
      undecided(question, facts, end, end.reply);
    },
    failed(question, facts, caught) {
      const problem = asProblem(caught);
      const { context, outlet } = question;
      const { requestId } = context;
      try {
        if (outlet.isSent()) throw caught;
        const reply = replies.problem(context, problem, facts);
        undecided(question, facts, { kind: 'error', code: problem.code }, reply);
      } catch (cause) {
        // Named fallback: no reply, which no proxy takes for an allow.
        outlet.abandon();
        events.emit({ type: 'fault', code: 'check/reply', requestId, cause });
      }
      events.emit({ type: 'fault', code: problem.code, requestId, cause: problem.cause ?? caught });
    },
  };
}

/** Sends the reply in its dialect; returns the status. */
function send({ outlet, dialect, isShown, context }: Question, reply: Reply): number {
  const rendered = isShown ? httpReply(reply) : dialect.reply(reply);
  outlet.send(rendered, context.requestId);
  return rendered.status;
}

function handled({ context, dialect, begun }: Question, status: number): Handled {
  const ms = performance.now() - begun;
  return { requestId: context.requestId, dialect: dialect.name, status, ms };
}

/**
 * Adds the client's cookies without ours to an allow, for a proxy that writes them over the client's
 * field. Left out when none remain: the proxy then removes the field. Never on another reply, which a
 * browser would receive.
 */
function withCookie({ dialect, inbound, context }: Question, reply: Reply): Reply {
  if (!dialect.takesCookie || reply.kind !== 'allow') return reply;
  const cookie = cookieForApps(inbound.rawHeaders, ownCookies(context.snapshot));
  return cookie === '' ? reply : { ...reply, headers: [...reply.headers, 'Cookie', cookie] };
}

/** Adds the Authorization field that the app receives, empty for none, where it is not the client's. */
function withAuthorization(reply: Reply, facts: RequestFacts, decision: Decision): Reply {
  if (reply.kind !== 'allow' || decision.kind !== 'allow') return reply;
  const field = authorizationForApp(decision, facts);
  return field === null ? reply : { ...reply, headers: [...reply.headers, 'Authorization', field] };
}

/** Adds the identity headers of other routes, empty, to an allow. */
function withOthers({ context }: Question, reply: Reply, { route }: Decision): Reply {
  if (reply.kind !== 'allow' || route === null) return reply;
  const more = othersEmpty(context.snapshot.identity, route.identity);
  return more.length === 0 ? reply : { ...reply, headers: [...reply.headers, ...more] };
}

/** The reply is shown because the check just refused; if it would allow now, the browser asks again. */
function goBack({ context }: Question, facts: RequestFacts, reply: Reply): Reply {
  if (reply.kind !== 'allow') return reply;
  const origin = originOf(siteOf(context.snapshot, facts.host), facts.host, facts.port);
  return { kind: 'redirect', status: 303, to: origin + facts.path + facts.query };
}
