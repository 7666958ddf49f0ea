/**
 * Policies are yes/no gates: pure, synchronous, compiled once at load. Whatever goes
 * wrong inside one is a no; nothing in here can turn an error into a yes.
 */
import type { ZodType } from 'zod';
import type { RequestFacts } from '../request/facts.ts';
import type { Json } from '../values/json.ts';
import { Problem } from '../values/problem.ts';
import type { Reason } from '../values/reason.ts';
import type { Session } from '../people/session.ts';
import type { User } from '../people/user.ts';

/**
 * Data from outside that a policy may ask for, as `name` or `name:bound` (`reused:5`); none is
 * gathered unless a binding needs it. See signal.ts.
 */
export type SignalName = string;
export type Signals = Readonly<Record<SignalName, Json>>;

/**
 * How a run of a flow was begun, as far as the server found out by itself. What an address merely
 * says (where somebody comes from, which app sent them) is none: anybody can write an address.
 */
export type FlowEvent =
  /** Somebody opened the flow; also when an app or another flow sent them. */
  | 'visit'
  /** They came with an invitation that was good for this flow then. */
  | 'invitation'
  /** A link was redeemed that was mailed in this run to the one it is about. */
  | 'link';

/** What a policy may look at. `null` where there is none yet. */
export interface PolicyInput {
  readonly facts: RequestFacts;
  readonly session: Session | null;
  readonly user: User | null;
  readonly route: { readonly id: string } | null;
  readonly flow: { readonly name: string; readonly designation: string } | null;
  /** In a flow: how this run of it was begun. */
  readonly event: FlowEvent | null;
  /** While answers are judged: all of them by field name, passwords in clear. */
  readonly prompt: Readonly<Record<string, Json>> | null;
  /** While answers are judged: the field the binding is about, or null. */
  readonly field: string | null;
  readonly signals: Signals;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Yes or no, with its reason. */
export interface Verdict {
  readonly pass: boolean;
  readonly reason: Reason;
}

/**
 * Judges one input. Throws a Problem when data it needs is missing (nobody is signed in,
 * the address cannot be read): that is a no which `negate` does not turn, and a stage stays in.
 */
export type Evaluate = (input: PolicyInput) => Verdict;

/** A kind of policy: its options and how they become a judge. */
export interface Policy<C = unknown> {
  /** The YAML `type` and the folder's name. */
  readonly type: string;
  /** Options without `type` and the binding's own keys; strict. */
  readonly config: ZodType<C>;
  /**
   * The field it is about where the binding names none. A policy that has one judges answers and
   * nothing else, and is a fault anywhere else.
   */
  readonly field?: string;
  /** It is about runs of flows: on a route it could never say yes, and is a fault there. */
  readonly inFlows?: true;
  /** Signals it needs under these options, for the field that it is about; none when left out. */
  needs?(config: C, field?: string | null): readonly SignalName[];
  /**
   * Permissions that must have been given to the app: the flow of `otherwise` must ask for them (see
   * `Stage.permissions`). None when left out.
   */
  permissions?(config: C): readonly string[];
  /**
   * Compiles at load. Throws with the operator's words when the options cannot work. What `house` says
   * is known once the whole configuration is linked, so it is asked when judging and never before.
   */
  compile(config: C, house?: House): Evaluate;
}

/** What a policy may know of the whole configuration. */
export interface House {
  /** Whether some sign-in needs no more than a password; see password-rule.ts. */
  readonly isPasswordAlone: () => boolean;
}

/** Ties a policy's options to its compile function. */
export function definePolicy<C>(policy: Policy<C>): Policy<C> {
  return policy;
}

/** A policy, or a group of them, where it is used. */
export interface Binding {
  /** Policy type, or the name of a named policy; `all` or `any` for a group. */
  readonly name: string;
  /** What is asked: a policy's judge, or bindings that are judged together. */
  readonly evaluate: Evaluate | PolicySet;
  readonly negate: boolean;
  /** Flow that can remedy a no. */
  readonly otherwise: string | null;
  /** Epoch milliseconds from which the binding is a no, or null. */
  readonly expires: number | null;
  /** EvaluatedRule and reported, never decides. */
  readonly dryRun: boolean;
  /** Signals the judge needs; one that is missing makes the binding a no. A group has none of its own. */
  readonly needs: readonly SignalName[];
  /** Where answers are judged: the field that a no is about. */
  readonly field: string | null;
  /** Place in the configuration, for reasons: `routes[0].policies[1]`. */
  readonly at: string;
  /** The same as `config/doorward.yaml:12:5`; `''` when it stands in no file. */
  readonly line: string;
}

/** Bindings with how they combine. An empty list passes. */
export interface PolicySet {
  readonly match: 'all' | 'any';
  readonly bindings: readonly Binding[];
}

export const NO_POLICIES: PolicySet = { match: 'all', bindings: [] };

/** What one binding said. */
export interface Evaluation {
  readonly binding: Binding;
  readonly verdict: Verdict;
  /**
   * `error`: it could not judge, or a binding in its group could not; `expired`: its time is over.
   * A no of either is not turned by `negate`, and no flow remedies it.
   */
  readonly fault: 'error' | 'expired' | null;
  /** What the bindings of a group said; empty for a single policy. */
  readonly inner: readonly Evaluation[];
}

/** What a gate said: the answer, every evaluation in order. */
export interface Outcome {
  readonly pass: boolean;
  readonly evaluations: readonly Evaluation[];
}

const NO_EVALUATIONS: readonly Evaluation[] = [];
const PASSED: Outcome = { pass: true, evaluations: NO_EVALUATIONS };

/** One binding's evaluation: expiry, missing signals, a throw and a malformed verdict are a no; `negate` never negates those. */
export function evaluateBinding(binding: Binding, input: PolicyInput): Evaluation {
  const { expires, evaluate: judge } = binding;
  if (expires !== null && input.now >= expires) {
    const detail = `since ${new Date(expires).toISOString()}`;
    return faulty(binding, 'expired', 'binding/expired', detail);
  }
  return typeof judge === 'function'
    ? evaluatePolicy(binding, judge, input)
    : evaluateGroup(binding, judge, input);
}

function evaluatePolicy(binding: Binding, judge: Evaluate, input: PolicyInput): Evaluation {
  for (const signal of binding.needs) {
    if (!Object.hasOwn(input.signals, signal)) {
      return faulty(binding, 'error', 'signal/missing', signal);
    }
  }
  let verdict: Verdict;
  try {
    verdict = judge(binding.field === null ? input : { ...input, field: binding.field });
  } catch (thrown) {
    // Named fallback: a policy that throws is a no (rule 1), whatever it threw. A Problem's words are meant to be read.
    const why = thrown instanceof Problem ? `: ${thrown.message}` : '';
    return faulty(binding, 'error', 'policy/error', `${binding.name} failed${why}`);
  }
  const { pass: said, reason: given } = (verdict ?? {}) as Partial<Verdict>;
  if (typeof said !== 'boolean' || typeof given?.code !== 'string') {
    return faulty(binding, 'error', 'policy/error', `${binding.name} gave no verdict`);
  }
  const pass = binding.negate ? !said : said;
  const code = binding.negate && !pass ? `not/${given.code}` : given.code;
  const reason = reasonOf(code, given, binding.at);
  return { binding, verdict: { pass, reason }, fault: null, inner: NO_EVALUATIONS };
}

function evaluateGroup(binding: Binding, gate: PolicySet, input: PolicyInput): Evaluation {
  const { pass: said, evaluations: inner } = evaluateSet(gate, input);
  const counted = inner.filter((j) => !j.binding.dryRun);
  const fault = counted.find((j) => j.fault !== null && !j.verdict.pass)?.fault ?? null;
  // What could not be judged says nothing: turning it round would make a yes of it.
  if (binding.negate && fault !== null) {
    const code = fault === 'error' ? 'policy/error' : 'binding/expired';
    return { ...faulty(binding, fault, code, 'in a group that is negated'), inner };
  }
  const pass = binding.negate ? !said : said;
  const about = counted.find((j) => j.verdict.pass === said)?.verdict.reason;
  const code = `${binding.negate && !pass ? 'not/' : ''}${about?.code ?? `${gate.match}/empty`}`;
  const reason = reasonOf(code, about ?? { code }, binding.at);
  return { binding, verdict: { pass, reason }, fault: pass ? null : fault, inner };
}

/** Under another code, with its place. Written out, for each request makes some. */
function reasonOf(code: string, { detail, values }: Reason, rule: string): Reason {
  if (values !== undefined)
    return detail === undefined ? { code, values, rule } : { code, detail, values, rule };
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
 * Judges a gate. Every binding is judged, so that all reasons are known; dry-run
 * bindings are judged and listed, and count as if they were absent.
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

/** Signals that a gate needs, those of its groups too; each once. */
export function neededBy(gates: readonly PolicySet[]): readonly SignalName[] {
  const names = new Set<SignalName>();
  const visit = ({ bindings }: PolicySet): void => {
    for (const { evaluate: judge, needs } of bindings) {
      for (const name of needs) names.add(name);
      if (typeof judge !== 'function') visit(judge);
    }
  };
  for (const gate of gates) visit(gate);
  return [...names];
}
