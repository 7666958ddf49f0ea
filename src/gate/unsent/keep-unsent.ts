/**
 * Keeps a form that met an expired session. Only for a browser whose ticket is genuine, so a stranger
 * cannot use the store, and only if a page of the same host sent it. Whatever fails leaves the reply as it
 * would be otherwise; nothing of the form is logged.
 */
import type { IncomingMessage } from 'node:http';
import type { EventSink } from '../../core/access/event.ts';
import { originOf } from '../../core/access/return-to.ts';
import { isByUser, isSignOutPath } from '../../core/access/sign-out-request.ts';
import type { Tickets } from '../../core/people/session.ts';
import { UNSENT_LASTS, type UnsentStore } from '../../core/access/unsent.ts';
import { findCookie } from '../../core/request/cookie.ts';
import type { Reply } from '../../core/request/dialect.ts';
import { siteOf } from '../../core/setup/domain.ts';
import { appScope } from '../../core/setup/ticket-cookie.ts';
import { asProblem } from '../../core/values/problem.ts';
import type { Clock, Random, Throttle, ThrottleRule } from '../../core/values/system.ts';
import type { Admission } from '../admission/admission.ts';
import { newUnsentKey } from '../own-paths/browser-key.ts';
import { unsentUrl } from '../own-paths/unsent.ts';
import { MAX_BODY, readBody } from '../request/body.ts';
import { parseForm } from './form-body.ts';

/** What keeping forms needs. */
export interface KeepParts {
  readonly unsent: Pick<UnsentStore, 'put'>;
  readonly throttle: Pick<Throttle, 'take'>;
  readonly tickets: Pick<Tickets, 'open'>;
  readonly random: Random;
  readonly clock: Clock;
  readonly events: EventSink;
}

/**
 * The admission with the reply for a form that was kept, or as it was. Null at once for a request that is
 * never kept. Never rejects.
 */
export type KeepUnsent = (
  request: IncomingMessage,
  admission: Admission,
) => Promise<Admission> | null;

/** A POST for which the browser was sent to sign in. */
interface Lost {
  readonly admission: Admission;
  readonly facts: NonNullable<Admission['facts']>;
  readonly reply: Extract<Reply, { kind: 'redirect' }>;
  readonly page: string;
}

/** Bodies in memory at a time: of all, and of one user, who could otherwise take all places with slow ones. */
const MOST_READ = 64;
const MOST_OF_USER = 8;
/** Forms kept at a time: of one user, and of all. */
const OF_USER = kept(8);
const OF_ALL = kept(256);

/** Keeps forms. */
export function createKeepUnsent(parts: KeepParts): KeepUnsent {
  let reading = 0;
  const readFor = createReadFor();
  return (request, admission) => {
    const lost = lostForm(request, admission);
    if (lost === null || reading >= MOST_READ) return null;
    reading += 1;
    const { requestId } = admission;
    return keep({ ...parts, readFor }, request, lost)
      .catch((cause: unknown) => {
        // Named fallback: the form is not kept, and the page of the sign-in says so.
        const { code, status } = asProblem(cause);
        if (status >= 500) parts.events.emit({ type: 'fault', code, requestId, cause });
        return null;
      })
      .then((reply) => (reply === null ? admission : { ...admission, reply }))
      .finally(() => void (reading -= 1));
  };
}

function kept(free: number): ThrottleRule {
  return { free, wait: UNSENT_LASTS, longest: UNSENT_LASTS, window: UNSENT_LASTS };
}

/** The request as a form that may be kept, as far as its head shows; else null. */
function lostForm(request: IncomingMessage, admission: Admission): Lost | null {
  const { decision, reply, facts, snapshot } = admission;
  if (facts?.method !== 'POST' || facts.kind !== 'page') return null;
  if (decision?.kind !== 'authenticate' || reply.kind !== 'redirect') return null;
  if (decision.rule.passage.upstream === null || isSignOutPath(decision.route, facts)) return null;
  if (!isByUser(siteOf(snapshot, facts.host), facts)) return null;
  const { headers } = request;
  if (headers.expect !== undefined || headers['content-encoding'] !== undefined) return null;
  if (Number(headers['content-length'] ?? 0) > MAX_BODY) return null;
  return { admission, facts, reply, page: decision.returnTo };
}

async function keep(
  parts: KeepParts & { readonly readFor: ReadFor },
  request: IncomingMessage,
  lost: Lost,
): Promise<Reply | null> {
  const { facts, admission } = lost;
  const { snapshot } = admission;
  const user = await genuineUser(parts, lost);
  if (user === null) return null;
  const body = await parts.readFor(user, request);
  const form = body === null ? null : parseForm(facts.header('content-type'), body);
  if (form === null || !(await hasRoom(parts, user))) return null;
  const { key, id, cookies } = newUnsentKey(parts.random, snapshot, facts);
  const origin = originOf(siteOf(snapshot, facts.host), facts.host, facts.port);
  await parts.unsent.put(key, {
    ...form,
    user,
    origin,
    target: facts.path + facts.query,
    page: lost.page,
    until: parts.clock.now() + UNSENT_LASTS,
  });
  return offered(lost, unsentUrl(origin, id), cookies);
}

/** The user of the browser's ticket, whether its session is live or not; null without a genuine one. */
async function genuineUser(
  { tickets }: KeepParts,
  { facts, admission: { snapshot } }: Lost,
): Promise<string | null> {
  const cookie = findCookie(facts.header('cookie'), snapshot.session.cookieName);
  const ticket = cookie === null ? null : await tickets.open(cookie);
  if (ticket === null || ticket.scope !== appScope(snapshot, facts.host)) return null;
  return ticket.user ?? null;
}

/** The body; null if too many of this user are being read. */
type ReadFor = (user: string, request: IncomingMessage) => Promise<Buffer | null>;

function createReadFor(): ReadFor {
  const reading = new Map<string, number>();
  return async (user, request) => {
    const others = reading.get(user) ?? 0;
    if (others >= MOST_OF_USER) return null;
    reading.set(user, others + 1);
    try {
      return await readBody(request);
    } finally {
      const left = (reading.get(user) ?? 1) - 1;
      if (left === 0) reading.delete(user);
      else reading.set(user, left);
    }
  };
}

async function hasRoom({ throttle, clock }: KeepParts, user: string): Promise<boolean> {
  const now = clock.now();
  const own = await throttle.take(`unsent ${user}`, OF_USER, now);
  return own.allowed && (await throttle.take('unsent', OF_ALL, now)).allowed;
}

/** The same redirect, which leads to the form after the sign-in. */
function offered({ reply }: Lost, rd: string, cookies: readonly string[]): Reply {
  const to = new URL(reply.to);
  to.searchParams.set('rd', rd);
  to.searchParams.set('notice', 'kept');
  return { ...reply, to: to.href, cookies: [...(reply.cookies ?? []), ...cookies] };
}
