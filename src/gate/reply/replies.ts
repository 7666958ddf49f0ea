/**
 * A decision, refusal or fault turned into an answer: where to send people, what to tell
 * programs. Never decides; login URLs are built here and nowhere else on the hot path.
 */
import type { Decision } from '../../core/access/decision.ts';
import { type DecisionTrace, rulesJson, traceOf } from '../../core/access/decision-trace.ts';
import { MAX_RETURN_TO, originOf, type Site } from '../../core/access/return-to.ts';
import { type WhyLevel, whyFor } from '../../core/access/why.ts';
import type { Body, Reply } from '../../core/request/dialect.ts';
import { isSafe, type RequestFacts } from '../../core/request/facts.ts';
import { expiredEverywhere } from '../../core/request/leftover-cookies.ts';
import type { Refusal } from '../../core/request/refusal.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { ErrorPages } from '../../core/setup/views.ts';
import type { Problem } from '../../core/values/problem.ts';
import type { Reason } from '../../core/values/reason.ts';
import { type Assertion, createIdentity } from './identity-headers.ts';

/** What answering needs. */
export interface ReplyParts {
  readonly pages: ErrorPages;
  /** Signs the assertion header; null leaves it empty even when one is configured. */
  readonly assertion: Assertion | null;
}

/** The request an answer is for. */
export interface ReplyContext {
  readonly snapshot: Snapshot;
  readonly requestId: string;
  /** Request headers by lower-case name; repeated ones are null. */
  readonly header: (name: string) => string | null;
  /** False where nobody will see a page (nginx drops it): then none is made. */
  readonly seesPages: boolean;
}

/** Answers for every door. */
export interface Replies {
  /** Epoch milliseconds `now`: for the assertion. */
  decision(context: ReplyContext, facts: RequestFacts, decision: Decision, now: number): Reply;
  /** `facts`: null when the request could not be read. */
  refusal(context: ReplyContext, refusal: Refusal, facts: RequestFacts | null): Reply;
  /** 503, 500 and their kin; the cause stays out of it. `facts` as above. */
  problem(context: ReplyContext, problem: Problem, facts: RequestFacts | null): Reply;
  /** Every identity header for the decision's visitor, empty when nobody; flat. */
  identity(snapshot: Snapshot, decision: Decision, now: number): readonly string[];
}

/** Joins pages and assertion into answers. */
export function createReplies({ pages, assertion }: ReplyParts): Replies {
  const identity = createIdentity(assertion);

  const refuse = (context: ReplyContext, page: boolean, told: Told): Reply => {
    const headers: string[] = [];
    if (told.retryAfter > 0) headers.push('Retry-After', String(told.retryAfter));
    if (!page) return { kind: 'refuse', status: told.status, headers, body: json(told.json) };
    headers.push('Content-Security-Policy', pages.csp);
    const body = pages.errorPage({
      status: told.status,
      code: told.code,
      reasons: told.reasons,
      why: told.why,
      trace: told.trace,
      requestId: context.requestId,
      host: told.host,
      user: told.user,
      signInUrl: told.signInUrl,
      homeUrl: `${context.snapshot.site.origin}/`,
      retryAfter: told.retryAfter,
      language: context.header('accept-language'),
    });
    return { kind: 'refuse', status: told.status, headers, body };
  };

  const fault = (context: ReplyContext, facts: RequestFacts | null, why: Why): Reply => {
    const { status, code, message, retryAfter } = why;
    return refuse(context, context.seesPages && wantsPage(context.header), {
      status,
      code,
      reasons: [{ code, detail: message }],
      why: 'reasons',
      trace: null,
      host: facts?.host ?? '',
      user: null,
      signInUrl: null,
      retryAfter,
      json: { error: code, message, request_id: context.requestId },
    });
  };

  return {
    identity,
    decision(context, facts, decision, now) {
      const { snapshot, requestId } = context;
      switch (decision.kind) {
        case 'allow':
          return { kind: 'allow', headers: identity(snapshot, decision, now) };
        case 'authenticate': {
          const { flow, rule, visitor, returnTo } = decision;
          // Whoever is signed in and sent to sign in does so anew, and is not told that they are.
          const as = visitor !== null && flow === rule.flow ? 'same' : null;
          const isLost = !isSafe(facts.method);
          const to = flowUrl(snapshot.site, flow, returnTo, as, isLost ? 'unsent' : null);
          const cookies = leftovers(snapshot, facts, decision);
          if (facts.kind === 'page') {
            return { kind: 'redirect', status: isLost ? 303 : 302, to, ...cookies };
          }
          const reason = decision.reasons[0]?.code ?? 'session/none';
          const body = json({ reason, login_url: to, request_id: requestId });
          return { kind: 'unauthorized', loginUrl: to, body, ...cookies };
        }
        case 'deny': {
          const codes = decision.reasons.map((reason) => reason.code);
          const code = codes[0] ?? 'denied';
          const why = whyFor(snapshot.why, decision.visitor?.user ?? null);
          const trace = why === 'trace' ? traceOf(decision) : null;
          const isPage = facts.kind === 'page' && context.seesPages && acceptsHtml(context.header);
          return refuse(context, isPage, {
            status: decision.status,
            code,
            reasons: decision.reasons,
            why,
            trace,
            host: facts.host,
            user: decision.visitor?.user.displayName ?? null,
            signInUrl: signInUrl(snapshot.site, facts, decision),
            retryAfter: 0,
            json: {
              reason: code,
              ...(why === 'code' ? {} : { reasons: codes }),
              ...(trace === null ? {} : { trace: rulesJson(trace) }),
              request_id: requestId,
            },
          });
        }
      }
    },
    refusal: (context, { status, code, detail: message }, facts) =>
      fault(context, facts, { status, code, message, retryAfter: 0 }),
    problem: (context, problem, facts) => fault(context, facts, problem),
  };
}

