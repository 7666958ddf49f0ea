/** Gates inside flows: whether a stage stands, whether a flow may be run. An error never opens anything. */
import type { StageBinding } from '../core/flow.ts';
import { combine, type Outcome, type PolicyInput } from '../core/policy.ts';
import type { Plan } from '../core/plan.ts';
import type { Reason } from '../core/reason.ts';
import { addProof, type Session } from '../core/session.ts';
import type { User } from '../core/user.ts';
import { appOf, type Run } from './run.ts';

/** Codes by which a gate says that it could not judge. */
const ERRORS = new Set(['policy/error', 'signal/missing']);

/**
 * Whether the stage is in. A clean no leaves it out; a gate of which any binding erred leaves
 * it in (CVE-2024-47070: a policy error once took the password stage away).
 */
export function stands(binding: StageBinding, plan: Plan, run: Run, user: User | null): boolean {
  const outcome = combine(
    binding.gate,
    inputOf(plan.returnTo, run, user, provedBy(plan, run, user)),
  );
  return (
    outcome.pass || outcome.judgements.some((j) => !j.binding.dryRun && isError(j.verdict.reason))
  );
}

/** The flow's own gate; errors are a no, as on a route. */
export function admits(returnTo: string | null, run: Run): Outcome {
  const { visitor } = run;
  return combine(
    run.flow.gate,
    inputOf(returnTo, run, visitor?.user ?? null, visitor?.session ?? null),
  );
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
  };
  return { ...begun, proofs: plan.proofs.reduce(addProof, begun.proofs) };
}

function isError(reason: Reason): boolean {
  return ERRORS.has(reason.code);
}

function inputOf(
  returnTo: string | null,
  run: Run,
  user: User | null,
  session: Session | null,
): PolicyInput {
  const app = appOf(run.snapshot, returnTo);
  return {
    facts: run.facts,
    session,
    user,
    route: app === null ? null : { id: app.id },
    flow: { name: run.flow.name, designation: run.flow.designation },
    prompt: null,
    signals: {},
    now: run.now,
  };
}
