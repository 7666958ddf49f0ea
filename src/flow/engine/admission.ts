/** Who may run a flow at all: what it requires of the visitor, then its own policies. */
import type { SessionVisitor } from '../../core/access/decision.ts';
import { failureReasons } from '../../core/access/evaluation.ts';
import type { Message } from '../../core/values/message.ts';
import { isFreshlyProved } from '../../core/flow/owner.ts';
import type { Plan } from '../../core/flow/plan.ts';
import type { FlowDeps } from '../run/deps.ts';
import { admits } from './gate.ts';
import type { Run } from '../run/run.ts';

export type Entry =
  | { readonly kind: 'ok' }
  /** Somebody is signed in already; asking again would puzzle, redirecting could loop. */
  | { readonly kind: 'signed-in'; readonly visitor: SessionVisitor }
  /** Must sign in (again) first. */
  | { readonly kind: 'sign-in' }
  /** The plan belongs to somebody else than who is signed in now. */
  | { readonly kind: 'changed' }
  /** Its policies say no; or nobody may be signed in, and `visitor` is. */
  | { readonly kind: 'denied'; readonly code: string; readonly visitor: SessionVisitor | null }
  | { readonly kind: 'refused'; readonly code: string; readonly text: Message };

const OK: Entry = { kind: 'ok' };

/** Judges the visitor for a plan at hand. `another`: they asked to sign in again or as somebody else. */
export async function entryOf(
  deps: Pick<FlowDeps, 'signals' | 'events'>,
  run: Run,
  plan: Plan,
  isFresh: boolean,
  another: boolean,
): Promise<Entry> {
  const required = requirement(run, plan, isFresh, another);
  if (required.kind !== 'ok') return required;
  const outcome = await admits(deps, plan, run);
  if (outcome.pass) return OK;
  return {
    kind: 'denied',
    code: failureReasons(outcome)[0]?.code ?? 'flow/refused',
    visitor: null,
  };
}

function requirement(run: Run, plan: Plan, isFresh: boolean, another: boolean): Entry {
  const { flow, visitor } = run;
  switch (flow.requires) {
    case 'link':
      // A plan that is stored was begun by a link; nobody begins one here.
      return plan.revision > 0
        ? OK
        : { kind: 'refused', code: 'flow/link', text: { key: 'flow.refused.link' } };
    case 'anonymous':
      // Once it runs it runs: a sign-in on the way must not shut its own flow out.
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
      return visitor !== null && isFresh && !another && flow.designation === 'authentication'
        ? { kind: 'signed-in', visitor }
        : OK;
  }
}
