/**
 * The check endpoint: another proxy asks whether a request may pass. Trust → dialect → facts →
 * decision → reply, then the event. Never throws, never replies 2xx except for an allow.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Decision } from '../../core/access/decision.ts';
import type { EventSink } from '../../core/access/event.ts';
import { originOf } from '../../core/access/return-to.ts';
import type { Dialect, Reply } from '../../core/request/dialect.ts';
import { type RequestFacts, readFacts } from '../../core/request/facts.ts';
import { isRefusal, type Refusal } from '../../core/request/refusal.ts';
import { httpReply } from '../../core/request/reply.ts';
import { siteOf } from '../../core/setup/domain.ts';
import { ownCookies } from '../../core/setup/own-cookies.ts';
import type { Live, Snapshot } from '../../core/setup/snapshot.ts';
import type { Clock } from '../../core/values/system.ts';
import { signOutReply } from '../admission/admission.ts';
import type { DecideRequest } from '../admission/decide-request.ts';
import type { Replies, ReplyContext } from '../reply/replies.ts';
import { cookieForApps } from '../request/cookie.ts';
import { headerOf, inboundOf } from '../request/inbound.ts';
import type { RequestIds } from '../request/request-id.ts';
import type { Trust } from '../request/trust.ts';
import { findAmbiguousName } from './ambiguous-names.ts';
import {
  ambiguousName,
  foreignHeader,
  NO_SUCH_PATH,
  reservedPath,
  UNKNOWN_HOST,
  untrustedPeer,
} from './check-refusals.ts';
import { type FindForeign, foreignTo } from './foreign-headers.ts';
import { createEndings, type Question } from './question.ts';

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

/** The check endpoint. */
export interface Check {
  /**
   * Replies in every case. `dialect` is the path segment after `/.doorward/check/`, `rest` the target
   * behind it with its leading `/` or `?`, or `''`.
   */
  readonly handle: (
    request: IncomingMessage,
    response: ServerResponse,
    dialect: string,
    rest: string,
  ) => void;
}

/** A dialect with what its proxies must not send. */
interface Spoken {
  readonly dialect: Dialect;
  readonly findForeign: FindForeign;
}

/** The one option of a check path: the same question, with the reply for the browser itself. */
const WHOLE = '?answer=whole';

/** Path on app hosts that is ours. */
const OURS = '/.doorward';

/** Joins the parts. */
export function createCheck(parts: CheckParts): Check {
  const { live, decideRequest, replies, clock, events } = parts;
  const endings = createEndings(replies, events);
  const known = new Map<string, Spoken>(
    parts.dialects.map((d) => [d.name, { dialect: d, findForeign: foreignTo(d, parts.dialects) }]),
  );

  const conclude = (question: Question, facts: RequestFacts, made: Decision): void => {
    // The check itself reached the right place; it is the original request that has no route: 403.
    const decision: Decision =
      made.kind === 'deny' && made.status === 421 ? { ...made, status: 403 } : made;
    const reply = replies.decision(question.context, facts, decision, clock.now());
    const sent = question.isShown ? goBack(question, facts, reply) : withCookie(question, reply);
    endings.decided(question, facts, decision, sent);
  };

  /** Paths of ours inside the original request: sign-out where the browser gets our reply, no other. */
  const concludeOurs = (question: Question, snapshot: Snapshot, facts: RequestFacts): void => {
    if (snapshot.table.hosted(facts.host, facts.port) === null) {
      return endings.refused(question, UNKNOWN_HOST, facts);
    }
    if (!question.isWhole || facts.path !== `${OURS}/sign-out`) {
      return endings.refused(question, reservedPath(question), facts);
    }
    endings.signingOut(question, facts, signOutReply(snapshot, facts));
  };

  const ask = (question: Question, findForeign: FindForeign): void => {
    const { snapshot } = question.context;
    let facts: RequestFacts | null = null;
    try {
      const read = readQuestion(question, findForeign);
      if (isRefusal(read)) return endings.refused(question, read, null);
      facts = read;
      if (isOurs(facts)) return concludeOurs(question, snapshot, facts);
      const decision = decideRequest(snapshot, facts);
      if (!(decision instanceof Promise)) return conclude(question, facts, decision);
      decision
        .then((later) => conclude(question, read, later))
        .catch((caught: unknown) => endings.failed(question, read, caught));
    } catch (caught) {
      // Named fallback: whatever failed, the reply is a fault and never an allow.
      endings.failed(question, facts, caught);
    }
  };

  return {
    handle(request, response, name, rest) {
      try {
        const entry = known.get(name);
        const dialect = entry?.dialect ?? UNKNOWN;
        const question = questionOf(parts, live.current, { request, response, dialect, rest });
        const { inbound } = question;
        if (!inbound.trusted) return endings.refused(question, untrustedPeer(inbound.peer), null);
        const isPath = rest === '' || question.isShown || mayFollow(dialect, rest);
        if (entry === undefined || !isPath) return endings.refused(question, NO_SUCH_PATH, null);
        ask(question, entry.findForeign);
      } catch (cause) {
        // Named fallback: the connection is closed, which no proxy takes for an allow.
        response.destroy();
        events.emit({ type: 'fault', code: 'check/reply', requestId: null, cause });
      }
    },
  };
}

