/**
 * The check endpoint: another proxy asks whether a request may pass. Trust → dialect → facts →
 * decision → reply, then the event. Never throws, never replies 2xx except for an allow.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EventSink } from '../../core/access/event.ts';
import type { Dialect, Inbound } from '../../core/request/dialect.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { decodeBytes } from '../../core/request/path-text.ts';
import { foldReading, readingsOf } from '../../core/request/readings.ts';
import { isRefusal } from '../../core/request/refusal.ts';
import { httpReply } from '../../core/request/reply.ts';
import type { Live } from '../../core/setup/snapshot.ts';
import { nfkc } from '../../core/values/normal-form.ts';
import type { Clock } from '../../core/values/system.ts';
import { preflightEnd } from '../admission/preflight.ts';
import type { DecideRequest } from '../admission/decide-request.ts';
import type { OwnPaths } from '../own-paths/own-paths.ts';
import type { Replies } from '../reply/replies.ts';
import { sendReply } from '../reply/send-reply.ts';
import { inboundOf } from '../request/inbound.ts';
import type { RequestIds } from '../request/request-id.ts';
import type { Trust } from '../request/trust.ts';
import { isOfBrowser } from './browsers-host.ts';
import {
  BROWSERS_HOST,
  NO_SUCH_PATH,
  reservedPath,
  UNKNOWN_HOST,
  untrustedPeer,
} from './check-refusals.ts';
import { createEndings, type Endings } from './endings.ts';
import { type RefuseNames, refuseNamesIn } from './header-names.ts';
import { type Outlet, type Question, questionOf, readQuestion } from './question.ts';

/** What checking needs. */
export interface CheckParts {
  readonly live: Live;
  readonly dialects: readonly Dialect[];
  readonly trust: Trust;
  readonly decideRequest: DecideRequest;
  readonly ownPaths: OwnPaths;
  readonly replies: Replies;
  readonly requestIds: RequestIds;
  readonly clock: Clock;
  readonly events: EventSink;
}

/** A check that is not an HTTP request of its own. */
interface Asked {
  /** The name of its dialect. */
  readonly name: string;
  /** What follows the dialect's name: `''`, or a target with its leading `/` or `?`. */
  readonly rest: string;
  readonly inbound: Inbound;
  readonly outlet: Outlet;
}

/** The check endpoint. Replies in every case. */
export interface Check {
  /**
   * `dialect` is the path segment after `/.doorward/check/`, `rest` the target behind it with its
   * leading `/` or `?`, or `''`.
   */
  readonly handle: (
    request: IncomingMessage,
    response: ServerResponse,
    dialect: string,
    rest: string,
  ) => void;
  /** The same for a check that arrived in another protocol. */
  readonly ask: (asked: Asked) => void;
}

/** A dialect with the names that its proxies must not send. */
interface Spoken {
  readonly dialect: Dialect;
  readonly refuseNames: RefuseNames;
}

/** Path on app hosts that is ours. */
const OURS = '/.doorward';

