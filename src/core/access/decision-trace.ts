/**
 * Why a decision was what it was: rule by rule, binding by binding, as plain values. Read off the
 * evaluations that the decision was made of; nothing in here judges anything a second time.
 */
import type { Decision, EvaluatedRule } from './decision.ts';
import { failedDryRuns, failedEvaluations } from './evaluation.ts';
import type { Json } from '../values/json.ts';
import type { Evaluation } from './policy.ts';
import type { Reason } from '../values/reason.ts';
import type { Rule } from './route.ts';

/** The whole of it. */
export interface DecisionTrace {
  readonly decision: Decision['kind'];
  /** Of a denial; null otherwise. */
  readonly status: number | null;
  /** That must be run first; null unless somebody has to authenticate. */
  readonly flow: string | null;
  readonly route: string | null;
  readonly reasons: readonly Reason[];
  /** What dry runs would have refused. */
  readonly wouldDeny: readonly Denial[];
  /** Every rule that guards the request. */
  readonly rules: readonly RuleTrace[];
}

/** One rule and what it said. */
export interface RuleTrace {
  readonly name: string;
  readonly pattern: string;
  readonly methods: readonly string[] | null;
  readonly public: boolean;
  /** Signs people in. */
  readonly flow: string;
  readonly match: 'all' | 'any';
  /** Null: it was not judged, since it is public, nobody is signed in, or a rule before it denies. */
  readonly pass: boolean | null;
  /** Why the session is too old for it, or null. */
  readonly stale: Reason | null;
  readonly at: string;
  readonly line: string;
  readonly bindings: readonly BindingTrace[];
}

/** One binding and what it said, with those inside of it. */
export interface BindingTrace {
  /** Type or name of the policy; `any` or `all` for a group. */
  readonly policy: string;
  /** How the members of a group combine; null for a single policy. */
  readonly match: 'all' | 'any' | null;
  readonly pass: boolean;
  readonly code: string;
  /** The operands: what was needed, what was there. */
  readonly detail: string | null;
  readonly fault: Evaluation['fault'];
  readonly negate: boolean;
  readonly dryRun: boolean;
  /** Flow that can turn its no into a yes. */
  readonly remedy: string | null;
  /** Epoch milliseconds, or null. */
  readonly expires: number | null;
  readonly at: string;
  readonly line: string;
  /** Members of a group. */
  readonly bindings: readonly BindingTrace[];
}

/** One no, as the log tells it. */
export interface Denial {
  /** `wiki /admin/**`; in a flow `login` or `login second-factor`. */
  readonly rule: string;
  /** Type or name of the policy; null: the rule's own demand on the session. */
  readonly policy: string | null;
  readonly code: string;
  readonly detail: string | null;
  /** `config/doorward.yaml:12:5`, or the path in the configuration where there is no line. */
  readonly line: string;
}

/** The trace of a decision; made when somebody asks for it. */
export function traceOf(decision: Decision): DecisionTrace {
  const { kind, route, rules, evaluated: judged, reasons } = decision;
  return {
    decision: kind,
    status: kind === 'deny' ? decision.status : null,
    flow: kind === 'authenticate' ? decision.flow : null,
    route: route?.id ?? null,
    reasons,
    wouldDeny: dryRunDenialsOf(decision),
    rules: rules.map((rule) => ruleTrace(rule, judged.find((one) => one.rule === rule) ?? null)),
  };
}

/** Every no that a decision rests on, single policies of groups by themselves; empty for an allow. */
export function denialsOf({ kind, evaluated: judged }: Decision): readonly Denial[] {
  if (kind === 'allow') return [];
  return judged.flatMap(({ rule, outcome, stale }) => [
    ...(stale === null ? [] : [told(rule.name, null, stale, rule)]),
    ...failedEvaluations(outcome).map((no) => toldOf(rule.name, no)),
  ]);
}

/** What dry runs would have refused, also under an allow. */
export function dryRunDenialsOf({ evaluated: judged }: Decision): readonly Denial[] {
  return judged.flatMap(({ rule, outcome }) => dryRunDenials(rule.name, outcome.evaluations));
}

/** The same of any gate, a flow's for one; `rule` is what it is called. */
export function dryRunDenials(rule: string, evaluations: readonly Evaluation[]): readonly Denial[] {
  return failedDryRuns(evaluations).map((no) => toldOf(rule, no));
}

function toldOf(rule: string, { binding, verdict }: Evaluation): Denial {
  return told(rule, binding.name, verdict.reason, binding);
}

function told(
  rule: string,
  policy: string | null,
  { code, detail }: Reason,
  place: { readonly at: string; readonly line: string },
): Denial {
  const line = place.line === '' ? place.at : place.line;
  return { rule, policy, code, detail: detail ?? null, line };
}

function ruleTrace(rule: Rule, judged: EvaluatedRule | null): RuleTrace {
  const { name, pattern, methods, flow, policies: gate, at, line } = rule;
  const stale = judged?.stale ?? null;
  return {
    name,
    pattern,
    methods,
    public: rule.public,
    flow,
    match: gate.match,
    pass: judged === null ? null : judged.outcome.pass && stale === null,
    stale,
    at,
    line,
    bindings: judged?.outcome.evaluations.map(bindingTrace) ?? [],
  };
}

function bindingTrace({ binding, verdict, fault, inner }: Evaluation): BindingTrace {
  const { name, evaluate: judge, negate, dryRun, otherwise, expires, at, line } = binding;
  return {
    policy: name,
    match: typeof judge === 'function' ? null : judge.match,
    pass: verdict.pass,
    code: verdict.reason.code,
    detail: verdict.reason.detail ?? null,
    fault,
    negate,
    dryRun,
    remedy: otherwise,
    expires,
    at,
    line,
    bindings: inner.map(bindingTrace),
  };
}

/** The rules of a trace for scripts; names are stable. */
export function rulesJson({ rules }: Pick<DecisionTrace, 'rules'>): Json {
  return rules.map((rule) => ({
    name: rule.name,
    pattern: rule.pattern,
    methods: rule.methods,
    public: rule.public,
    flow: rule.flow,
    match: rule.match,
    pass: rule.pass,
    stale: rule.stale === null ? null : reasonJson(rule.stale),
    at: rule.at,
    line: rule.line,
    bindings: rule.bindings.map(bindingJson),
  }));
}

function bindingJson(binding: BindingTrace): Json {
  const { expires } = binding;
  return {
    policy: binding.policy,
    match: binding.match,
    pass: binding.pass,
    code: binding.code,
    detail: binding.detail,
    fault: binding.fault,
    negate: binding.negate,
    dry_run: binding.dryRun,
    otherwise: binding.remedy,
    expires: expires === null ? null : new Date(expires).toISOString(),
    at: binding.at,
    line: binding.line,
    bindings: binding.bindings.map(bindingJson),
  };
}

function reasonJson({ code, detail }: Reason): Json {
  return { code, detail: detail ?? null };
}