/** What is told of a refusal or problem. */
type Why = Pick<Problem, 'status' | 'code' | 'message' | 'retryAfter'>;

/** A refusal in words for both kinds of readers. */
interface Told {
  readonly status: number;
  readonly code: string;
  readonly reasons: readonly Reason[];
  readonly why: WhyLevel;
  readonly trace: DecisionTrace | null;
  readonly host: string;
  readonly user: string | null;
  readonly signInUrl: string | null;
  readonly retryAfter: number;
  readonly json: Readonly<Record<string, unknown>>;
}

/**
 * Where a flow is run, with the way back. A return-to that the portal would refuse for its
 * length loses its path: better the app's front door than a dead end. `as`: sign in again, though
 * somebody is signed in. `notice`: what the flow's first page says beside its question.
 */
export function flowUrl(
  site: Site,
  flow: string,
  returnTo: string,
  as: 'same' | 'other' | null = null,
  notice: 'unsent' | null = null,
): string {
  let back = returnTo.includes('"') ? returnTo.replaceAll('"', '%22') : returnTo;
  if (back.length > MAX_RETURN_TO) back = back.slice(0, back.indexOf('/', 8) + 1);
  const who = as === null ? '' : `as=${as}&`;
  const told = notice === null ? '' : `&notice=${notice}`;
  return `${site.origin}/flow/${flow}?${who}rd=${encodeURIComponent(back)}${told}`;
}

/** The end of two cookies of our name, wherever on this host's domains they are. */
function leftovers(
  { session, site }: Snapshot,
  facts: RequestFacts,
  { reasons }: Decision,
): { readonly cookies?: readonly string[] } {
  if (reasons[0]?.code !== 'session/two-cookies') return NOTHING;
  return { cookies: expiredEverywhere([session.cookieName], facts.host, site.scheme) };
}

const NOTHING = {};

/** Where to sign in as somebody else, which ends the session at hand. */
function signInUrl(site: Site, facts: RequestFacts, decision: Decision): string | null {
  const { visitor, route, rule } = decision;
  if (visitor === null || route === null) return null;
  const here = originOf(site, facts.host, facts.port) + facts.path + facts.query;
  return rule === null ? flowUrl(site, 'logout', here) : flowUrl(site, rule.flow, here, 'other');
}

function json(value: Readonly<Record<string, unknown>>): Body {
  return { type: 'application/json; charset=utf-8', text: JSON.stringify(value) };
}

function acceptsHtml(header: (name: string) => string | null): boolean {
  return header('accept')?.includes('text/html') === true;
}

/** As facts tell a page, for requests that never became facts. */
function wantsPage(header: (name: string) => string | null): boolean {
  const mode = header('sec-fetch-mode');
  if (mode !== null && mode !== 'navigate') return false;
  if (header('x-requested-with') !== null || header('sec-websocket-key') !== null) return false;
  return acceptsHtml(header);
}
