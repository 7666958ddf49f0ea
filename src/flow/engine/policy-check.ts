/** Policies inside flows: whether a stage runs, whether a flow may be run. An error never opens anything. */
import type { EventSink } from '../../core/access/event.ts';
import type { SignalSource } from '../../core/access/signal.ts';
import { dryRunDenials } from '../../core/access/decision-trace.ts';
import type { StageBinding } from '../../core/flow/flow.ts';
import { failureReasons, keepsStage } from '../../core/policy/evaluation.ts';
import { asUser, claimsOf } from '../../core/sources/profile.ts';
import type { SourceRule } from '../../core/sources/source-rule.ts';
import type { SourceProfile } from '../../core/sources/source.ts';
import type { Json } from '../../core/values/json.ts';
import type { Message } from '../../core/values/message.ts';
import { type Reason, reasonText } from '../../core/values/reason.ts';
import {
  evaluateSet,
  type PolicySet,
  type Evaluation,
  neededBy,
  type Outcome,
  type PolicyInput,
} from '../../core/policy/policy.ts';
import type { Plan } from '../../core/flow/plan.ts';
import type { Subject } from '../../core/people/subject.ts';
import { addProof, type Session } from '../../core/people/session.ts';
import type { Rejection } from '../../core/flow/stage.ts';
import type { User } from '../../core/people/user.ts';
import { appOf, type Run } from '../run/run.ts';
import type { Reached } from './context.ts';

/** What evaluating the policies of flows needs. */
export interface GatePorts {
  readonly signals: SignalSource;
  readonly events: EventSink;
}

/**
 * Whether the stage runs. A clean no leaves it out. If any binding failed or has expired, the stage
 * runs (CVE-2024-47070: a policy error removed the password stage).
 */
export async function stands(ports: GatePorts, reached: Reached): Promise<boolean> {
  const { binding, plan, run, user } = reached;
  if (binding.policies.bindings.length === 0) return true;
  const input = inputOf(plan, run, user, provedBy(plan, run, user));
  const outcome = await evaluated(ports, binding.policies, { input, run, meant: plan.subject });
  emitDryRuns(ports, `${run.flow.name} ${binding.id}`, outcome, { input, run });
  return keepsStage(outcome);
}

/** Evaluates the flow's own policies; an error denies, as on a route. */
export async function admits(ports: GatePorts, plan: Plan, run: Run): Promise<Outcome> {
  const { visitor } = run;
  const input = inputOf(plan, run, visitor?.user ?? null, visitor?.session ?? null);
  const outcome = await evaluated(ports, run.flow.policies, { input, run, meant: null });
  emitDryRuns(ports, run.flow.name, outcome, { input, run });
  return outcome;
}

/** Evaluates a submission by the stage's own policies. Returns every rejection, with the field it is about. */
export async function evaluateSubmission(
  ports: GatePorts,
  { binding, plan, run, user }: Reached,
  prompt: Readonly<Record<string, Json>>,
): Promise<readonly Rejection[]> {
  const input = { ...inputOf(plan, run, user, provedBy(plan, run, user)), prompt };
  const outcome = await evaluated(ports, binding.validators, { input, run, meant: plan.subject });
  emitDryRuns(ports, `${run.flow.name} ${binding.id}`, outcome, { input, run });
  return outcome.evaluations
    .filter((j) => !j.verdict.pass && !j.binding.dryRun)
    .map((no) => ({ field: no.binding.field, reason: no.verdict.reason, words: wordsOf(no) }));
}

/** Evaluates who may sign in with a source, on the account that it vouched for; an error denies. */
export async function admitAccount(
  ports: GatePorts,
  { plan, run }: Reached,
  { name, admit }: SourceRule,
  profile: SourceProfile,
): Promise<readonly Reason[]> {
  const input = { ...inputOf(plan, run, asUser(profile), null), claims: claimsOf(profile) };
  const outcome = await evaluated(ports, admit, { input, run, meant: null });
  emitDryRuns(ports, `sources.${name}`, outcome, { input, run });
  return failureReasons(outcome);
}

/** Warms the signals that a stage's policies need, while the user reads its page. */
export function warmPolicies({ signals }: Pick<GatePorts, 'signals'>, binding: StageBinding): void {
  const names = neededBy([binding.validators]);
  if (names.length > 0) signals.warm?.(names);
}

/** A policy that failed may succeed in a moment. */
function wordsOf({ fault, binding: { message }, verdict: { reason } }: Evaluation): Message {
  if (fault === 'error') return { key: 'flow.refused.unjudged' };
  return message === undefined ? reasonText(reason) : { literal: message };
}

/** Reports what dry runs would have rejected. One page may evaluate them several times. */
function emitDryRuns(
  { events }: GatePorts,
  rule: string,
  { evaluations }: Outcome,
  { input: { user }, run }: { readonly input: PolicyInput; readonly run: Run },
): void {
  const why = dryRunDenials(rule, evaluations);
  if (why.length === 0) return;
  const { clientIp } = run.facts;
  const { requestId } = run;
  const userId = user?.id ?? null;
  events.emit({ type: 'dry-run', flow: run.flow.name, why, userId, clientIp, requestId });
}

/** Signals are gathered only if a policy needs any. */
async function evaluated(
  { signals }: Pick<GatePorts, 'signals'>,
  policies: PolicySet,
  {
    input,
    run,
    meant,
  }: { readonly input: PolicyInput; readonly run: Run; readonly meant: Subject | null },
): Promise<Outcome> {
  const names = neededBy([policies]);
  if (names.length === 0) return evaluateSet(policies, input);
  const device = run.device?.name ?? input.session?.device ?? null;
  const { user } = input;
  const subject = meant ?? (user === null ? null : { login: user.name, userId: user.id });
  return evaluateSet(policies, {
    ...input,
    signals: await signals(names, { ...input, device, subject }),
  });
}

/**
 * What the user has proved: their own session, plus what this run proved. Another user's session
 * counts for nothing.
 */
function provedBy(plan: Plan, run: Run, user: User | null): Session | null {
  if (user === null) return null;
  const own = run.visitor?.user.id === user.id ? run.visitor.session : null;
  if (plan.proofs.length === 0 || plan.subject?.userId !== user.id) return own;
  const { session } = run.snapshot;
  const begun: Session = own ?? {
    v: 1,
    id: '',
    userId: user.id,
    proofs: [],
    createdAt: run.now,
    seenAt: run.now,
    expiresAt: run.now + session.lifetime,
    idle: session.idle,
    client: { ip: run.facts.clientIp, agent: '' },
    ...(run.device === null ? {} : { device: run.device.name }),
  };
  return { ...begun, proofs: plan.proofs.reduce(addProof, begun.proofs) };
}

function inputOf(plan: Plan, run: Run, user: User | null, session: Session | null): PolicyInput {
  const app = appOf(run.snapshot, plan.returnTo);
  return {
    facts: run.facts,
    session,
    user,
    route: app === null ? null : { id: app.id },
    flow: { name: run.flow.name, designation: run.flow.designation },
    event: plan.event ?? 'visit',
    prompt: null,
    field: null,
    signals: {},
    now: run.now,
  };
}
