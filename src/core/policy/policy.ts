/**
 * Policies: pure, synchronous, compiled at load. A policy set is a set of bound policies.
 * Evaluation fails closed: an error inside a policy is a failed verdict and can never become a
 * pass.
 */
import type { ZodType } from 'zod';
import type { Session } from '../people/session.ts';
import type { Credential } from '../people/token.ts';
import type { User } from '../people/user.ts';
import type { RequestFacts } from '../request/facts.ts';
import type { Json } from '../values/json.ts';
import type { Texts, Words } from '../values/message.ts';
import { Problem } from '../values/problem.ts';
import type { Reason } from '../values/reason.ts';

/**
 * External data that a policy may need, as `name` or `name:bound` (`reused:5`). Gathered only if a
 * binding needs it; see signal.ts.
 */
export type SignalName = string;
export type Signals = Readonly<Record<SignalName, Json>>;

/**
 * How the run of a flow began, as verified by the server. A URL proves nothing about that (where
 * the user came from, which app sent them), because anyone can write a URL.
 */
export type FlowEvent =
  /** The flow was opened, directly or from an app or another flow. */
  | 'visit'
  /** The user arrived with an invitation that was valid for this flow at that time. */
  | 'invitation'
  /** The user opened a link that this run mailed to its subject. */
  | 'link';

