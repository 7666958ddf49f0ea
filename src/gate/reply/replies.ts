/**
 * A decision, refusal or fault turned into a reply: where browsers are redirected, what programs
 * read. Never decides.
 */
import type { Decision } from '../../core/access/decision.ts';
import { rulesJson, traceOf } from '../../core/access/decision-trace.ts';
import { originOf } from '../../core/access/return-to.ts';
import { disclosureFor } from '../../core/access/disclosure.ts';
import type { Body, Reply } from '../../core/request/dialect.ts';
import { isSafe, type RequestFacts } from '../../core/request/facts.ts';
import { expiredEverywhere } from '../../core/request/set-cookie.ts';
import type { Refusal } from '../../core/request/refusal.ts';
import { readableBy } from '../../core/routes/cors.ts';
import { siteOf } from '../../core/setup/domain.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { ErrorPages, ErrorPageView } from '../../core/setup/views.ts';
import type { Problem } from '../../core/values/problem.ts';
import { challengesFor } from './authorization.ts';
import { embeddedReply, isFramed, isThirdParty } from './embedded.ts';
import { flowUrl } from './flow-url.ts';
import { type Assertion, createIdentity, type IdentityOf } from './identity-headers.ts';

/** What replying needs. */
export interface ReplyParts {
  readonly pages: ErrorPages;
  /** Signs the assertion header; null leaves it empty even where one is configured. */
  readonly assertion: Assertion | null;
}

/** The request that a reply is for. */
export interface ReplyContext {
  readonly snapshot: Snapshot;
  readonly requestId: string;
  /** Request headers by lower-case name; repeated ones are null. */
  readonly header: (name: string) => string | null;
  /** False where no browser shows the reply (nginx drops it): then no page is made. */
  readonly seesPages: boolean;
}

/** Replies for every endpoint. */
export interface Replies {
  /** `now` in epoch milliseconds, for the assertion. */
  decision(context: ReplyContext, facts: RequestFacts, decision: Decision, now: number): Reply;
  /**
   * `facts`: null when the request could not be read. `startUrl`: where the visitor can start again;
   * null where that would not help.
   */
  refusal(
    context: ReplyContext,
    refusal: Refusal,
    facts: RequestFacts | null,
    startUrl?: string | null,
  ): Reply;
  /** 503, 500 and the like, without the cause. `facts` as above. */
  problem(context: ReplyContext, problem: Problem, facts: RequestFacts | null): Reply;
  /** Every identity header of an allow, empty ones for anonymous visitors; flat. */
  identity: IdentityOf;
}

type Denied = Extract<Decision, { kind: 'deny' }>;
type Unauthenticated = Extract<Decision, { kind: 'authenticate' }>;

/** Joins pages and assertion. */
export function createReplies({ pages, assertion }: ReplyParts): Replies {
  const identity = createIdentity(assertion);

  const fault = (context: ReplyContext, facts: RequestFacts | null, failure: Failure): Reply => {
    const { status, code, message, retryAfter, startUrl = null } = failure;
    const { requestId } = context;
    return refuse(pages, context, {
      isPage: context.seesPages && wantsPage(context.header),
      view: {
        status,
        code,
        reasons: [{ code, detail: message }],
        disclosure: 'reasons',
        trace: null,
        host: facts?.host ?? '',
        user: null,
        signInUrl: null,
        startUrl,
        homeUrl: `${siteOf(context.snapshot, facts?.host ?? '').origin}/`,
        retryAfter,
      },
      json: {
        error: code,
        message,
        ...(startUrl === null ? {} : { start_url: startUrl }),
        request_id: requestId,
      },
    });
  };

  return {
    identity,
    decision(context, facts, decision, now) {
      switch (decision.kind) {
        case 'allow':
          return {
            kind: 'allow',
            headers: identity({ snapshot: context.snapshot, facts, decision }, now),
          };
        case 'authenticate':
          return readable(context, facts, authenticate(pages, context, facts, decision));
        case 'deny':
          return readable(context, facts, refuse(pages, context, denied(context, facts, decision)));
      }
    },
    refusal: (context, { status, code, detail: message }, facts, startUrl = null) =>
      readable(
        context,
        facts,
        fault(context, facts, { status, code, message, retryAfter: 0, startUrl }),
      ),
    problem: (context, problem, facts) => readable(context, facts, fault(context, facts, problem)),
  };
}

/** Lets scripts of the origins that the route lists read the reply. */
function readable({ snapshot }: ReplyContext, facts: RequestFacts | null, reply: Reply): Reply {
  if (facts === null || (reply.kind !== 'unauthorized' && reply.kind !== 'refuse')) return reply;
  const cors = snapshot.table.hosted(facts.host, facts.port)?.cors ?? null;
  if (cors === null) return reply;
  return { ...reply, headers: [...(reply.headers ?? []), ...readableBy(cors, facts)] };
}

/** What a reply says of a refusal or problem. */
type Failure = Pick<Problem, 'status' | 'code' | 'message' | 'retryAfter'> &
  Pick<ErrorPageView, 'startUrl'>;

