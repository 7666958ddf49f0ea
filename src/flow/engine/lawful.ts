/**
 * Holds stages to their claims at run time, as the linker did at load: a subject, a proof, an
 * insertion or an effect is accepted only from a stage that declares it. A breach is a bug in the
 * stage and ends in an error, never in a session.
 */
import type { Effect } from '../../core/flow/effect.ts';
import type { StageBinding } from '../../core/flow/flow.ts';
import type { Plan } from '../../core/flow/plan.ts';
import { newcomerOf } from '../../core/sources/newcomer.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Claim, Step } from '../../core/flow/stage.ts';
import type { Proven } from '../proving/proven.ts';
import type { Run } from '../run/run.ts';

type Pass = Extract<Step, { kind: 'pass' }>;
type Again = Extract<Step, { kind: 'again' | 'enter' }>;
type Fault = (what: string) => never;

/** Throws if a stage is reached without a claim it wants. The linker proves this for the flow's own stages. */
export function checkWants(binding: StageBinding, plan: Plan, run: Run): void {
  const userId = plan.subject?.userId ?? null;
  const isSignedIn = run.visitor !== null && run.visitor.user.id === userId;
  const isVerified = userId !== null && plan.proofs.length > 0;
  const isInserted = (plan.inserted ?? []).length > 0;
  const holds: Readonly<Record<Claim, boolean>> = {
    identified: plan.subject !== null,
    verified: isVerified,
    // A session started in this very run is not the visitor's yet.
    session: isSignedIn || !isInserted,
    owner: isVerified || isSignedIn,
    prompted: true,
    newcomer: newcomerOf(plan.learned, plan.subject) !== null,
    // With create: if_missing, there may have been a user already.
    applicant: true,
  };
  const lacking = binding.stage.claims(binding.config).wants.filter((claim) => !holds[claim]);
  if (lacking.length > 0) faultOf(binding)(`is reached without ${lacking.join(', ')}`);
}

/** Throws if a step is not one its stage may take. `proven` is empty for `open`. */
export function checkStep(
  binding: StageBinding,
  plan: Plan,
  step: Step,
  proven: readonly Proven[],
): void {
  const fault = faultOf(binding);
  switch (step.kind) {
    case 'pass':
      return checkPass(binding, plan, step, proven);
    case 'ask': {
      // It has not passed, so it may order nothing but emails, and what it declares.
      const { acts = [] } = binding.stage;
      const isOther = (kind: Effect['kind']): boolean =>
        kind !== 'send-mail' && !acts.includes(kind);
      if (step.effects?.some(({ kind }) => isOther(kind)) === true) {
        fault('orders an effect other than an email before it passes');
      }
      return;
    }
    case 'insert': {
      const named = binding.stage.inserts?.(binding.config) ?? [];
      const types = new Set(named.map(({ type }) => type));
      const foreign = step.stages.find(({ type }) => !types.has(type));
      if (foreign !== undefined) fault(`inserts ${foreign.type}, which it does not declare`);
      return;
    }
    case 'again':
      checkProved(binding, plan, step, proven);
      if (binding.stage.takesAnswers !== true) fault('takes no answers of sources');
      if (!step.effects.every(isAnswered)) fault('orders another effect before it passes');
      return;
    case 'enter':
      checkProved(binding, plan, step, proven);
      if (binding.stage.takesAnswers !== true) fault('takes no answers of sources');
      return;
    case 'leave':
      if (step.via !== 'return-to' && binding.stage.takesAnswers !== true) {
        fault('takes no answers of sources');
      }
      return;
    case 'stop':
      return;
  }
}

/** Throws if a stage orders more than an email, or a pass, without a submission. */
export function checkOpened(binding: StageBinding, step: Step): void {
  const effects = step.kind === 'ask' ? (step.effects ?? []) : [];
  if (effects.some(({ kind }) => kind !== 'send-mail')) {
    faultOf(binding)('orders an effect other than an email before it is submitted');
  }
}

/** Whether it follows from what a source says: also the user of an account that had none. */
function isAnswered(effect: Effect): boolean {
  if (effect.kind !== 'write-user')
    return effect.kind === 'link-source' || effect.kind === 'use-source';
  return effect.mode === 'create' && effect.account !== undefined;
}

/** Throws if the step identifies or proves a subject that its stage may not. */
function checkProved(
  binding: StageBinding,
  plan: Plan,
  step: Pass | Again,
  proven: readonly Proven[],
): void {
  const fault = faultOf(binding);
  const { gives, mayProve = false } = binding.stage.claims(binding.config);
  const subject = step.identified ?? plan.subject;
  if (step.identified !== undefined && !gives.includes('identified')) fault('may not identify');
  if (step.proved === undefined) return;
  if (!gives.includes('verified') && !mayProve) fault('may not verify');
  const isProven = (method: string): boolean =>
    proven.some((p) => p.method === method && p.userId === subject?.userId);
  if (![step.proved].flat().every(isProven)) fault('claims a proof that was not made');
}

function checkPass(binding: StageBinding, plan: Plan, step: Pass, proven: readonly Proven[]): void {
  const fault = faultOf(binding);
  checkProved(binding, plan, step, proven);
  const { gives } = binding.stage.claims(binding.config);
  const isVerifying = gives.includes('verified');
  const subject = step.identified ?? plan.subject;
  if (gives.includes('identified') && subject === null) fault('passed without a user');
  // An earlier proof of this run, for this very subject, is enough.
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
