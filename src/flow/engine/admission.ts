/** Whether a visitor may run a flow: first what the flow requires of them, then its policies. */
import type { SessionVisitor } from '../../core/access/decision.ts';
import { failureReasons } from '../../core/policy/evaluation.ts';
import type { Message } from '../../core/values/message.ts';
import { isFreshlyProved } from '../../core/flow/owner.ts';
import type { Plan } from '../../core/flow/plan.ts';
import { newcomerOf } from '../../core/sources/newcomer.ts';
import type { Sources } from '../../core/sources/source-rule.ts';
import type { Run } from '../run/run.ts';
import { admits, type GatePorts } from './policy-check.ts';

export type Admission =
  | { readonly kind: 'ok' }
  /** Already signed in. Signing in again would confuse the user, and a redirect could loop. */
  | { readonly kind: 'signed-in'; readonly visitor: SessionVisitor }
  /** Must sign in (again) first. */
  | { readonly kind: 'sign-in' }
  /** The plan belongs to another user than the one signed in now. */
  | { readonly kind: 'changed' }
  /** Its policies deny it; or the flow is for anonymous visitors, and `visitor` is signed in. */
  | { readonly kind: 'denied'; readonly code: string; readonly visitor: SessionVisitor | null }
  | { readonly kind: 'refused'; readonly code: string; readonly text: Message };

/** How a visitor comes to a plan. */
export interface Approach {
  readonly plan: Plan;
  /** Whether the plan is a fresh start rather than a run to continue. */
  readonly isFresh: boolean;
  /** Whether the user asked to sign in again or as another user. */
  readonly isAgain: boolean;
}

/** What deciding needs. */
export interface AdmissionPorts extends GatePorts {
  readonly sources: Pick<Sources, 'find'>;
}

const OK: Admission = { kind: 'ok' };

/** Decides whether the visitor may run the plan. */
export async function admissionOf(
  ports: AdmissionPorts,
  run: Run,
  approach: Approach,
): Promise<Admission> {
  const required = requirement(ports, run, approach);
  if (required.kind !== 'ok') return required;
  const outcome = await admits(ports, approach.plan, run);
  if (outcome.pass) return OK;
  return {
    kind: 'denied',
    code: failureReasons(outcome)[0]?.code ?? 'flow/refused',
    visitor: null,
  };
}

function requirement(
  { sources }: Pick<AdmissionPorts, 'sources'>,
  run: Run,
  { plan, isFresh, isAgain }: Approach,
): Admission {
  const { flow, visitor } = run;
  switch (flow.requires) {
    case 'link':
      // A stored plan was started by a link; it cannot be started here.
      return plan.revision > 0
        ? OK
        : { kind: 'refused', code: 'flow/link', text: { key: 'flow.refused.link' } };
    case 'source':
      return isLedHere(sources, plan)
        ? OK
        : { kind: 'refused', code: 'flow/source', text: { key: 'flow.refused.source' } };
    case 'anonymous':
      // Only checked at the start: a sign-in within the run must not lock it out of its own flow.
      return visitor !== null && plan.revision === 0
        ? { kind: 'denied', code: 'session/live', visitor }
        : OK;
    case 'session':
    case 'fresh':
      if (visitor === null) return { kind: 'sign-in' };
      if (plan.subject?.userId !== visitor.user.id) return { kind: 'changed' };
      return flow.requires === 'fresh' &&
        plan.revision === 0 &&
        !isFreshlyProved(visitor.session, run.now)
        ? { kind: 'sign-in' }
        : OK;
    case 'anyone':
      return visitor !== null && isFresh && !isAgain && flow.designation === 'authentication'
        ? { kind: 'signed-in', visitor }
        : OK;
  }
}

/** Whether the account's source leads accounts without a user into this flow, still: a reload may have ended that. */
function isLedHere(sources: AdmissionPorts['sources'], { flow, learned, subject }: Plan): boolean {
  const newcomer = newcomerOf(learned, subject);
  const unknown = newcomer === null ? null : sources.find(newcomer.source)?.rule.unknown;
  return unknown?.kind === 'flow' && unknown.flow === flow;
}
