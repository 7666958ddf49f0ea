/**
 * The check endpoint: another proxy asks whether a request may pass. Trust → dialect → facts →
 * judge → answer → reply, then the event. Never throws, never answers 2xx but on an allow.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Decision } from '../../core/access/decision.ts';
import type { Reply, Dialect, Inbound, HttpReply } from '../../core/request/dialect.ts';
import { type RequestFacts, readFacts } from '../../core/request/facts.ts';
import type { Clock } from '../../core/values/system.ts';
import type { EventSink } from '../../core/access/event.ts';
import { asProblem } from '../../core/values/problem.ts';
import { isRefusal, type Refusal, refuse } from '../../core/request/refusal.ts';
import { httpReply } from '../../core/request/reply.ts';
import { originOf } from '../../core/access/return-to.ts';
import type { Live, Snapshot } from '../../core/setup/snapshot.ts';
import { type Replies, type ReplyContext, flowUrl } from '../reply/replies.ts';
import { cookieForApps } from '../request/cookie.ts';
import { decisionEvent, type Handled, undecidedEvent } from '../reply/decision-event.ts';
import { type FindForeign, foreignTo } from './foreign-headers.ts';
import { headerOf, inboundOf } from '../request/inbound.ts';
import type { DecideRequest } from '../admission/decide-request.ts';
import { ownCookies } from '../../core/setup/own-cookies.ts';
import type { RequestIds } from '../request/request-id.ts';
import { sendReply } from '../reply/send-reply.ts';
import { findAmbiguousName } from './ambiguous-names.ts';
import type { Trust } from '../request/trust.ts';

/** What checking needs. */
export interface CheckParts {
  readonly live: Live;
  readonly dialects: readonly Dialect[];
  readonly trust: Trust;
  readonly decideRequest: DecideRequest;
  readonly replies: Replies;
  readonly requestIds: RequestIds;
  readonly clock: Clock;
  readonly events: EventSink;
}

/** The check room. */
export interface Check {
  /**
   * Answers in every case. `dialect` is the path segment after `/.doorward/check/`, `rest` what
   * follows it with its leading `/` or `?`, or `''`.
   */
  readonly handle: (
    req: IncomingMessage,
    res: ServerResponse,
    dialect: string,
    rest: string,
  ) => void;
}

/** The one option of a check path: the same question, answered to the browser itself. */
const WHOLE = '?answer=whole';

/** Path on app hosts that is ours. */
const OURS = '/.doorward';

/** One question while it is being answered. */
interface Question {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly dialect: Dialect;
  /** The answer reaches the browser as it is. */
  readonly whole: boolean;
  /** ReplyContext by a proxy that would not pass pages on, but now shows this answer itself. */
  readonly shown: boolean;
  readonly inbound: Inbound;
  readonly context: ReplyContext;
  readonly begun: number;
}

