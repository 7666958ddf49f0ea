/** One check while it is open: who asks, in which dialect, and about which request. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dialect, Inbound } from '../../core/request/dialect.ts';
import { type RequestFacts, readFacts } from '../../core/request/facts.ts';
import { isRefusal, type Refusal } from '../../core/request/refusal.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { ReplyContext } from '../reply/replies.ts';
import { headerOf, inboundOf } from '../request/inbound.ts';
import type { RequestIds } from '../request/request-id.ts';
import type { Trust } from '../request/trust.ts';
import { findAmbiguousName } from './ambiguous-names.ts';
import { ambiguousName, foreignHeader } from './check-refusals.ts';
import type { FindForeign } from './foreign-headers.ts';

/** A check as it arrives. */
export interface Arrived {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly dialect: Dialect;
  /** What follows the path of the check: `''`, or from its leading `/` or `?` on. */
  readonly rest: string;
}

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

/** The one option of a check path: the same question, with the reply for the browser itself. */
const WHOLE = '?answer=whole';

/** Opens a check. */
export function questionOf(
  { trust, requestIds }: { readonly trust: Trust; readonly requestIds: RequestIds },
  snapshot: Snapshot,
  { request, response, dialect, rest }: Arrived,
): Question {
  const begun = performance.now();
  const isShown = !dialect.passesWhole && rest === WHOLE;
  const isWhole = dialect.passesWhole || isShown;
  const inbound = inboundOf(request, rest.startsWith('/') ? rest : `/${rest}`, trust);
  const header = (name: string): string | null => headerOf(inbound, name);
  const requestId = requestIds(header('x-request-id'), inbound);
  // Untrusted peers get the error as JSON instead of an HTML page.
  const seesPages = isWhole && inbound.trusted;
  const context: ReplyContext = { snapshot, requestId, header, seesPages };
  return { request, response, dialect, isWhole, isShown, inbound, context, begun };
}

/** The facts of the original request, or why it is refused. */
export function readQuestion(
  { context, dialect, inbound }: Question,
  findForeign: FindForeign,
): RequestFacts | Refusal {
  const ambiguous = findAmbiguousName(context.snapshot.identity, inbound.rawHeaders);
  if (ambiguous !== null) return ambiguousName(ambiguous);
  const foreign = findForeign(inbound.rawHeaders);
  if (foreign !== null) return foreignHeader(foreign, dialect.name);
  const raw = dialect.read(inbound);
  return isRefusal(raw) ? raw : readFacts(raw, inbound);
}
