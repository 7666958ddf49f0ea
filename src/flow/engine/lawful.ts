/**
 * Holds stages to their claims at run time, as the linker did at load: who is meant, what is
 * proved, what is put in and what is written are believed only from where they may come. A
 * breach is a fault of ours and ends in an error, never in a session.
 */
import type { StageBinding } from '../../core/flow/flow.ts';
import type { Plan } from '../../core/flow/plan.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Claim, Step } from '../../core/flow/stage.ts';
import type { Proven } from '../proving/proven.ts';
import type { Run } from '../run/run.ts';

type Fault = (what: string) => never;

/** Rejects a stage that is reached where what it wants is not so. Of the flow's own that was proved at load, too. */
export function checkPlace(binding: StageBinding, plan: Plan, run: Run, isInserted: boolean): void {
  const userId = plan.subject?.userId ?? null;
  const isSignedIn = run.visitor !== null && run.visitor.user.id === userId;
  const isVerified = userId !== null && plan.proofs.length > 0;
  const holds: Readonly<Record<Claim, boolean>> = {
    identified: plan.subject !== null,
    verified: isVerified,
    // A session begun in this very run is not the visitor's yet.
    session: isSignedIn || !isInserted,
    owner: isVerified || isSignedIn,
    prompted: true,
  };
  const lacking = binding.stage.claims(binding.config).wants.filter((claim) => !holds[claim]);
  if (lacking.length > 0) faultOf(binding)(`is reached without ${lacking.join(', ')}`);
}

/** Rejects a step that its stage may not take. `proven` is empty for `open`. */
export function checkStep(
  binding: StageBinding,
  plan: Plan,
  step: Step,
  proven: readonly Proven[],
): void {
  const fault = faultOf(binding);
  switch (step.kind) {
    case 'pass':
      return checkPass(binding, plan, step, proven, fault);
    case 'ask':
      // Nobody has answered yet: an email may go out, and nothing else may happen.
      if (step.effects?.some((effect) => effect.kind !== 'send-mail') === true) {
        fault('would do something before it is answered');
      }
      return;
    case 'insert': {
      const named = binding.stage.inserts?.(binding.config) ?? [];
      const types = new Set(named.map((one) => one.type));
      const foreign = step.stages.find((one) => !types.has(one.type));
      if (foreign !== undefined) fault(`puts in ${foreign.type}, which it does not name`);
      return;
    }
    case 'leave':
    case 'stop':
      return;
  }
}

function checkPass(
  binding: StageBinding,
  plan: Plan,
  step: Extract<Step, { kind: 'pass' }>,
  proven: readonly Proven[],
  fault: Fault,
): void {
  const { gives, mayProve = false } = binding.stage.claims(binding.config);
  const subject = step.identified ?? plan.subject;
  const isVerifying = gives.includes('verified');
  if (step.identified !== undefined && !gives.includes('identified')) fault('may not identify');
  if (gives.includes('identified') && subject === null) fault('passed without a user');
  if (step.proved !== undefined) {
    if (!isVerifying && !mayProve) fault('may not verify');
    const isProven = proven.some((p) => p.method === step.proved && p.userId === subject?.userId);
    if (!isProven) fault('claims a proof that was not made');
  }
  // What was proved earlier in this run, for this very subject, will do.
  const isProved = step.identified === undefined && plan.proofs.length > 0;
  if (isVerifying && step.proved === undefined && !isProved) fault('passed without a proof');
  const starts = step.effects?.some((effect) => effect.kind === 'start-session') === true;
  if (starts && !gives.includes('session')) fault('may not start a session');
}

function faultOf(binding: StageBinding): Fault {
  return (what) => {
    throw new Problem('stage/unlawful', `Stage ${binding.id} ${what}.`);
  };
}
