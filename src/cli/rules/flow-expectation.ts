/**
 * A test of a flow: whether the user may run it, and which of its stages run. Walks the stages as a run
 * would and evaluates each policy when its stage is reached, without any submission.
 */

import { keepsStage, failureReasons } from '../../core/policy/evaluation.ts';
import {
  evaluateSet,
  type PolicySet,
  neededBy,
  type Outcome,
  type PolicyInput,
} from '../../core/policy/policy.ts';
import type { Flow, StageBinding } from '../../core/flow/flow.ts';
import { FRESH_FOR } from '../../core/flow/owner.ts';
import { isRecent, type Session } from '../../core/people/session.ts';
import type { User } from '../../core/people/user.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { isRefusal } from '../../core/request/refusal.ts';
import type { FlowExpectation } from '../../core/setup/expectation.ts';
import type { Bench, TestResult } from './bench.ts';
import { factsOf, givenSignals, visitorOf } from './question.ts';

/** The result of a walk. */
export function evaluateFlow(test: FlowExpectation, user: User | null, bench: Bench): TestResult {
  const { expect } = test;
  const expected =
    'refused' in expect ? `refused ${expect.refused}` : `stages ${listed(expect.stages)}`;
  const walked = walk(test, user, bench);
  if (typeof walked === 'string')
    return { isAsExpected: false, expected, got: 'nothing', because: walked };
  if ('refused' in walked) {
    const { refused, because } = walked;
    const isAsExpected = 'refused' in expect && refused.includes(expect.refused);
    return { isAsExpected, expected, got: `refused ${refused.join(', ')}`, because };
  }
  const isAsExpected = 'stages' in expect && listed(walked.stages) === listed(expect.stages);
  return {
    isAsExpected,
    expected,
    got: `stages ${listed(walked.stages)}`,
    because: walked.because,
  };
}

function listed(stages: readonly string[]): string {
  return stages.length === 0 ? 'none' : stages.join(', ');
}

type Walked = { readonly because: string } & (
  | { readonly refused: readonly string[] }
  | { readonly stages: readonly string[] }
);

/** The flow as this user would see it, or a text that says why that cannot be determined. */
function walk(test: FlowExpectation, user: User | null, bench: Bench): Walked | string {
  const { given } = test;
  const { snapshot } = bench;
  const flow = snapshot.flows.get(test.flow);
  if (flow === undefined) return `no flow ${test.flow}`;
  const url = `${snapshot.site.origin}/flow/${flow.name}`;
  const facts = factsOf({ url, method: 'GET', ip: given.ip, headers: given.headers });
  if (facts === null || isRefusal(facts)) return 'the request cannot be read';
  const now = given.time ?? bench.now;
  const made = user === null ? null : visitorOf(user, given, now, snapshot.session);
  if (typeof made === 'string') return made;
  const input = inputOf(test, flow, facts, bench);
  const proved = made?.session ?? null;
  const session = test.isSignedIn ? proved : null;
  const entry = requirement(flow, session, now);
  if (entry !== null) return { refused: [entry], because: `it requires ${flow.requires}` };
  const evaluate = evaluateWith(test);
  const admitted = evaluate(flow.policies, {
    ...input,
    user: session === null ? null : user,
    session,
  });
  if (!admitted.pass) {
    const reasons = failureReasons(admitted);
    return { refused: reasons.map(({ code }) => code), because: outcomeText(admitted) };
  }
  const stages: string[] = [];
  const notes: string[] = [];
  const known = { user: session === null ? null : user, session };
  const later = test.isSignedIn ? [] : [...given.methods];
  for (const binding of flow.stages) {
    const { id, policies: gate } = binding;
    if (gate.bindings.length > 0) {
      const outcome = evaluate(gate, { ...input, ...known });
      notes.push(`${id} ${keepsStage(outcome) ? 'runs' : 'is skipped'}: ${outcomeText(outcome)}`);
      if (!keepsStage(outcome)) continue;
    }
    stages.push(id);
    learn(binding, known, { later, user, proved });
  }
  return { stages, because: notes.length === 0 ? 'no stage has policies' : notes.join('; ') };
}

/** What the user of a test proves. */
interface Proofs {
  /** Methods that are still to be proved, in order. */
  readonly later: { readonly method: string; readonly age: number }[];
  readonly user: User | null;
  /** A session with all proofs. */
  readonly proved: Session | null;
}

/** What is known after a stage: the user, and what has been proved. */
function learn(
  { stage, config }: StageBinding,
  known: { user: User | null; session: Session | null },
  { later, user, proved }: Proofs,
): void {
  const { wants, gives, mayProve = false } = stage.claims(config);
  if (gives.includes('identified')) known.user = user;
  // A stage that may prove an identified user: a second factor for users who have one.
  const proves = gives.includes('verified') || (mayProve && wants.includes('identified'));
  if (!proves || known.user === null || proved === null) return;
  const method = later.shift()?.method;
  const proofs = proved.proofs.filter(
    (proof) =>
      proof.method === method || known.session?.proofs.some((one) => one.method === proof.method),
  );
  if (proofs.length > 0) known.session = { ...proved, proofs };
}

/** Why a flow does not start at all, before its policies are evaluated; null if it starts. */
function requirement({ requires }: Flow, session: Session | null, now: number): string | null {
  switch (requires) {
    case 'anonymous':
      return session === null ? null : 'session/live';
    case 'session':
      return session === null ? 'session/none' : null;
    case 'fresh':
      if (session === null) return 'session/none';
      return session.proofs.some((proof) => isRecent(proof.at, FRESH_FOR, now))
        ? null
        : 'session/factor-too-old';
    case 'anyone':
    case 'link':
    case 'source':
      return null;
  }
}

function inputOf(
  { url, given, event }: FlowExpectation,
  { name, designation, requires }: Flow,
  facts: RequestFacts,
  { snapshot, now }: Bench,
): PolicyInput {
  const from = url === null ? null : factsOf({ url, method: 'GET', ip: given.ip, headers: {} });
  const route =
    from === null || isRefusal(from) ? null : snapshot.table.hosted(from.host, from.port);
  return {
    facts,
    session: null,
    user: null,
    route: route === null ? null : { id: route.id },
    flow: { name, designation },
    event: event ?? (requires === 'link' ? 'link' : 'visit'),
    prompt: null,
    field: null,
    signals: {},
    now: given.time ?? now,
  };
}

function evaluateWith({ given }: FlowExpectation) {
  return (gate: PolicySet, input: PolicyInput): Outcome =>
    evaluateSet(gate, { ...input, signals: givenSignals(neededBy([gate]), given.signals) });
}

function outcomeText({ evaluations }: Outcome): string {
  return evaluations
    .map(({ binding, verdict: { pass, reason } }) => {
      const detail = reason.detail === undefined ? '' : `: ${reason.detail}`;
      const answer = pass ? 'yes' : 'no';
      return `${answer} ${binding.name} ${reason.code}${detail}  (${binding.line || binding.at})`;
    })
    .join(', ');
}
