/**
 * How access is granted, in one file. Pure: the same table, facts, visitor, signals and time give
 * the same decision. It fails closed: without a rule, a session or a passing verdict, access is not
 * granted.
 */

import { isRecent } from '../people/session.ts';
import { isSafe, type RequestFacts } from '../request/facts.ts';
import type { Reason } from '../values/reason.ts';
import type { Decision, Deny, EvaluatedCondition, EvaluatedRule, Visitor } from './decision.ts';
import { dryRunReasons, failureReasons, passReasons, remedyOf } from '../policy/evaluation.ts';
import {
  evaluateSet,
  neededBy,
  type PolicyInput,
  type SignalName,
  type Signals,
} from '../policy/policy.ts';
import { isAccepted } from '../routes/accepts.ts';
import { isPreflight } from '../routes/cors.ts';
import { type Limit, limitOf, suffices, wordOf } from '../routes/grant.ts';
import { checkReturnTo, originOf, type Site } from './return-to.ts';
import { isOwn, labelOf } from '../routes/hosts.ts';
import type { Match, NoMatch, Route, RouteTable, Rule } from '../routes/route.ts';
import { isSignOutPath } from './sign-out-request.ts';
import type { SignalQuery } from './signal.ts';
import type { Absence } from './visitors.ts';

const NONE: readonly Reason[] = [];
const UNRULED: readonly Rule[] = [];
const UNREAD: Decision['readings'] = [];
const NOT_EVALUATED: readonly EvaluatedRule[] = [];
const UNCONDITIONAL: readonly EvaluatedCondition[] = [];
const MALFORMED: Absence = 'credential/malformed';
const ANONYMOUS = { session: null, user: null };

/**
 * What led to a decision: its reasons, denials of dry runs, and the rules and conditions evaluated
 * so far.
 */
type Findings = Pick<Decision, 'reasons' | 'dryRun' | 'evaluated' | 'conditions'>;

const ALLOWED_TO_ALL = unevaluated([{ code: 'path/public' }]);
const PREFLIGHT = unevaluated([{ code: 'cors/preflight' }]);
const DENIED_TO_ALL = unevaluated([{ code: 'path/closed' }]);
const OPENED: readonly Reason[] = [{ code: 'path/public-if' }];
const SIGNED_IN: readonly Reason[] = [{ code: 'session/live' }];