/** Joins the parts into the check room. */
export function createCheck(parts: CheckParts): Check {
  const { live, trust, decideRequest, replies, requestIds, clock, events } = parts;
  const known = new Map<string, { readonly dialect: Dialect; readonly findForeign: FindForeign }>(
    parts.dialects.map((d) => [d.name, { dialect: d, findForeign: foreignTo(d, parts.dialects) }]),
  );

  const refuseIt = (question: Question, refusal: Refusal, facts: RequestFacts | null): void => {
    const status = send(question, replies.refusal(question.context, refusal, facts));
    const { method } = facts ?? question.inbound;
    const clientIp = facts?.clientIp ?? question.inbound.peer;
    const seen = { method, clientIp, facts };
    events.emit(undecidedEvent(handled(question, status), 'deny', refusal.code, seen));
  };

  const failIt = (question: Question, facts: RequestFacts | null, caught: unknown): void => {
    const problem = asProblem(caught);
    const { requestId } = question.context;
    const { method } = facts ?? question.inbound;
    const clientIp = facts?.clientIp ?? question.inbound.peer;
    try {
      if (question.res.headersSent) throw caught;
      const status = send(question, replies.problem(question.context, problem, facts));
      const seen = { method, clientIp, facts };
      events.emit(undecidedEvent(handled(question, status), 'error', problem.code, seen));
    } catch (cause) {
      // Named fallback: the connection goes, which no proxy takes for an allow.
      question.res.destroy();
      events.emit({ type: 'fault', code: 'check/reply', requestId, cause });
    }
    events.emit({ type: 'fault', code: problem.code, requestId, cause: problem.cause ?? caught });
  };

  const conclude = (
    question: Question,
    snapshot: Snapshot,
    facts: RequestFacts,
    decided: Decision,
  ): void => {
    // On a check endpoint the request did reach the right place; the original had no route: 403.
    const decision: Decision =
      decided.kind === 'deny' && decided.status === 421 ? { ...decided, status: 403 } : decided;
    const answer = replies.decision(question.context, facts, decision, clock.now());
    const told = question.shown
      ? goBack(question, facts, answer)
      : withCookie(question, snapshot, answer);
    const status = send(question, told);
    events.emit(decisionEvent(handled(question, status), facts, decision));
  };

  const ask = (question: Question, snapshot: Snapshot, findForeign: FindForeign): void => {
    let facts: RequestFacts | null = null;
    try {
      const misspelled = findAmbiguousName(snapshot.identity, question.inbound.rawHeaders);
      if (misspelled !== null) return refuseIt(question, strangeName(misspelled), null);
      const foreign = findForeign(question.inbound.rawHeaders);
      if (foreign !== null) return refuseIt(question, otherDialect(foreign, question), null);
      const raw = question.dialect.read(question.inbound);
      if (isRefusal(raw)) return refuseIt(question, raw, null);
      const read = readFacts(raw, question.inbound.trusted);
      if (isRefusal(read)) return refuseIt(question, read, null);
      facts = read;
      if (isOurs(facts)) return answerOurs(question, snapshot, facts);
      const decision = decideRequest(snapshot, facts);
      if (!(decision instanceof Promise)) return conclude(question, snapshot, facts, decision);
      decision
        .then((decided) => conclude(question, snapshot, read, decided))
        .catch((caught: unknown) => failIt(question, read, caught));
    } catch (caught) {
      // Named fallback: whatever went wrong, the answer is a fault and never an allow.
      failIt(question, facts, caught);
    }
  };

  /** `/.doorward/…` inside the forwarded URI: sign-out where the browser hears us, nothing else. */
  const answerOurs = (question: Question, snapshot: Snapshot, facts: RequestFacts): void => {
    const { site, table } = snapshot;
    if (table.hosted(facts.host, facts.port) === null) {
      return refuseIt(
        question,
        refuse(403, 'host/unknown', 'no route replies to this host'),
        facts,
      );
    }
    if (!question.whole || facts.path !== `${OURS}/sign-out`) {
      return refuseIt(question, nothingHere(question), facts);
    }
    const to = flowUrl(site, 'logout', `${originOf(site, facts.host, facts.port)}/`);
    const isSafe = facts.method === 'GET' || facts.method === 'HEAD';
    const status = send(question, { kind: 'redirect', status: isSafe ? 302 : 303, to });
    const { method, clientIp } = facts;
    const seen = { method, clientIp, facts };
    events.emit(undecidedEvent(handled(question, status), 'authenticate', 'path/sign-out', seen));
  };

  const receive: Check['handle'] = (req, res, name, rest) => {
    const begun = performance.now();
    const snapshot = live.current;
    const entry = known.get(name);
    const dialect = entry?.dialect ?? unknown;
    const shown = !dialect.passesWhole && rest === WHOLE;
    const whole = dialect.passesWhole || shown;
    const inbound = inboundOf(req, rest.startsWith('/') ? rest : `/${rest}`, trust);
    const { trusted } = inbound;
    const header = (key: string): string | null => headerOf(inbound, key);
    const requestId = requestIds(header('x-request-id'), trusted);
    // Whoever is not trusted gets the remedy in plain words, not a page.
    const context: ReplyContext = { snapshot, requestId, header, seesPages: whole && trusted };
    const question: Question = { req, res, dialect, whole, shown, inbound, context, begun };
    if (!trusted) return refuseIt(question, untrusted(inbound.peer), null);
    const isRestFine = rest === '' || shown || dialect.carriesTarget || isQueryOnly(dialect, rest);
    if (entry === undefined || !isRestFine) return refuseIt(question, noSuchPath, null);
    ask(question, snapshot, entry.findForeign);
  };

  return {
    handle(req, res, dialect, rest) {
      try {
        receive(req, res, dialect, rest);
      } catch (cause) {
        // Named fallback: the connection goes, which no proxy takes for an allow.
        res.destroy();
        events.emit({ type: 'fault', code: 'check/reply', requestId: null, cause });
      }
    },
  };
}

