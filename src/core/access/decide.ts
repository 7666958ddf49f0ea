/**
 * How access is granted, in one file. Pure: the same table, facts, visitor, signals and time give
 * the same decision. It fails closed: without a rule, a session or a passing verdict, access is not
 * granted.
 */

import { isRecent, type Session } from '../people/session.ts';
import type { RequestFacts } from '../request/facts.ts';
import { isSafe } from '../request/facts.ts';
import type { Reason } from '../values/reason.ts';
import type { Decision, EvaluatedRule, Visitor } from './decision.ts';
import { dryRunReasons, failureReasons, passReasons, remedyOf } from './evaluation.ts';
import { evaluateSet, type PolicyInput, type Signals } from './policy.ts';
import { checkReturnTo, originOf, type Site } from './return-to.ts';
import type { Match, NoMatch, RouteTable, Rule } from './route.ts';
import type { Absence } from './visitors.ts';

const NONE: readonly Reason[] = [];
const UNRULED: readonly Rule[] = [];
const UNREAD: Decision['readings'] = [];
const NOT_EVALUATED: readonly EvaluatedRule[] = [];

/** What led to a decision: its reasons, denials of dry runs, and the rules evaluated so far. */
type Findings = Pick<Decision, 'reasons' | 'dryRun' | 'evaluated'>;

const ALLOWED_TO_ALL = unevaluated([{ code: 'path/public' }]);
const SIGNED_IN: readonly Reason[] = [{ code: 'session/live' }];
const ABSENT: Readonly<Record<Absence, readonly Reason[]>> = {
  'session/none': [{ code: 'session/none' }],
  'session/elsewhere': [{ code: 'session/elsewhere' }],
  'session/two-cookies': [{ code: 'session/two-cookies' }],
};