/** A refusal for both kinds of readers. */
interface RefusedReply {
  readonly isPage: boolean;
  /** What the status needs beside Retry-After; flat. */
  readonly headers?: readonly string[];
  readonly view: Omit<ErrorPageView, 'requestId' | 'language'>;
  readonly json: Readonly<Record<string, unknown>>;
}

function refuse(pages: ErrorPages, context: ReplyContext, refused: RefusedReply): Reply {
  const { isPage, view } = refused;
  const { status } = view;
  const headers = [...(refused.headers ?? [])];
  if (view.retryAfter > 0) headers.push('Retry-After', String(view.retryAfter));
  if (!isPage) return { kind: 'refuse', status, headers, body: json(refused.json) };
  headers.push('Content-Security-Policy', pages.csp);
  const language = context.header('accept-language');
  const body = pages.errorPage({ ...view, requestId: context.requestId, language });
  return { kind: 'refuse', status, headers, body };
}

function authenticate(
  pages: ErrorPages,
  { snapshot, requestId, seesPages }: ReplyContext,
  facts: RequestFacts,
  decision: Unauthenticated,
): Reply {
  const { flow, rule, visitor, returnTo } = decision;
  const isLost = !isSafe(facts.method);
  const to = flowUrl(siteOf(snapshot, facts.host), {
    flow,
    returnTo,
    // A visitor who must sign in again gets the sign-in itself, not a page that says "signed in".
    as: visitor?.session != null && flow === rule.flow ? 'same' : null,
    notice: isLost ? 'unsent' : null,
  });
  const cookies = leftovers(snapshot, facts, decision);
  if (seesPages && isFramed(facts)) {
    const embedded = embeddedReply(pages, facts, { loginUrl: to, url: returnTo, requestId });
    return { ...embedded, ...cookies };
  }
  if (facts.kind === 'page') {
    return { kind: 'redirect', status: isLost ? 303 : 302, to, ...cookies };
  }
  const reason = decision.reasons[0]?.code ?? 'session/none';
  const hint = visitor === null && isThirdParty(facts) ? { third_party: true } : {};
  const body = json({ reason, login_url: to, ...hint, request_id: requestId });
  const headers = challengesFor(decision, 401, facts);
  return { kind: 'unauthorized', loginUrl: to, headers, body, ...cookies };
}

function denied(context: ReplyContext, facts: RequestFacts, decision: Denied): RefusedReply {
  const { snapshot, requestId } = context;
  const codes = decision.reasons.map((reason) => reason.code);
  const code = codes[0] ?? 'denied';
  const disclosure = disclosureFor(snapshot.disclosure, decision.visitor?.user ?? null);
  const trace = disclosure === 'trace' ? traceOf(decision) : null;
  return {
    isPage: facts.kind === 'page' && context.seesPages && acceptsHtml(context.header),
    headers: challengesFor(decision, decision.status, facts),
    view: {
      status: decision.status,
      code,
      reasons: decision.reasons,
      disclosure,
      trace,
      host: facts.host,
      user: decision.visitor?.user.displayName ?? null,
      signInUrl: signInUrl(snapshot, facts, decision),
      homeUrl: `${siteOf(snapshot, facts.host).origin}/`,
      retryAfter: decision.retryAfter ?? 0,
    },
    json: {
      reason: code,
      ...(disclosure === 'code' ? {} : { reasons: codes }),
      ...(trace === null ? {} : { trace: rulesJson(trace) }),
      request_id: requestId,
    },
  };
}

/** Expires cookies that are none in every scope that they could have: two of our name, or another host's. */
function leftovers(
  snapshot: Snapshot,
  facts: RequestFacts,
  { reasons }: Decision,
): { readonly cookies?: readonly string[] } {
  if (!LEFT_OVER.has(reasons[0]?.code ?? '')) return NOTHING;
  const { scheme } = siteOf(snapshot, facts.host);
  return { cookies: expiredEverywhere([snapshot.session.cookieName], facts.host, scheme) };
}

const NOTHING = {};
const LEFT_OVER: ReadonlySet<string> = new Set(['session/two-cookies', 'session/other-host']);

/** Where to sign in as another user, which ends the present session. Null if no user may pass. */
function signInUrl(snapshot: Snapshot, facts: RequestFacts, decision: Denied): string | null {
  const { visitor, route, rule } = decision;
  if (visitor === null || route === null || rule?.closed === true) return null;
  const site = siteOf(snapshot, facts.host);
  const returnTo = originOf(site, facts.host, facts.port) + facts.path + facts.query;
  return rule === null
    ? flowUrl(site, { flow: 'logout', returnTo })
    : flowUrl(site, { flow: rule.flow, returnTo, as: 'other' });
}

function json(value: Readonly<Record<string, unknown>>): Body {
  return { type: 'application/json; charset=utf-8', text: JSON.stringify(value) };
}

function acceptsHtml(header: (name: string) => string | null): boolean {
  return header('accept')?.includes('text/html') === true;
}

/** The test of `readFacts` for a page, for requests that could not be read. */
function wantsPage(header: (name: string) => string | null): boolean {
  const mode = header('sec-fetch-mode');
  if (mode !== null && mode !== 'navigate') return false;
  if (header('x-requested-with') !== null || header('sec-websocket-key') !== null) return false;
  return acceptsHtml(header);
}
