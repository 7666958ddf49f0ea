/**
 * A request at the door of an app: read as it stands, judged, answered, told. One way in for
 * proxied requests and for upgrades. Never throws; a fault is an answer, and never an allow.
 */
import type { IncomingMessage } from 'node:http';
import type { Decision } from '../../core/access/decision.ts';
import type { Reply, Dialect, Inbound } from '../../core/request/dialect.ts';
import { type RequestFacts, readFacts } from '../../core/request/facts.ts';
import type { Clock } from '../../core/values/system.ts';
import type { EventSink } from '../../core/access/event.ts';
import { asProblem } from '../../core/values/problem.ts';
import { isRefusal, type Refusal } from '../../core/request/refusal.ts';
import { httpReply } from '../../core/request/reply.ts';
import type { Live, Snapshot } from '../../core/setup/snapshot.ts';
import { originOf } from '../../core/access/return-to.ts';
import { type Replies, type ReplyContext, flowUrl } from '../reply/replies.ts';
import { decisionEvent, type Handled, undecidedEvent } from '../reply/decision-event.ts';
import { headerOf, inboundOf } from '../request/inbound.ts';
import type { DecideRequest } from './decide-request.ts';
import type { RequestIds } from '../request/request-id.ts';
import type { Trust } from '../request/trust.ts';

/** What admitting needs. */
export interface AdmissionParts {
  readonly live: Live;
  readonly trust: Trust;
  /** How requests are read: the dialect `direct`. */
  readonly dialect: Dialect;
  readonly decideRequest: DecideRequest;
  readonly replies: Replies;
  readonly requestIds: RequestIds;
  readonly clock: Clock;
  readonly events: EventSink;
}

/** What came of a request. */
export interface Admission {
  readonly snapshot: Snapshot;
  readonly inbound: Inbound;
  readonly requestId: string;
  readonly context: ReplyContext;
  /** Null when the request could not be read. */
  readonly facts: RequestFacts | null;
  /** Null when it could not be read or judged. */
  readonly decision: Decision | null;
  readonly answer: Reply;
  /** Emits the decision event; call once, after the reply or the hand-over. */
  readonly tell: () => void;
}

/** A request that may pass. */
export interface Admitted extends Admission {
  readonly facts: RequestFacts;
  readonly decision: Extract<Decision, { kind: 'allow' }>;
  readonly answer: Extract<Reply, { kind: 'allow' }>;
}

/** Whether a request may pass. */
export function isAdmitted(admission: Admission): admission is Admitted {
  const { facts, decision, answer } = admission;
  return facts !== null && decision?.kind === 'allow' && answer.kind === 'allow';
}

/** Reads, judges and answers. Synchronous whenever the judge is. */
export type Admit = (request: IncomingMessage) => Admission | Promise<Admission>;

/** Joins the parts. `seesPages`: refusals may be pages (not so for websockets). */
export function createAdmit(parts: AdmissionParts, seesPages: boolean): Admit {
  const { live, trust, dialect, decideRequest, replies, requestIds, clock, events } = parts;
  return (request) => {
    const begun = performance.now();
    const snapshot = live.current;
    const inbound = inboundOf(request, request.url ?? '', trust);
    const header = (name: string): string | null => headerOf(inbound, name);
    const requestId = requestIds(header('x-request-id'), inbound.trusted);
    const context: ReplyContext = { snapshot, requestId, header, seesPages };
    const base = { snapshot, inbound, requestId, context };
    const handled = (answer: Reply, ms: number): Handled => ({
      requestId,
      dialect: dialect.name,
      status: answer.kind === 'allow' ? 200 : httpReply(answer).status,
      ms,
    });

    const decided = (facts: RequestFacts, decision: Decision): Admission => {
      const answer = replies.decision(context, facts, decision, clock.now());
      const ms = performance.now() - begun;
      const tell = (): void => events.emit(decisionEvent(handled(answer, ms), facts, decision));
      return { ...base, facts, decision, answer, tell };
    };
    const undecided = (
      facts: RequestFacts | null,
      outcome: 'authenticate' | 'deny' | 'error',
      code: string,
      answer: Reply,
    ): Admission => {
      const ms = performance.now() - begun;
      const { method } = facts ?? inbound;
      const clientIp = facts?.clientIp ?? inbound.peer;
      const seen = { method, clientIp, facts };
      const tell = (): void =>
        events.emit(undecidedEvent(handled(answer, ms), outcome, code, seen));
      return { ...base, facts, decision: null, answer, tell };
    };
    const refuseIt = (refusal: Refusal): Admission =>
      undecided(null, 'deny', refusal.code, replies.refusal(context, refusal, null));
    const failIt = (facts: RequestFacts | null, cause: unknown): Admission => {
      const problem = asProblem(cause);
      events.emit({ type: 'fault', code: problem.code, requestId, cause });
      return undecided(facts, 'error', problem.code, replies.problem(context, problem, facts));
    };

    let facts: RequestFacts | null = null;
    try {
      const raw = dialect.read(inbound);
      if (isRefusal(raw)) return refuseIt(raw);
      const read = readFacts(raw, inbound.trusted);
      if (isRefusal(read)) return refuseIt(read);
      facts = read;
      const signOut = signOutOf(snapshot, read);
      if (signOut !== null) return undecided(read, 'authenticate', 'path/sign-out', signOut);
      const decision = decideRequest(snapshot, read);
      if (!(decision instanceof Promise)) return decided(read, decision);
      return decision
        .then((later) => decided(read, later))
        .catch((cause: unknown) => failIt(read, cause));
    } catch (cause) {
      // Named fallback: whatever broke while judging, the answer is a problem, never an allow.
      return failIt(facts, cause);
    }
  };
}

/** Signing out from inside an app: the one path on app hosts that is ours. */
function signOutOf({ site, table }: Snapshot, facts: RequestFacts): Reply | null {
  if (facts.path !== '/.doorward/sign-out' || facts.kind === 'websocket') return null;
  if (table.hosted(facts.host, facts.port) === null) return null;
  const to = flowUrl(site, 'logout', `${originOf(site, facts.host, facts.port)}/`);
  const isSafe = facts.method === 'GET' || facts.method === 'HEAD';
  return { kind: 'redirect', status: isSafe ? 302 : 303, to };
}
