/** One check while it is open: who asks, in which dialect, and how it ends. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Decision } from '../../core/access/decision.ts';
import type { EventSink } from '../../core/access/event.ts';
import type { Dialect, Inbound, Reply } from '../../core/request/dialect.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import type { Refusal } from '../../core/request/refusal.ts';
import { httpReply } from '../../core/request/reply.ts';
import { asProblem } from '../../core/values/problem.ts';
import { decisionEvent, type Handled, undecidedEvent } from '../reply/decision-event.ts';
import type { Replies, ReplyContext } from '../reply/replies.ts';
import { sendReply } from '../reply/send-reply.ts';

/** A check under way. */
export interface Question {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly dialect: Dialect;
  /** The reply reaches the browser as it is. */
  readonly isWhole: boolean;
  /** Asked again by a proxy that passes no pages on, to show the reply to the browser this time. */
  readonly isShown: boolean;
  readonly inbound: Inbound;
  readonly context: ReplyContext;
  /** `performance.now()` on arrival. */
  readonly begun: number;
}

/** The ways in which a check ends. Each sends a reply and emits its event. */
export interface Endings {
  /** With a decision, replied to as given. */
  decided(question: Question, facts: RequestFacts, decision: Decision, reply: Reply): void;
  /** `facts`: null when the request could not be read. */
  refused(question: Question, refusal: Refusal, facts: RequestFacts | null): void;
  /** On its way to sign out. */
  signingOut(question: Question, facts: RequestFacts, reply: Reply): void;
  /** With a fault, which is never an allow. */
  failed(question: Question, facts: RequestFacts | null, caught: unknown): void;
}

/** Endings by these replies and to this sink. */
export function createEndings(replies: Replies, events: EventSink): Endings {
  const undecided = (
    question: Question,
    facts: RequestFacts | null,
    outcome: { readonly kind: 'authenticate' | 'deny' | 'error'; readonly code: string },
    reply: Reply,
  ): void => {
    const end = handled(question, send(question, reply));
    const { method } = facts ?? question.inbound;
    const clientIp = facts?.clientIp ?? question.inbound.peer;
    events.emit(undecidedEvent(end, outcome.kind, outcome.code, { method, clientIp, facts }));
  };
  return {
    decided(question, facts, decision, reply) {
      events.emit(decisionEvent(handled(question, send(question, reply)), facts, decision));
    },
    refused(question, refusal, facts) {
      const reply = replies.refusal(question.context, refusal, facts);
      undecided(question, facts, { kind: 'deny', code: refusal.code }, reply);
    },
    signingOut(question, facts, reply) {
      undecided(question, facts, { kind: 'authenticate', code: 'path/sign-out' }, reply);
    },
    failed(question, facts, caught) {
      const problem = asProblem(caught);
      const { context, response } = question;
      const { requestId } = context;
      try {
        if (response.headersSent) throw caught;
        const reply = replies.problem(context, problem, facts);
        undecided(question, facts, { kind: 'error', code: problem.code }, reply);
      } catch (cause) {
        // Named fallback: the connection is closed, which no proxy takes for an allow.
        response.destroy();
        events.emit({ type: 'fault', code: 'check/reply', requestId, cause });
      }
      events.emit({ type: 'fault', code: problem.code, requestId, cause: problem.cause ?? caught });
    },
  };
}

/** Sends the reply in its dialect; returns the status. */
function send({ request, response, dialect, isShown, context }: Question, reply: Reply): number {
  const rendered = isShown ? httpReply(reply) : dialect.reply(reply);
  sendReply(request, response, rendered, context.requestId);
  return rendered.status;
}

function handled({ context, dialect, begun }: Question, status: number): Handled {
  const ms = performance.now() - begun;
  return { requestId: context.requestId, dialect: dialect.name, status, ms };
}
