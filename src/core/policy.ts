/**
 * Policies are yes/no gates: pure, synchronous, compiled once at load. Whatever goes
 * wrong inside one is a no; nothing in here can turn an error into a yes.
 */
import type { ZodType } from 'zod';
import type { RequestFacts } from './facts.ts';
import type { Json } from './json.ts';
import { Problem } from './problem.ts';
import type { Reason } from './reason.ts';
import type { Session } from './session.ts';
import type { User } from './user.ts';

/** Data from outside that a policy may ask for; none is gathered unless a binding needs it. */
export type SignalName = string;
export type Signals = Readonly<Record<SignalName, Json>>;

/** What a policy may look at. `null` where there is none yet. */
export interface PolicyInput {
  readonly facts: RequestFacts;
  readonly session: Session | null;
  readonly user: User | null;
  readonly route: { readonly id: string } | null;
  readonly flow: { readonly name: string; readonly designation: string } | null;
  readonly prompt: Readonly<Record<string, Json>> | null;
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
export type Judge = (input: PolicyInput) => Verdict;

/** A kind of policy: its options and how they become a judge. */
export interface Policy<C = unknown> {
  /** The YAML `type` and the folder's name. */
  readonly type: string;
  /** Options without `type` and the binding's own keys; strict. */
  readonly config: ZodType<C>;
  readonly needs?: readonly SignalName[];
  /** Compiles at load. Throws with the operator's words when the options cannot work. */
  compile(config: C): Judge;
}

/** Ties a policy's options to its compile function. */
export function definePolicy<C>(policy: Policy<C>): Policy<C> {
  return policy;
}

/** A policy where it is used. */
export interface Binding {
  /** Policy type, or the name of a named policy. */
  readonly name: string;
  readonly judge: Judge;
  readonly negate: boolean;
  /** Flow that can remedy a no. */
  readonly otherwise: string | null;
  /** Epoch milliseconds from which the binding is a no, or null. */
  readonly expires: number | null;
  /** Judged and reported, never decides. */
  readonly dryRun: boolean;
  /** Signals the judge needs; one that is missing makes the binding a no. */
  readonly needs: readonly SignalName[];
  /** Place in the configuration, for reasons. */
  readonly at: string;
}

/** Bindings with how they combine. An empty list passes. */
export interface Gate {
  readonly match: 'all' | 'any';
  readonly bindings: readonly Binding[];
}

export const OPEN_GATE: Gate = { match: 'all', bindings: [] };

/** What one binding said. */
export interface Judgement {
  readonly binding: Binding;
  readonly verdict: Verdict;
}

/** What a gate said: the answer, every judgement in order. */
export interface Outcome {
  readonly pass: boolean;
  readonly judgements: readonly Judgement[];
}

const NO_JUDGEMENTS: readonly Judgement[] = [];
const PASSED: Outcome = { pass: true, judgements: NO_JUDGEMENTS };

/** One binding's verdict: expiry, missing signals, a throw and a malformed verdict are a no; `negate` never negates those. */
export function judgeBinding(binding: Binding, input: PolicyInput): Verdict {
  if (binding.expires !== null && input.now >= binding.expires) {
    return no(binding, 'binding/expired', `since ${new Date(binding.expires).toISOString()}`);
  }
  for (const signal of binding.needs) {
    if (!Object.hasOwn(input.signals, signal)) return no(binding, 'signal/missing', signal);
  }
  let verdict: Verdict;
  try {
    verdict = binding.judge(input);
  } catch (thrown) {
    // Named fallback: a policy that throws is a no (rule 1), whatever it threw. A Problem's words are meant to be read.
    const why = thrown instanceof Problem ? `: ${thrown.message}` : '';
    return no(binding, 'policy/error', `${binding.name} failed${why}`);
  }
  const { pass: said, reason: given } = (verdict ?? {}) as Partial<Verdict>;
  if (typeof said !== 'boolean' || typeof given?.code !== 'string') {
    return no(binding, 'policy/error', `${binding.name} gave no verdict`);
  }
  const pass = binding.negate ? !said : said;
  const code = binding.negate && !pass ? `not/${given.code}` : given.code;
  return { pass, reason: { ...given, code, rule: binding.at } };
}

function no(binding: Binding, code: string, detail: string): Verdict {
  return { pass: false, reason: { code, detail, rule: binding.at } };
}

/**
 * Judges a gate. Every binding is judged, so that all reasons are known; dry-run
 * bindings are judged and listed, and count as if they were absent.
 */
export function combine(gate: Gate, input: PolicyInput): Outcome {
  if (gate.bindings.length === 0) return PASSED;
  const judgements: Judgement[] = [];
  let counted = 0;
  let passed = 0;
  for (const binding of gate.bindings) {
    const verdict = judgeBinding(binding, input);
    judgements.push({ binding, verdict });
    if (binding.dryRun) continue;
    counted += 1;
    if (verdict.pass) passed += 1;
  }
  const pass = gate.match === 'all' || counted === 0 ? passed === counted : passed > 0;
  return { pass, judgements };
}