/** What a policy may read. Values that do not exist yet are `null`. */
export interface PolicyInput {
  readonly facts: RequestFacts;
  readonly session: Session | null;
  readonly user: User | null;
  /** What the request showed in place of a session. Omitted if there is a session or no user. */
  readonly credential?: Credential;
  /** The rule lets a token satisfy policies about methods. */
  readonly tokensSuffice?: boolean;
  readonly route: {
    readonly id: string;
    readonly frontControllers?: readonly string[];
    readonly prefixes?: readonly string[];
  } | null;
  readonly flow: { readonly name: string; readonly designation: string } | null;
  /** In a flow, how its run began. */
  readonly event: FlowEvent | null;
  /** While a submission is evaluated: all its values by field name, passwords in clear. */
  readonly prompt: Readonly<Record<string, Json>> | null;
  /** While a sign-in with a source is evaluated: what the provider says of the account. Omitted elsewhere. */
  readonly claims?: Readonly<Record<string, Json>>;
  /** While a submission is evaluated: the field that the binding checks, or null. */
  readonly field: string | null;
  readonly signals: Signals;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Whether a policy passes, and why. */
export interface Verdict {
  readonly pass: boolean;
  readonly reason: Reason;
}

/**
 * Evaluates one input. Throws a Problem if data it needs is missing (no user is signed in, the
 * address cannot be read). The verdict then fails, `negate` does not invert it, and a stage is not
 * skipped.
 */
export type Evaluate = (input: PolicyInput) => Verdict;

/** A kind of policy: its options and how they compile. */
export interface Policy<C = unknown> {
  /** The YAML `type` and the name of the folder. */
  readonly type: string;
  /** Options without `type` and the keys of the binding itself; strict. */
  readonly config: ZodType<C>;
  /**
   * The sentences that users read when the policy refuses: `reason.group` for all its reasons,
   * `reason.group/not-member` for one. `detail.group/any` says what was compared; see comparison.ts.
   */
  readonly texts: Texts;
  /**
   * The field to check if the binding names none. A policy with a default field evaluates
   * submissions only; anywhere else it is a fault in the configuration.
   */
  readonly field?: string;
  /** The policy concerns runs of flows. On a route it could never pass, so it is a fault there. */
  readonly inFlows?: true;
  /**
   * The verdict depends on neither the user nor the session, nor on signals about them. Only such
   * policies can open a path without a session (`public_if`).
   */
  readonly withoutUser?: true;
  /** Signals needed under these options for the given field. Omit it if none are needed. */
  needs?(config: C, field?: string | null): readonly SignalName[];
  /**
   * Permissions that must have been granted to the app. The flow of `otherwise` must ask for them
   * (see `StageAssurances`). Omit it if none are needed.
   */
  permissions?(config: C): readonly string[];
  /**
   * Compiles the options at load. Throws with a message for the operator if they cannot work. Call
   * the functions of `configuration` during evaluation only: their results are known once the whole
   * configuration is linked.
   */
  compile(config: C, configuration?: LinkedConfiguration): Evaluate;
}

/** What a policy may know about the whole configuration. */
export interface LinkedConfiguration {
  /** Whether any sign-in needs no more than a password; see password-rule.ts. */
  readonly isPasswordAlone: () => boolean;
}

/** Infers the type of a policy's options for its compile function. */
export function definePolicy<C>(policy: Policy<C>): Policy<C> {
  return policy;
}

/** A policy or a group of policies, bound to the place where it applies. */
export interface Binding {
  /** Policy type, or the name of a named policy; `all` or `any` for a group. */
  readonly name: string;
  /** A compiled policy, or a group whose members are evaluated together. */
  readonly evaluate: Evaluate | PolicySet;
  readonly negate: boolean;
  /** A flow that can make a failed verdict pass. */
  readonly otherwise: string | null;
  /** Epoch milliseconds from which the binding always fails, or null. */
  readonly expires: number | null;
  /** Evaluated and reported, but without effect on the result. */
  readonly dryRun: boolean;
  /** Signals the policy needs; if one is missing, the binding fails. Empty for a group. */
  readonly needs: readonly SignalName[];
  /** When submissions are evaluated: the field that a failed verdict is about. */
  readonly field: string | null;
  /** When submissions are evaluated: what users read if it fails. Omitted: the reason's own text. */
  readonly message?: Words;
  /** Configuration path, for reasons: `routes[0].policies[1]`. */
  readonly at: string;
  /** The location as `config/doorward.yaml:12:5`; `''` if it is in no file. */
  readonly line: string;
}

/** Bound policies and how they combine. An empty set passes. */
export interface PolicySet {
  readonly match: 'all' | 'any';
  readonly bindings: readonly Binding[];
}

export const NO_POLICIES: PolicySet = { match: 'all', bindings: [] };

/** The result of one binding. */
export interface Evaluation {
  readonly binding: Binding;
  readonly verdict: Verdict;
  /**
   * `error`: the policy, or a binding in the group, could not be evaluated. `expired`: the binding
   * is past its `expires`. `negate` does not invert a failure of either kind, and no flow remedies
   * it.
   */
  readonly fault: 'error' | 'expired' | null;
  /** The evaluations of a group's members; empty for a single policy. */
  readonly inner: readonly Evaluation[];
}

/** The result of a policy set, with every evaluation in order. */
export interface Outcome {
  readonly pass: boolean;
  readonly evaluations: readonly Evaluation[];
}

const NO_EVALUATIONS: readonly Evaluation[] = [];
const PASSED: Outcome = { pass: true, evaluations: NO_EVALUATIONS };

/**
 * Evaluates one binding. Expiry, missing signals, exceptions and malformed verdicts fail, and
 * `negate` never inverts them.
 */
export function evaluateBinding(binding: Binding, input: PolicyInput): Evaluation {
  const { expires, evaluate } = binding;
  if (expires !== null && input.now >= expires) {
    const detail = `since ${new Date(expires).toISOString()}`;
    return faulty(binding, 'expired', 'binding/expired', detail);
  }
  return typeof evaluate === 'function'
    ? evaluatePolicy(binding, evaluate, input)
    : evaluateGroup(binding, evaluate, input);
}

function evaluatePolicy(binding: Binding, evaluate: Evaluate, input: PolicyInput): Evaluation {
  for (const signal of binding.needs) {
    if (!Object.hasOwn(input.signals, signal)) {
      return faulty(binding, 'error', 'signal/missing', signal);
    }
  }
  // A plug-in may return less than its type promises.
  let verdict: Partial<Verdict>;
  try {
    verdict = evaluate(binding.field === null ? input : { ...input, field: binding.field }) ?? {};
  } catch (thrown) {
    // Named fallback: a policy that throws fails (rule 1), whatever it throws. Messages of Problems
    // are written for readers, so they are shown.
    const detail = thrown instanceof Problem ? `: ${thrown.message}` : '';
    return faulty(binding, 'error', 'policy/error', `${binding.name} failed${detail}`);
  }
  const { pass: passed, reason: given } = verdict;
  if (typeof passed !== 'boolean' || typeof given?.code !== 'string') {
    return faulty(binding, 'error', 'policy/error', `${binding.name} gave no verdict`);
  }
  const pass = binding.negate ? !passed : passed;
  const code = binding.negate && !pass ? `not/${given.code}` : given.code;
  const reason = reasonOf(code, given, binding.at);
  return { binding, verdict: { pass, reason }, fault: null, inner: NO_EVALUATIONS };
}

function evaluateGroup(binding: Binding, gate: PolicySet, input: PolicyInput): Evaluation {
  const { pass: passed, evaluations: inner } = evaluateSet(gate, input);
  const counted = inner.filter((j) => !j.binding.dryRun);
  const fault = counted.find((j) => j.fault !== null && !j.verdict.pass)?.fault ?? null;
  // An error or expiry means that the group has no valid verdict. Inverting it would turn an error
  // into a pass.
  if (binding.negate && fault !== null) {
    const code = fault === 'error' ? 'policy/error' : 'binding/expired';
    return { ...faulty(binding, fault, code, 'in a group that is negated'), inner };
  }
  const pass = binding.negate ? !passed : passed;
  const about = counted.find((j) => j.verdict.pass === passed)?.verdict.reason;
  const code = `${binding.negate && !pass ? 'not/' : ''}${about?.code ?? `${gate.match}/empty`}`;
  const reason = reasonOf(code, about ?? { code }, binding.at);
  return { binding, verdict: { pass, reason }, fault: pass ? null : fault, inner };
}

/**
 * Adds the code and the configuration path to a reason. Written out without spreads, because every
 * request creates some.
 */
function reasonOf(code: string, given: Reason, rule: string): Reason {
  const { detail, values } = given;
  // Only refusals and constant reasons have these two.
  if (values !== undefined || given.compared !== undefined) return { ...given, code, rule };
  return detail === undefined ? { code, rule } : { code, detail, rule };
}

function faulty(
  binding: Binding,
  fault: 'error' | 'expired',
  code: string,
  detail: string,
): Evaluation {
  const reason = { code, detail, rule: binding.at };
  return { binding, verdict: { pass: false, reason }, fault, inner: NO_EVALUATIONS };
}

/**
 * Evaluates a policy set. Every binding is evaluated, so that all reasons are known. Dry-run
 * bindings are evaluated and listed but do not count.
 */
export function evaluateSet(gate: PolicySet, input: PolicyInput): Outcome {
  if (gate.bindings.length === 0) return PASSED;
  const evaluations: Evaluation[] = [];
  let counted = 0;
  let passed = 0;
  for (const binding of gate.bindings) {
    const evaluation = evaluateBinding(binding, input);
    evaluations.push(evaluation);
    if (binding.dryRun) continue;
    counted += 1;
    if (evaluation.verdict.pass) passed += 1;
  }
  const pass = gate.match === 'all' || counted === 0 ? passed === counted : passed > 0;
  return { pass, evaluations };
}

/** The signals that policy sets need, including those of their groups, without duplicates. */
export function neededBy(gates: readonly PolicySet[]): readonly SignalName[] {
  const names = new Set<SignalName>();
  const visit = ({ bindings }: PolicySet): void => {
    for (const { evaluate, needs } of bindings) {
      for (const name of needs) names.add(name);
      if (typeof evaluate !== 'function') visit(evaluate);
    }
  };
  for (const gate of gates) visit(gate);
  return [...names];
}