/** A check as it arrives. */
interface Arrived {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly dialect: Dialect;
  readonly rest: string;
}

function questionOf(
  { trust, requestIds }: Pick<CheckParts, 'trust' | 'requestIds'>,
  snapshot: Snapshot,
  { request, response, dialect, rest }: Arrived,
): Question {
  const begun = performance.now();
  const isShown = !dialect.passesWhole && rest === WHOLE;
  const isWhole = dialect.passesWhole || isShown;
  const inbound = inboundOf(request, rest.startsWith('/') ? rest : `/${rest}`, trust);
  const header = (name: string): string | null => headerOf(inbound, name);
  const requestId = requestIds(header('x-request-id'), inbound.trusted);
  // Untrusted peers get the error as JSON instead of an HTML page.
  const seesPages = isWhole && inbound.trusted;
  const context: ReplyContext = { snapshot, requestId, header, seesPages };
  return { request, response, dialect, isWhole, isShown, inbound, context, begun };
}

/** The facts of the original request, or why it is refused. */
function readQuestion(question: Question, findForeign: FindForeign): RequestFacts | Refusal {
  const { context, dialect, inbound } = question;
  const ambiguous = findAmbiguousName(context.snapshot.identity, inbound.rawHeaders);
  if (ambiguous !== null) return ambiguousName(ambiguous);
  const foreign = findForeign(inbound.rawHeaders);
  if (foreign !== null) return foreignHeader(foreign, dialect.name);
  const raw = dialect.read(inbound);
  return isRefusal(raw) ? raw : readFacts(raw, inbound.trusted);
}

/** Replies in place of a dialect when the path names none. */
const UNKNOWN: Dialect = {
  name: 'unknown',
  speaks: [],
  passesWhole: false,
  takesCookie: false,
  carriesTarget: false,
  read: () => NO_SUCH_PATH,
  reply: httpReply,
};

/**
 * What may follow a check path: the original target (Envoy), or a query. Caddy appends the browser's
 * query, which means nothing where replies are passed on whole anyway.
 */
function mayFollow({ carriesTarget, passesWhole }: Dialect, rest: string): boolean {
  return carriesTarget || (passesWhole && rest.startsWith('?'));
}

function isOurs({ foldedPath }: RequestFacts): boolean {
  return foldedPath === OURS || foldedPath.startsWith(`${OURS}/`);
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

/** The reply is shown because the check just refused; if it would allow now, the browser asks again. */
function goBack({ context }: Question, facts: RequestFacts, reply: Reply): Reply {
  if (reply.kind !== 'allow') return reply;
  const origin = originOf(siteOf(context.snapshot, facts.host), facts.host, facts.port);
  return { kind: 'redirect', status: 303, to: origin + facts.path + facts.query };
}
