/** One check while it is open: who asks, in which dialect, and about which request. */
import type { Dialect, HttpReply, Inbound } from '../../core/request/dialect.ts';
import { type RequestFacts, readFacts } from '../../core/request/facts.ts';
import { isRefusal, type Refusal } from '../../core/request/refusal.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { ReplyContext } from '../reply/replies.ts';
import { headerOf } from '../request/inbound.ts';
import type { RequestIds } from '../request/request-id.ts';
import type { RefuseNames } from './header-names.ts';

/** Where the reply to a check goes. */
export interface Outlet {
  /** Sends the reply; at most once. */
  readonly send: (reply: HttpReply, requestId: string) => void;
  readonly isSent: () => boolean;
  /** Ends the check without a reply, which no proxy takes for an allow. */
  readonly abandon: () => void;
}

/** A check as it arrives. */
export interface Arrived {
  readonly inbound: Inbound;
  readonly outlet: Outlet;
  readonly dialect: Dialect;
  /** What follows the path of the check: `''`, or from its leading `/` or `?` on. */
  readonly rest: string;
}

/** A check under way. */
export interface Question {
  readonly outlet: Outlet;
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
  requestIds: RequestIds,
  snapshot: Snapshot,
  { inbound, outlet, dialect, rest }: Arrived,
): Question {
  const begun = performance.now();
  const isShown = !dialect.passesWhole && rest === WHOLE;
  const isWhole = dialect.passesWhole || isShown;
  const header = (name: string): string | null => headerOf(inbound, name);
  const requestId = requestIds(header('x-request-id'), inbound);
  // Untrusted peers get the error as JSON instead of an HTML page.
  const seesPages = isWhole && inbound.trusted;
  const context: ReplyContext = { snapshot, requestId, header, seesPages };
  return { outlet, dialect, isWhole, isShown, inbound, context, begun };
}

/** The facts of the original request, or why it is refused. */
export function readQuestion(
  { context, dialect, inbound }: Question,
  refuseNames: RefuseNames,
): RequestFacts | Refusal {
  const refused = refuseNames(context.snapshot.identity, inbound.rawHeaders);
  if (refused !== null) return refused;
  const raw = dialect.read(inbound);
  return isRefusal(raw) ? raw : readFacts(raw, inbound);
}
