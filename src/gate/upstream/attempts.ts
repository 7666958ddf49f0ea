/**
 * Carries one request to a member of its upstream. As long as nothing of it has been sent, another
 * member is tried, whatever its method; once something has, it is sent again only if it is safe and
 * without a body and met a kept connection that the app had closed.
 */
import { Problem } from '../../core/values/problem.ts';
import type { Attempt } from '../balance/standing.ts';
import { isUnprocessed } from '../http2/stream.ts';
import { isBreak, sendAlone, sendInHttp2, sendPooled, type TryListener } from './dispatch.ts';
import type { Listener, SentTo, UpstreamRequest } from './exchange.ts';
import type { Group } from './groups.ts';
import type { Member } from './member.ts';
import type { Slot } from '../shares/shares.ts';
import { isTimeout, isUnreachable } from './upstream-cause.ts';
import { hasTrailers, sendWithTrailers } from './upstream-trailers.ts';

/** A request whose turn it is. */
export interface Dispatch {
  readonly group: Group;
  readonly request: UpstreamRequest;
  readonly slot: Slot;
  readonly listener: Listener;
}

/** A request under way. */
export interface Exchange {
  readonly course: () => SentTo;
  /** Sends it to no other member. */
  readonly cancel: () => void;
}

/** Methods that may be sent again (RFC 9110 §9.2.2). */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Kept connections that one request may find dead. After an app's restart many are; the next try
 * then has a connection of its own, which no restart before it can have closed.
 */
const MOST_KEPT = 2;

/** Sends until a response begins, or no further try is allowed. */
export function exchange({ group, request, slot, listener }: Dispatch): Exchange {
  const { shares } = group;
  const tried = new Set<Member>();
  let current: Member | null = null;
  let isCancelled = false;
  const finish = (): void => {
    if (current !== null) current.busy -= 1;
    shares.leave(slot);
  };
  const next = (): boolean => {
    const member = isCancelled ? null : group.choose(request.holder, tried);
    if (member === null) return false;
    if (current !== null) current.busy -= 1;
    current = member;
    member.busy += 1;
    tried.add(member);
    send({ member, attempt: member.standing.attempt(), kept: 0 });
    return true;
  };
  const send = ({ member, attempt, kept }: Try): void => {
    let isSent = false;
    let isKept = false;
    let hasBegun = false;
    const heard: TryListener = {
      started(steering, how) {
        isSent = true;
        isKept = how.isKept;
        listener.started(steering);
      },
      head(status, reason, raw) {
        hasBegun = true;
        attempt.answered();
        if (status >= 200) shares.begin(slot);
        listener.head(status, reason, raw);
      },
      data: (chunk) => listener.data(chunk),
      end(trailers) {
        finish();
        listener.end(trailers);
      },
      fault(error) {
        if (!hasBegun && isKept && kept < MOST_KEPT && mayRepeat(request, error)) {
          return send({ member, attempt, kept: kept + 1 });
        }
        if (!hasBegun) conclude(attempt, error, { isSent, isKept });
        if (!isSent && next()) return;
        finish();
        listener.fault(error);
      },
    };
    sendOnce({ member, kept }, request, heard);
  };
  next();
  return {
    course: () => ({ member: nameIn(group, current), retries: tried.size - 1 }),
    cancel() {
      isCancelled = true;
    },
  };
}

/** The URL of a member, where there are several. */
function nameIn({ members }: Group, member: Member | null): string | null {
  return members.length > 1 && member !== null ? member.url : null;
}

/** One try with a member. */
interface Try {
  readonly member: Member;
  readonly attempt: Attempt;
  /** Kept connections of this member that were found dead. */
  readonly kept: number;
}

function sendOnce(
  { member, kept }: Pick<Try, 'member' | 'kept'>,
  request: UpstreamRequest,
  heard: TryListener,
): void {
  if (member.sessions !== null) sendInHttp2(member.sessions, member, request, heard);
  else if (hasTrailers(request)) sendWithTrailers(member, request, heard);
  else if (kept < MOST_KEPT && !member.pool.closed) sendPooled(member, request, heard);
  else sendAlone(member, request, heard);
}

/**
 * Only without a body, and only where a kept connection broke under a safe method, or where the app
 * says that it has processed nothing.
 */
function mayRepeat({ method, body }: UpstreamRequest, error: Error): boolean {
  return body === null && (isUnprocessed(error) || (SAFE.has(method) && isBreak(error)));
}

/** What the end of a try without a response says about the member. */
function conclude(
  attempt: Attempt,
  error: Error,
  { isSent, isKept }: { readonly isSent: boolean; readonly isKept: boolean },
): void {
  const isLate = error instanceof Problem && error.code === 'upstream/timeout';
  if (isUnreachable(error) || (!isSent && isTimeout(error))) attempt.unreached(error);
  else if (isLate || (isSent && !isKept && isBreak(error))) attempt.unanswered(error);
  else attempt.abandoned();
}
