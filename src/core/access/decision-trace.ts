/**
 * Why a decision was made: rule by rule, binding by binding, as plain values. Derived from the
 * decision's own evaluations; no policy is evaluated a second time.
 */

import type { Json } from '../values/json.ts';
import type { Message } from '../values/message.ts';
import type { Reason } from '../values/reason.ts';
import type { Decision, EvaluatedCondition, EvaluatedRule } from './decision.ts';
import { failedDryRuns, failedEvaluations } from '../policy/evaluation.ts';
import type { Evaluation } from '../policy/policy.ts';
import type { Rule } from '../routes/route.ts';

/** The trace of one decision. */
export interface DecisionTrace {
  readonly decision: Decision['kind'];
  /** HTTP status of a denial; otherwise null. */
  readonly status: number | null;
  /** The flow to run first; null unless the decision is `authenticate`. */
  readonly flow: string | null;
  readonly route: string | null;
  readonly reasons: readonly Reason[];
  /** Denials by dry-run bindings, which had no effect. */
  readonly wouldDeny: readonly Denial[];
  /** The readings of the path, each with the name of its rule; empty if there is only one. */
  readonly readings: readonly ReadingTrace[];
  /** Every rule that guards the request. */
  readonly rules: readonly RuleTrace[];
}

/** One reading of the path: the path that some server could make of the one that was sent. */
interface ReadingTrace {
  readonly path: string;
  /** The name of the rule; null if there is none. */
  readonly rule: string | null;
}

/** One rule and its result. */
export interface RuleTrace {
  readonly name: string;
  readonly pattern: string;
  readonly methods: readonly string[] | null;
  readonly public: boolean;
  /** Denied to all visitors. */
  readonly closed: boolean;
  /** The condition under which no session is required; null if there is none or it was not evaluated. */
  readonly publicIf: ConditionTrace | null;
  /** The flow that signs users in. */
  readonly flow: string;
  readonly match: 'all' | 'any';
  /**
   * True if `publicIf` passes. Null if the rule was not evaluated: it is public or closed, there is
   * no visitor, or another rule denied.
   */
  readonly pass: boolean | null;
  /** Why the session is too old for the rule, or null. */
  readonly stale: Reason | null;
  readonly at: string;
  readonly line: string;
  readonly bindings: readonly BindingTrace[];
}

/** A rule's `publicIf` and its result. */
interface ConditionTrace {
  readonly pass: boolean;
  readonly bindings: readonly BindingTrace[];
}

/** One binding and its verdict, including the members of a group. */
export interface BindingTrace {
  /** Type or name of the policy; `any` or `all` for a group. */
  readonly policy: string;
  /** How the members of a group combine; null for a single policy. */
  readonly match: 'all' | 'any' | null;
  readonly pass: boolean;
  readonly code: string;
  /** What the policy compared, in English: the expected and the actual values. */
  readonly detail: string | null;
  /** The detail for pages, or null if it reads the same in each language. */
  readonly compared: Message | null;
  readonly fault: Evaluation['fault'];
  readonly negate: boolean;
  readonly dryRun: boolean;
  /** A flow that can make a failed verdict pass. */
  readonly remedy: string | null;
  /** Epoch milliseconds, or null. */
  readonly expires: number | null;
  readonly at: string;
  readonly line: string;
  /** The members of a group; empty for a single policy. */
  readonly bindings: readonly BindingTrace[];
}

/** One failed verdict, as written to the log. */
export interface Denial {
  /** `wiki /admin/**`; in a flow, `login` or `login second-factor`. */
  readonly rule: string;
  /** Type or name of the policy; null if the rule itself rejects the session's age. */
  readonly policy: string | null;
  readonly code: string;
  readonly detail: string | null;
  /** `config/doorward.yaml:12:5`, or the configuration path if the line is unknown. */
  readonly line: string;
}

/** The trace of a decision. Compute it on demand only: most decisions are never explained. */
export function traceOf(decision: Decision): DecisionTrace {
  const { kind, route, rules, readings, reasons } = decision;
  return {
    decision: kind,
    status: kind === 'deny' ? decision.status : null,
    flow: kind === 'authenticate' ? decision.flow : null,
    route: route?.id ?? null,
    reasons,
    wouldDeny: dryRunDenialsOf(decision),
    readings: readings.map(({ path, rule }) => ({ path, rule: rule?.name ?? null })),
    rules: rules.map((rule) => ruleTrace(rule, decision)),
  };
}

/**
 * Every failed verdict behind a decision, with groups resolved to their members; empty for an
 * allow.
 */
export function denialsOf({ kind, evaluated }: Decision): readonly Denial[] {
  if (kind === 'allow') return [];
  return evaluated.flatMap(({ rule, outcome, stale }) => [
    ...(stale === null ? [] : [told(rule.name, null, stale, rule)]),
    ...failedEvaluations(outcome).map((no) => toldOf(rule.name, no)),
  ]);
}

/** Denials by dry-run bindings. An allowed request can have some, too. */
export function dryRunDenialsOf({ evaluated }: Decision): readonly Denial[] {
  return evaluated.flatMap(({ rule, outcome }) => dryRunDenials(rule.name, outcome.evaluations));
}

/**
 * Denials by dry-run bindings of any policy set, such as a flow's. `rule` is the name to report.
 */
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

function ruleTrace(rule: Rule, decision: Decision): RuleTrace {
  const { name, pattern, methods, flow, policies: gate, at, line } = rule;
  const evaluated = decision.evaluated.find((one) => one.rule === rule) ?? null;
  const condition = decision.conditions.find((one) => one.rule === rule) ?? null;
  return {
    name,
    pattern,
    methods,
    public: rule.public,
    closed: rule.closed,
    publicIf: condition === null ? null : conditionTrace(condition),
    flow,
    match: gate.match,
    pass: condition?.isOpen === true ? true : passOf(evaluated),
    stale: evaluated?.stale ?? null,
    at,
    line,
    bindings: evaluated?.outcome.evaluations.map(bindingTrace) ?? [],
  };
}

function passOf(evaluated: EvaluatedRule | null): boolean | null {
  return evaluated === null ? null : evaluated.outcome.pass && evaluated.stale === null;
}

function conditionTrace({ isOpen, outcome }: EvaluatedCondition): ConditionTrace {
  return { pass: isOpen, bindings: outcome.evaluations.map(bindingTrace) };
}

function bindingTrace({ binding, verdict, fault, inner }: Evaluation): BindingTrace {
  const { name, evaluate, negate, dryRun, otherwise, expires, at, line } = binding;
  return {
    policy: name,
    match: typeof evaluate === 'function' ? null : evaluate.match,
    pass: verdict.pass,
    code: verdict.reason.code,
    detail: verdict.reason.detail ?? null,
    compared: verdict.reason.compared ?? null,
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

/** The rules of a trace as JSON for scripts. The names are stable. */
export function rulesJson({ rules }: Pick<DecisionTrace, 'rules'>): Json {
  return rules.map((rule) => ({
    name: rule.name,
    pattern: rule.pattern,
    methods: rule.methods,
    public: rule.public,
    closed: rule.closed,
    public_if:
      rule.publicIf === null
        ? null
        : { pass: rule.publicIf.pass, bindings: rule.publicIf.bindings.map(bindingJson) },
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