function send({ req, res, dialect, shown, context }: Question, answer: Reply): number {
  const reply: HttpReply = shown ? httpReply(answer) : dialect.reply(answer);
  sendReply(req, res, reply, context.requestId);
  return reply.status;
}

function handled({ context, dialect, begun }: Question, status: number): Handled {
  const ms = performance.now() - begun;
  return { requestId: context.requestId, dialect: dialect.name, status, ms };
}

/** Stands in where no dialect is meant. */
const unknown: Dialect = {
  name: 'unknown',
  speaks: [],
  passesWhole: false,
  takesCookie: false,
  carriesTarget: false,
  read: () => noSuchPath,
  reply: httpReply,
};

const noSuchPath = refuse(404, 'check/unknown', 'there is no such check path');

/** Caddy leaves the browser's query behind our path. It means nothing where answers are whole anyway. */
function isQueryOnly({ passesWhole }: Dialect, rest: string): boolean {
  return passesWhole && rest.startsWith('?');
}

function untrusted(peer: string): Refusal {
  return refuse(
    403,
    'peer/untrusted',
    `${peer} may not ask for others; if it is your proxy, add it to trusted_proxies`,
  );
}

/** Another server may read the name as a field that proxies write (`Remote!User` as Remote-User). */
function strangeName(name: string): Refusal {
  return refuse(
    400,
    'header/name',
    `apps could read the header ${name} as another one: send it with letters, digits and hyphens only, or remove it in the proxy`,
  );
}

function otherDialect(header: string, { dialect }: Question): Refusal {
  return refuse(
    400,
    'forwarded/other-dialect',
    `${header} does not belong to ${dialect.name}: remove it from what the proxy sends here`,
  );
}

/** A proxy that hears only 401 and 403 would make an error of its own out of a 404. */
function nothingHere({ whole }: Question): Refusal {
  return refuse(
    whole ? 404 : 403,
    'path/reserved',
    'paths below /.doorward/ belong to the gateway',
  );
}

function isOurs(facts: RequestFacts): boolean {
  const { foldedPath } = facts;
  return foldedPath === OURS || foldedPath.startsWith(`${OURS}/`);
}

/**
 * An allow with the client's cookies but ours, for a proxy that writes them over the client's
 * field. Left out when none remain: the proxy then removes the field. Never on another answer,
 * which a browser would receive.
 */
function withCookie({ dialect, inbound }: Question, snapshot: Snapshot, answer: Reply): Reply {
  if (!dialect.takesCookie || answer.kind !== 'allow') return answer;
  const cookie = cookieForApps(inbound.rawHeaders, ownCookies(snapshot));
  return cookie === '' ? answer : { ...answer, headers: [...answer.headers, 'Cookie', cookie] };
}

/** Somebody sees this answer because a moment ago it was a no; now it is a yes: ask again. */
function goBack({ context }: Question, facts: RequestFacts, answer: Reply): Reply {
  if (answer.kind !== 'allow') return answer;
  const origin = originOf(context.snapshot.site, facts.host, facts.port);
  return { kind: 'redirect', status: 303, to: origin + facts.path + facts.query };
}