/** Everything a decision depends on. */
export interface DecideInput {
  readonly table: RouteTable;
  readonly site: Site;
  readonly facts: RequestFacts;
  /**
   * A live session and an enabled user, or null. The caller has checked that the session is live.
   */
  readonly visitor: Visitor | null;
  /** Why `visitor` is null. Defaults to `session/none`. */
  readonly absence?: Absence;
  readonly signals: Signals;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Decides on one request. */
export function decide(input: DecideInput): Decision {
  const { facts, visitor } = input;
  const found = input.table.find(facts);
  if ('refused' in found) return refused(found, visitor);
  const [rule] = found.rules;
  if (rule === undefined) {
    const reasons = [{ code: 'path/no-rule', detail: facts.method }];
    return deny(found, null, visitor, unevaluated(reasons));
  }
  if (isForeignSocket(input.site, found, facts)) {
    const detail = `opened from ${facts.origin}`;
    const reasons = [{ code: 'websocket/foreign-origin', detail }];
    return deny(found, rule, visitor, unevaluated(reasons));
  }
  const guarded = found.rules.find((r) => !r.public);
  if (guarded === undefined) return allow(found, rule, visitor, ALLOWED_TO_ALL);
  if (visitor === null) {
    const reasons = ABSENT[input.absence ?? 'session/none'];
    return authenticate(input, found, { rule: guarded, flow: guarded.flow }, unevaluated(reasons));
  }
  return evaluateRules(input, found, rule, visitor);
}

/**
 * Evaluates every rule; all must pass. A failed rule without a remedy denies at once, so that no
 * visitor signs in again or proves a second factor only to be refused.
 */
function evaluateRules(input: DecideInput, found: Match, first: Rule, visitor: Visitor): Decision {
  const policyInput = inputOf(input, found, visitor);
  let passed: readonly Reason[] = SIGNED_IN;
  let dryRun: readonly Reason[] = NONE;
  let remedied: Decision | null = null;
  const evaluated: EvaluatedRule[] = [];
  for (const rule of found.rules) {
    if (rule.public) continue;
    const stale = staleness(rule, visitor.session, input.now);
    const outcome = evaluateSet(rule.policies, policyInput);
    evaluated.push({ rule, outcome, stale });
    const wouldDeny = dryRunReasons(outcome.evaluations);
    if (wouldDeny.length > 0) dryRun = [...dryRun, ...wouldDeny];
    if (outcome.pass && stale === null) {
      if (outcome.evaluations.length > 0) passed = passReasons(outcome);
      continue;
    }
    const reasons = [...(stale === null ? NONE : [stale]), ...failureReasons(outcome)];
    const remedy = outcome.pass ? rule.flow : remedyOf(rule.policies.match, outcome.evaluations);
    if (remedy === null) return deny(found, rule, visitor, { reasons, dryRun, evaluated });
    // A new sign-in comes first: it may also satisfy the policies that failed.
    const flow = stale === null ? remedy : rule.flow;
    remedied ??= authenticate(input, found, { rule, flow }, { reasons, dryRun, evaluated });
  }
  if (remedied !== null) return { ...remedied, dryRun };
  const reasons = passed.length === 0 ? SIGNED_IN : passed;
  return allow(found, first, visitor, { reasons, dryRun, evaluated });
}

/** The input for the policies of a route. */
export function inputOf(
  { facts, signals, now }: Pick<DecideInput, 'facts' | 'signals' | 'now'>,
  { route }: Pick<Match, 'route'>,
  { session, user }: Visitor,
): PolicyInput {
  const none = { flow: null, event: null, prompt: null, field: null };
  return { facts, session, user, route, ...none, signals, now };
}

/** Why the session is too old for the rule, or null. Both limits are exclusive. */
function staleness(
  { maxAge, factorAge, at }: Rule,
  session: Session | null,
  now: number,
): Reason | null {
  if (session === null) {
    if (maxAge === null && factorAge === null) return null;
    return { code: 'session/none', detail: 'a token has no sign-in', rule: at };
  }
  if (maxAge !== null && !isRecent(session.createdAt, maxAge, now)) {
    const detail = `signed in ${ago(now - session.createdAt)}`;
    return { code: 'session/too-old', detail, rule: at };
  }
  if (factorAge === null) return null;
  if (session.proofs.some((proof) => isRecent(proof.at, factorAge, now))) return null;
  const newest = Math.max(...session.proofs.map((proof) => proof.at));
  return { code: 'session/factor-too-old', detail: `last proved ${ago(now - newest)}`, rule: at };
}

function ago(milliseconds: number): string {
  if (milliseconds < 0) return 'before the clock was put back';
  return `${Math.floor(milliseconds / 60_000)} minutes ago`;
}

/** Findings of a decision that evaluated no policy. */
function unevaluated(reasons: readonly Reason[]): Findings {
  return { reasons, dryRun: NONE, evaluated: NOT_EVALUATED };
}

function allow(
  { route, rules, readings }: Match,
  rule: Rule,
  visitor: Visitor | null,
  { reasons, dryRun, evaluated }: Findings,
): Decision {
  return { kind: 'allow', route, rule, rules, readings, evaluated, visitor, reasons, dryRun };
}

function authenticate(
  input: DecideInput,
  { route, rules, readings }: Match,
  { rule, flow }: { readonly rule: Rule; readonly flow: string },
  { reasons, dryRun, evaluated }: Findings,
): Decision {
  return {
    kind: 'authenticate',
    route,
    rule,
    rules,
    readings,
    evaluated,
    flow,
    returnTo: comeBackTo(input),
    visitor: input.visitor,
    reasons,
    dryRun,
  };
}

/**
 * Where the visitor returns after the flow. A submitted form cannot be repeated, and a GET of its
 * address may show another page or an error. In that case the visitor returns to the page that
 * contains the form, or to `/` if that page is unknown.
 */
function comeBackTo({ facts, site, table }: DecideInput): string {
  const origin = originOf(site, facts.host, facts.port);
  if (isSafe(facts.method)) return origin + facts.path + facts.query;
  const sender = checkReturnTo(facts.header('referer'), site, table);
  return sender?.startsWith(`${origin}/`) === true ? sender : `${origin}/`;
}

function deny(
  { route, rules, readings }: Match,
  rule: Rule | null,
  visitor: Visitor | null,
  { reasons, dryRun, evaluated }: Findings,
): Decision {
  const decided = { route, rule, rules, readings, evaluated, visitor, reasons, dryRun };
  return { kind: 'deny', status: 403, ...decided };
}

function refused({ refused: code, status, detail }: NoMatch, visitor: Visitor | null): Decision {
  return {
    kind: 'deny',
    status,
    route: null,
    rule: null,
    rules: UNRULED,
    readings: UNREAD,
    evaluated: NOT_EVALUATED,
    visitor,
    reasons: [detail === undefined ? { code } : { code, detail }],
    dryRun: NONE,
  };
}

/**
 * Browsers open websockets across origins and send the victim's cookies along (ASVS 4.4.2). The
 * origin must therefore be the app's own, including the scheme, or be listed in the route.
 */
function isForeignSocket(site: Site, found: Match, facts: RequestFacts): boolean {
  if (facts.kind !== 'websocket' || facts.origin === null) return false;
  if (found.route.origins.includes(facts.origin)) return false;
  return facts.origin !== originOf(site, facts.host, facts.port);
}