/** Joins the parts. */
export function createCheck(parts: CheckParts): Check {
  const { live, trust, requestIds, decideRequest, ownPaths, events } = parts;
  const endings = createEndings(parts);
  const known = spokenByName(parts.dialects);

  const decide = (question: Question, refuseNames: RefuseNames): void => {
    let facts: RequestFacts | null = null;
    try {
      const read = readQuestion(question, refuseNames);
      if (isRefusal(read)) return endings.refused(question, read, null);
      facts = read;
      if (isOfBrowser(question, facts)) return endings.refused(question, BROWSERS_HOST, facts);
      if (isOurs(facts)) return endOurs({ endings, ownPaths }, question, facts);
      const { snapshot } = question.context;
      const preflight = question.dialect.answersPreflights ? preflightEnd(snapshot, facts) : null;
      if (preflight !== null) return endings.ours(question, facts, preflight);
      const decision = decideRequest(snapshot, facts, question.isShown ? 'look' : 'use');
      if (!(decision instanceof Promise)) return endings.decided(question, facts, decision);
      decision
        .then((later) => endings.decided(question, read, later))
        .catch((caught: unknown) => endings.failed(question, read, caught));
    } catch (caught) {
      // Named fallback: whatever failed, the reply is a fault and never an allow.
      endings.failed(question, facts, caught);
    }
  };

  const evaluate = ({ name, rest, inbound, outlet }: Asked): void => {
    const spoken = known.get(name);
    const dialect = spoken?.dialect ?? UNKNOWN;
    const arrived = { inbound, outlet, dialect, rest };
    const question = questionOf(requestIds, live.current, arrived);
    if (!inbound.trusted) return endings.refused(question, untrustedPeer(inbound.peer), null);
    const isPath = rest === '' || question.isShown || mayFollow(dialect, rest);
    if (spoken === undefined || !isPath) return endings.refused(question, NO_SUCH_PATH, null);
    decide(question, spoken.refuseNames);
  };
  const guarded = (outlet: Outlet, work: () => void): void => {
    try {
      work();
    } catch (cause) {
      // Named fallback: no reply, which no proxy takes for an allow.
      outlet.abandon();
      events.emit({ type: 'fault', code: 'check/reply', requestId: null, cause });
    }
  };

  return {
    ask: (asked) => guarded(asked.outlet, () => evaluate(asked)),
    handle(request, response, name, rest) {
      const outlet = outletOf(request, response);
      guarded(outlet, () => {
        const inbound = inboundOf(request, rest.startsWith('/') ? rest : `/${rest}`, trust);
        evaluate({ name, rest, inbound, outlet });
      });
    },
  };
}

function spokenByName(dialects: readonly Dialect[]): ReadonlyMap<string, Spoken> {
  return new Map(
    dialects.map((dialect) => [
      dialect.name,
      { dialect, refuseNames: refuseNamesIn(dialect, dialects) },
    ]),
  );
}

/** Replies on the response to the check. */
function outletOf(request: IncomingMessage, response: ServerResponse): Outlet {
  return {
    send: (reply, requestId) => sendReply(request, response, reply, requestId),
    isSent: () => response.headersSent,
    abandon: () => void response.destroy(),
  };
}

/** Paths of ours inside the original request: only where the browser gets our reply. */
function endOurs(
  { endings, ownPaths }: { readonly endings: Endings; readonly ownPaths: OwnPaths },
  question: Question,
  facts: RequestFacts,
): void {
  const { snapshot } = question.context;
  if (snapshot.table.hosted(facts.host, facts.port) === null) {
    return endings.refused(question, UNKNOWN_HOST, facts);
  }
  const end = question.isWhole ? ownPaths(question.context, facts) : null;
  if (end === null) return endings.refused(question, reservedPath(question), facts);
  if (!(end instanceof Promise)) return endings.ours(question, facts, end);
  end
    .then((later) => endings.ours(question, facts, later))
    .catch((caught: unknown) => endings.failed(question, facts, caught));
}

/** Replies in place of a dialect when the path names none. */
const UNKNOWN: Dialect = {
  name: 'unknown',
  speaks: [],
  passesWhole: false,
  takesCookie: false,
  keepsHost: false,
  carriesTarget: false,
  takesQuery: false,
  answersPreflights: false,
  read: () => NO_SUCH_PATH,
  reply: httpReply,
};

/**
 * What may follow a check path: the original target (Envoy), or a query. Caddy appends the browser's
 * query, which means nothing where replies are passed on whole anyway.
 */
function mayFollow({ carriesTarget, passesWhole, takesQuery }: Dialect, rest: string): boolean {
  return carriesTarget || ((passesWhole || takesQuery) && rest.startsWith('?'));
}

/** Whether some reading of the path is one of ours. */
function isOurs({ path, isPlain }: RequestFacts): boolean {
  if (isPlain) return path.startsWith('/.') && isBelowOurs(path.toLowerCase());
  const readings = readingsOf(path);
  if (readings === null) return spellsOurs(path);
  return readings.some((reading) => isBelowOurs(foldReading(reading)));
}

/** Named fallback: a path with too many readings is ours if its letters, decoded, spell ours. */
function spellsOurs(path: string): boolean {
  const decoded = decodeBytes(decodeBytes(path, 'separates'), 'separates');
  return nfkc(decoded).replace(NO_LETTER, '').toLowerCase().includes('doorward');
}

const NO_LETTER = /[^A-Za-z]/g;

function isBelowOurs(path: string): boolean {
  return path === OURS || path.startsWith(`${OURS}/`);
}
