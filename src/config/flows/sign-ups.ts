/** Checks stages that verify the addresses of new users: each run with a new user must pass one that creates the user. */
import { below, blame } from '../faults/spot.ts';
import type { LinkedStage } from './stages.ts';

/** Notes faults of one flow. */
export function checkSignUps(stages: readonly LinkedStage[]): void {
  for (const [index, stage] of stages.entries()) {
    const { binding, law, spot } = stage;
    if (isEnabling(stage)) {
      if (!law.skippable) continue;
      const text = `its policies may leave ${binding.id} out, and then no user is created; remove them`;
      blame(below(spot, 'policies'), text);
    } else if (provesByEmail(stage)) {
      const before = stages.slice(0, index).findLast(({ law: { gives } }) => identifies(gives));
      if (before?.law.gives.includes('applicant') !== true) continue;
      const text = `follows ${before.binding.id}, whose new user has no verified address, so no email is sent; set enables: true`;
      blame(below(spot, 'type'), text);
    }
  }
}

function isEnabling({ binding: { stage, config } }: LinkedStage): boolean {
  return stage.enables?.(config) === true;
}

function provesByEmail({ binding: { stage, config }, law }: LinkedStage): boolean {
  return stage.needs?.mailer?.(config) === true && law.gives.includes('verified');
}

function identifies(gives: LinkedStage['law']['gives']): boolean {
  return gives.includes('identified') || gives.includes('session');
}
