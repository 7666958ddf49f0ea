/** Gates inside flows: whether a stage stands, whether a flow may be run. An error never opens anything. */
import { dryRunDenials } from '../../core/access/decision-trace.ts';
import type { StageBinding } from '../../core/flow/flow.ts';
import { keepsStage } from '../../core/access/evaluation.ts';
import type { Json } from '../../core/values/json.ts';
import type { Message } from '../../core/values/message.ts';
import {
  evaluateSet,
  type PolicySet,
  type Evaluation,
  neededBy,
  type Outcome,
  type PolicyInput,
} from '../../core/access/policy.ts';
import type { Plan } from '../../core/flow/plan.ts';
import type { Subject } from '../../core/people/subject.ts';
import { addProof, type Session } from '../../core/people/session.ts';
import type { AnswerRefusal } from '../../core/flow/stage.ts';
import type { User } from '../../core/people/user.ts';
import { reasonWords } from '../../pages/words/reason-words.ts';
import type { FlowDeps } from '../run/deps.ts';
import { appOf, type Run } from '../run/run.ts';

type GateDeps = Pick<FlowDeps, 'signals' | 'events'>;

/**
 * Whether the stage is in. A clean no leaves it out; a gate of which any binding erred, or
 * has expired, leaves it in (CVE-2024-47070: a policy error once took the password stage away).
 */
export async function stands(
  deps: GateDeps,
  binding: StageBinding,
  plan: Plan,
  run: Run,
  user: User | null,
): Promise<boolean> {
  if (binding.policies.bindings.length === 0) return true;
  const input = inputOf(plan, run, user, provedBy(plan, run, user));
  const outcome = await judged(deps, binding.policies, input, run, plan.subject);
  tellDryRuns(deps, `${run.flow.name} ${binding.id}`, outcome, input, run);
  return keepsStage(outcome);
}

/** The flow's own gate; errors are a no, as on a route. */
export async function admits(deps: GateDeps, plan: Plan, run: Run): Promise<Outcome> {
  const { visitor } = run;
  const input = inputOf(plan, run, visitor?.user ?? null, visitor?.session ?? null);
  const outcome = await judged(deps, run.flow.policies, input, run, null);
  tellDryRuns(deps, run.flow.name, outcome, input, run);
  return outcome;
}

/** Judges answers by the stage's own policies; every no, with the field it is about. */
export async function judgeAnswers(
  deps: GateDeps,
  binding: StageBinding,
  plan: Plan,
  run: Run,
  user: User | null,
  prompt: Readonly<Record<string, Json>>,
): Promise<readonly AnswerRefusal[]> {
  const input = { ...inputOf(plan, run, user, provedBy(plan, run, user)), prompt };
  const outcome = await judged(deps, binding.judges, input, run, plan.subject);
  tellDryRuns(deps, `${run.flow.name} ${binding.id}`, outcome, input, run);
  return outcome.evaluations
    .filter((j) => !j.verdict.pass && !j.binding.dryRun)
    .map((no) => ({ field: no.binding.field, reason: no.verdict.reason, words: wordsOf(no) }));
}

/** Makes ready what the answers of a stage will be judged by, while its page is read. */
export function warmJudges({ signals }: Pick<GateDeps, 'signals'>, binding: StageBinding): void {
  const names = neededBy([binding.judges]);
  if (names.length > 0) signals.warm?.(names);
}

/** What could not be judged may be so in a moment. */
function wordsOf({ fault, verdict: { reason } }: Evaluation): Message {
  if (fault === 'error') return { key: 'flow.refused.unjudged' };
  const words = reasonWords(reason.code);
  if ('literal' in words || reason.values === undefined) return words;
  return { ...words, values: reason.values };
}

/** What dry runs would have refused: each time they are judged, which a page may be several times. */
function tellDryRuns(
  { events }: GateDeps,
  rule: string,
  { evaluations }: Outcome,
  { user }: PolicyInput,
  { flow, facts, requestId }: Run,
): void {
  const why = dryRunDenials(rule, evaluations);
  if (why.length === 0) return;
  const { clientIp } = facts;
  const userId = user?.id ?? null;
  events.emit({ type: 'dry-run', flow: flow.name, why, userId, clientIp, requestId });
}

/** Signals are gathered only for a gate that needs any. */
async function judged(
  { signals }: Pick<GateDeps, 'signals'>,
  gate: PolicySet,
  input: PolicyInput,
  run: Run,
  meant: Subject | null,
): Promise<Outcome> {
  const names = neededBy([gate]);
  if (names.length === 0) return evaluateSet(gate, input);
  const device = run.device?.name ?? input.session?.device ?? null;
  const { user } = input;
  const subject = meant ?? (user === null ? null : { login: user.name, userId: user.id });
  return evaluateSet(gate, {
    ...input,
    signals: await signals(names, { ...input, device, subject }),
  });
}

/**
 * What the person at hand has proved: their session, if it is theirs, with what this very run
 * proved. Somebody else's session says nothing about them.
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
