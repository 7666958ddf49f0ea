/**
 * A request for an app: read as it stands, decided, replied to. The one way in for proxied requests
 * and upgrades. Never throws; a fault becomes a reply, and never an allow.
 */
import type { IncomingMessage } from 'node:http';
import type { Decision } from '../../core/access/decision.ts';
import type { EventSink } from '../../core/access/event.ts';
import type { Dialect, Inbound, Reply } from '../../core/request/dialect.ts';
import { type RequestFacts, readFacts } from '../../core/request/facts.ts';
import { isRefusal, type Refusal } from '../../core/request/refusal.ts';
import { httpReply } from '../../core/request/reply.ts';
import type { Live, Snapshot } from '../../core/setup/snapshot.ts';
import { asProblem } from '../../core/values/problem.ts';
import type { Clock } from '../../core/values/system.ts';
import {
  decisionEvent,
  type Handled,
  type Undecided,
  undecidedEvent,
} from '../reply/decision-event.ts';
import type { OwnEnd, OwnPaths } from '../own-paths/own-paths.ts';
import type { Replies, ReplyContext } from '../reply/replies.ts';
import { headerOf, inboundOf } from '../request/inbound.ts';
import type { RequestIds } from '../request/request-id.ts';
import type { Trust } from '../request/trust.ts';
import type { DecideRequest } from './decide-request.ts';
import { preflightEnd } from './preflight.ts';

/** What admitting needs. */
export interface AdmissionParts {
  readonly live: Live;
  readonly trust: Trust;
  /** How requests are read: the dialect `direct`. */
  readonly dialect: Dialect;
  readonly decideRequest: DecideRequest;
  readonly ownPaths: OwnPaths;
  readonly replies: Replies;
  readonly requestIds: RequestIds;
  readonly clock: Clock;
  readonly events: EventSink;
  /** Whether refusals may be pages; false for websockets, whose replies no browser shows. */
  readonly seesPages: boolean;
}

/** The outcome for one request. */
export interface Admission {
  readonly snapshot: Snapshot;
  readonly inbound: Inbound;
  readonly requestId: string;
  readonly context: ReplyContext;
  /** Null when the request could not be read. */
  readonly facts: RequestFacts | null;
  /** Null when it could not be read or decided. */
  readonly decision: Decision | null;
  readonly reply: Reply;
  /** Emits the decision event; call once, after the reply or once the app has taken over. */
  readonly report: () => void;
}

/** A request that may pass. */
export interface Admitted extends Admission {
  readonly facts: RequestFacts;
  readonly decision: Extract<Decision, { kind: 'allow' }>;
  readonly reply: Extract<Reply, { kind: 'allow' }>;
}

/** Whether a request may pass. */
export function isAdmitted(admission: Admission): admission is Admitted {
  const { facts, decision, reply } = admission;
  return facts !== null && decision?.kind === 'allow' && reply.kind === 'allow';
}

/** Reads, decides and replies. Synchronous whenever the decision is. */
export type Admit = (request: IncomingMessage) => Admission | Promise<Admission>;

/** One request on its way through. */
type Arrived = Pick<Admission, 'snapshot' | 'inbound' | 'requestId' | 'context'> & {
  /** `performance.now()` on arrival. */
  readonly begun: number;
};

/** Joins the parts. */
export function createAdmit(parts: AdmissionParts): Admit {
  const { dialect, decideRequest, ownPaths } = parts;
  const outcome = outcomes(parts);
  return (request) => {
    const arrived = arrive(parts, request);
    const { snapshot, inbound } = arrived;
    let facts: RequestFacts | null = null;
    try {
      const raw = dialect.read(inbound);
      if (isRefusal(raw)) return outcome.refused(arrived, raw);
      const read = readFacts(raw, inbound);
      if (isRefusal(read)) return outcome.refused(arrived, read);
      facts = read;
      const failed = (cause: unknown): Admission => outcome.failed(arrived, read, cause);
      const own = ownPaths(arrived.context, read) ?? preflightEnd(snapshot, read);
      if (own instanceof Promise) {
        return own.then((end) => outcome.ours(arrived, read, end)).catch(failed);
      }
      if (own !== null) return outcome.ours(arrived, read, own);
      const decision = decideRequest(snapshot, read);
      if (!(decision instanceof Promise)) return outcome.decided(arrived, read, decision);
      return decision.then((later) => outcome.decided(arrived, read, later)).catch(failed);
    } catch (cause) {
      // Named fallback: whatever failed, the reply is a problem, never an allow.
      return outcome.failed(arrived, facts, cause);
    }
  };
}

function arrive(parts: AdmissionParts, request: IncomingMessage): Arrived {
  const begun = performance.now();
  const snapshot = parts.live.current;
  const inbound = inboundOf(request, request.url ?? '', parts.trust);
  const header = (name: string): string | null => headerOf(inbound, name);
  const requestId = parts.requestIds(header('x-request-id'), inbound);
  const context = { snapshot, requestId, header, seesPages: parts.seesPages };
  return { snapshot, inbound, requestId, context, begun };
}

/** The ways in which a request can end, as admissions. */
function outcomes({ dialect, replies, clock, events }: AdmissionParts) {
  const handled = ({ requestId, begun }: Arrived, reply: Reply): Handled => ({
    requestId,
    dialect: dialect.name,
    status: reply.kind === 'allow' ? 200 : httpReply(reply).status,
    ms: performance.now() - begun,
  });
  const undecided = (
    arrived: Arrived,
    facts: RequestFacts | null,
    outcome: Undecided,
    reply: Reply,
  ): Admission => {
    const { method } = facts ?? arrived.inbound;
    const clientIp = facts?.clientIp ?? arrived.inbound.peer;
    const end = handled(arrived, reply);
    const report = (): void =>
      events.emit(undecidedEvent(end, outcome, { method, clientIp, facts }));
    return { ...arrived, facts, decision: null, reply, report };
  };
  return {
    decided(arrived: Arrived, facts: RequestFacts, decision: Decision): Admission {
      const reply = replies.decision(arrived.context, facts, decision, clock.now());
      const end = handled(arrived, reply);
      const report = (): void => events.emit(decisionEvent(end, facts, decision));
      return { ...arrived, facts, decision, reply, report };
    },
    refused(arrived: Arrived, refusal: Refusal): Admission {
      const reply = replies.refusal(arrived.context, refusal, null);
      return undecided(arrived, null, { kind: 'deny', code: refusal.code }, reply);
    },
    ours(arrived: Arrived, facts: RequestFacts, end: OwnEnd): Admission {
      return undecided(arrived, facts, end, end.reply);
    },
    failed(arrived: Arrived, facts: RequestFacts | null, cause: unknown): Admission {
      const problem = asProblem(cause);
      const { requestId, context } = arrived;
      events.emit({ type: 'fault', code: problem.code, requestId, cause });
      const reply = replies.problem(context, problem, facts);
      return undecided(arrived, facts, { kind: 'error', code: problem.code }, reply);
    },
  };
}