/** Everything a decision depends on. */
export interface DecideInput {
  readonly table: RouteTable;
  readonly site: Site;
  readonly facts: RequestFacts;
  /**
   * An enabled user with a live session or a grant, or null. The caller has checked that the session
   * is live and the grant genuine.
   */
  readonly visitor: Visitor | null;
  /** Why `visitor` is null. Defaults to `session/none`. */
  readonly absence?: Absence;
  /** Epoch milliseconds before which the credential is not checked again. Default: null. */
  readonly retryAt?: number | null;
  readonly signals: Signals;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Decides on one request. */
export function decide(input: DecideInput): Decision {
  const { facts, visitor: shown, now } = input;
  const found = input.table.find(facts);
  if ('refused' in found) return refused(found, shown);
  const grant = shown?.session === null ? shown.grant : null;
  const limit = shown === null ? null : limitOf(grant, found, facts, now);
  const visitor = limit === null ? shown : null;
  const [rule] = found.rules;
  if (rule === undefined) {
    const reasons = [{ code: 'path/no-rule', detail: facts.method }];
    return deny(found, null, visitor, unevaluated(reasons));
  }
  const closed = found.rules.find(isClosed);
  if (closed !== undefined) return deny(found, closed, visitor, DENIED_TO_ALL);
  // The app answers it, without knowing whose it is: browsers send preflights without cookies.
  if (isPreflight(found.route.cors, facts, 'pass')) return allow(found, rule, null, PREFLIGHT);
  if (isForeignSocket(input.site, found, facts)) {
    const detail = `opened from ${facts.origin}`;
    const reasons = [{ code: 'websocket/foreign-origin', detail }];
    return deny(found, rule, visitor, unevaluated(reasons));
  }
  const conditions = evaluateConditions(input, found);
  const guarded = firstGuarded(found, conditions);
  if (guarded === null) {
    const isAlways = conditions.length === 0;
    return allow(found, rule, visitor, isAlways ? ALLOWED_TO_ALL : unevaluated(OPENED, conditions));
  }
  if (limit !== null || !isIdentified(input)) {
    return unidentified(input, found, { rule: guarded, limit, conditions });
  }
  const reason = foreignHost(found, facts, input.visitor.user);
  if (reason !== null) return deny(found, guarded, visitor, unevaluated([reason], conditions));
  return evaluateRules(input, found, rule, conditions);
}

/** Without a credential that counts here. */
function unidentified(
  input: DecideInput,
  found: Match,
  { rule, limit, conditions }: Unidentified,
): Decision {
  const reason = limit?.reason ?? { code: input.absence ?? 'session/none' };
  const findings = unevaluated([reason], conditions);
  if (limit?.needsAnother === false) return deny(found, rule, input.visitor, findings);
  if (reason.code === MALFORMED) return { ...deny(found, rule, null, findings), status: 400 };
  const { retryAt = null } = input;
  if (retryAt !== null) {
    const retryAfter = Math.max(1, Math.ceil((retryAt - input.now) / 1000));
    return { ...deny(found, rule, null, findings), status: 429, retryAfter };
  }
  // A flow would only lead to a session.
  if (!isAccepted(found.rules, 'session')) {
    return { ...deny(found, rule, null, findings), status: 401 };
  }
  return authenticate(input, found, { rule, flow: rule.flow }, findings);
}

interface Unidentified {
  /** The first rule that requires a credential. */
  readonly rule: Rule;
  readonly limit: Limit | null;
  readonly conditions: readonly EvaluatedCondition[];
}

/** Why a host that belongs to a user or group is not this user's, or null. */
function foreignHost(
  { owner }: Match,
  { host }: RequestFacts,
  user: Visitor['user'],
): Reason | null {
  if (owner === null || isOwn(owner, host, user)) return null;
  return { code: 'host/not-yours', detail: `belongs to the ${owner} ${labelOf(host)}` };
}

function isClosed(rule: Rule): boolean {
  return rule.closed;
}

function isConditional(rule: Rule): boolean {
  return rule.publicIf !== null;
}

type Identified = DecideInput & { readonly visitor: Visitor };

function isIdentified(input: DecideInput): input is Identified {
  return input.visitor !== null;
}

/**
 * Evaluates the conditions under which rules require no session, for all visitors as if they were
 * anonymous: a sign-in never closes what is open without one.
 */
function evaluateConditions(input: DecideInput, found: Match): readonly EvaluatedCondition[] {
  if (!found.rules.some(isConditional)) return UNCONDITIONAL;
  const policyInput = inputOf(input, found, ANONYMOUS);
  return found.rules.flatMap((rule) => {
    if (rule.publicIf === null) return [];
    const outcome = evaluateSet(rule.publicIf, policyInput);
    // A set that is empty or consists of dry runs passes, but must not open anything.
    return [{ rule, isOpen: outcome.pass && passReasons(outcome).length > 0, outcome }];
  });
}

function firstGuarded({ rules }: Match, conditions: readonly EvaluatedCondition[]): Rule | null {
  for (const rule of rules) if (!isOpen(rule, conditions)) return rule;
  return null;
}

/** Whether the rule requires no session for this request. */
function isOpen(rule: Rule, conditions: readonly EvaluatedCondition[]): boolean {
  if (rule.publicIf === null) return rule.public;
  return conditions.some((one) => one.rule === rule && one.isOpen);
}

/**
 * Evaluates every rule; all must pass. A failed rule without a remedy denies at once, so that no
 * visitor signs in again or proves a second factor only to be refused.
 */
function evaluateRules(
  input: Identified,
  found: Match,
  first: Rule,
  conditions: readonly EvaluatedCondition[],
): Decision {
  const { visitor } = input;
  const policyInput = inputOf(input, found, visitor);
  let passed: readonly Reason[] = SIGNED_IN;
  let dryRun: readonly Reason[] = NONE;
  let remedied: Decision | null = null;
  const evaluated: EvaluatedRule[] = [];
  for (const rule of found.rules) {
    if (isOpen(rule, conditions)) continue;
    const stale = staleness(rule, visitor, input.now);
    const outcome = evaluateSet(rule.policies, inputFor(rule, policyInput));
    evaluated.push({ rule, outcome, stale });
    const wouldDeny = dryRunReasons(outcome.evaluations);
    if (wouldDeny.length > 0) dryRun = [...dryRun, ...wouldDeny];
    if (outcome.pass && stale === null) {
      if (outcome.evaluations.length > 0) passed = passReasons(outcome);
      continue;
    }
    const reasons = [...(stale === null ? NONE : [stale]), ...failureReasons(outcome)];
    const remedy = outcome.pass ? rule.flow : remedyOf(rule.policies.match, outcome.evaluations);
    const findings = { reasons, dryRun, evaluated, conditions };
    if (remedy === null) return deny(found, rule, visitor, findings);
    // A new sign-in comes first: it may also satisfy the policies that failed.
    const flow = stale === null ? remedy : rule.flow;
    remedied ??= authenticate(input, found, { rule, flow }, findings);
  }
  if (remedied !== null) return { ...remedied, dryRun };
  const reasons = passed.length === 0 ? SIGNED_IN : passed;
  return allow(found, first, visitor, { reasons, dryRun, evaluated, conditions });
}

/** The input for the policies of a route. */
export function inputOf(
  { facts, signals, now }: Pick<DecideInput, 'facts' | 'signals' | 'now'>,
  { route }: Pick<Match, 'route'>,
  visitor: Visitor | typeof ANONYMOUS,
): PolicyInput {
  const { session, user } = visitor;
  const none = { flow: null, event: null, prompt: null, field: null };
  const input = { facts, session, user, route, ...none, signals, now };
  return 'grant' in visitor ? { ...input, credential: visitor.grant.credential } : input;
}

/** The input for one rule: some let a token satisfy policies about methods. */
function inputFor(rule: Rule, input: PolicyInput): PolicyInput {
  return suffices(rule, input.credential) ? { ...input, tokensSuffice: true } : input;
}

/**
 * The signals that a decision about this visitor needs. For an anonymous visitor, only conditions
 * are evaluated.
 */
export function neededFor(
  { rules }: Pick<Match, 'rules'>,
  visitor: Visitor | null,
): readonly SignalName[] {
  const conditions = rules.flatMap(({ publicIf }) => publicIf ?? []);
  if (visitor === null) return neededBy(conditions);
  return neededBy([...conditions, ...rules.map(({ policies }) => policies)]);
}

/** What these signals are gathered for. */
export function queryOf(
  input: Pick<DecideInput, 'facts' | 'signals' | 'now' | 'visitor'>,
  found: Pick<Match, 'route'>,
): SignalQuery {
  const { visitor } = input;
  if (visitor === null) return { ...inputOf(input, found, ANONYMOUS), device: null, subject: null };
  const { user, session } = visitor;
  const subject = { login: user.name, userId: user.id };
  return { ...inputOf(input, found, visitor), device: session?.device ?? null, subject };
}

/** Why the session is too old for the rule, or null. Both limits are exclusive. */
function staleness(rule: Rule, visitor: Visitor, now: number): Reason | null {
  const { maxAge, factorAge, at } = rule;
  if (maxAge === null && factorAge === null) return null;
  const { session } = visitor;
  if (session === null) {
    const { credential } = visitor.grant;
    if (suffices(rule, credential)) return null;
    return { code: 'session/none', detail: `a ${wordOf(credential)} has no sign-in`, rule: at };
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

/** Findings of a decision that evaluated no policy of a rule. */
function unevaluated(
  reasons: readonly Reason[],
  conditions: readonly EvaluatedCondition[] = UNCONDITIONAL,
): Findings {
  return { reasons, dryRun: NONE, evaluated: NOT_EVALUATED, conditions };
}

function allow(
  { route, rules, readings }: Match,
  rule: Rule,
  visitor: Visitor | null,
  { reasons, dryRun, evaluated, conditions }: Findings,
): Decision {
  return {
    kind: 'allow',
    route,
    rule,
    rules,
    readings,
    evaluated,
    conditions,
    visitor,
    reasons,
    dryRun,
  };
}

function authenticate(
  input: DecideInput,
  { route, rules, readings }: Match,
  { rule, flow }: { readonly rule: Rule; readonly flow: string },
  { reasons, dryRun, evaluated, conditions }: Findings,
): Decision {
  return {
    kind: 'authenticate',
    route,
    rule,
    rules,
    readings,
    evaluated,
    conditions,
    flow,
    returnTo: comeBackTo(input, route),
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
function comeBackTo({ facts, site, table }: DecideInput, route: Route): string {
  const origin = originOf(site, facts.host, facts.port);
  // To sign in there would be to sign out again.
  if (isSignOutPath(route, facts)) return `${origin}/`;
  if (isSafe(facts.method)) return origin + facts.path + facts.query;
  const sender = checkReturnTo(facts.header('referer'), site, table);
  return sender?.startsWith(`${origin}/`) === true ? sender : `${origin}/`;
}

function deny(
  { route, rules, readings }: Match,
  rule: Rule | null,
  visitor: Visitor | null,
  { reasons, dryRun, evaluated, conditions }: Findings,
): Deny {
  return {
    kind: 'deny',
    status: 403,
    route,
    rule,
    rules,
    readings,
    evaluated,
    conditions,
    visitor,
    reasons,
    dryRun,
  };
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
    conditions: UNCONDITIONAL,
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
