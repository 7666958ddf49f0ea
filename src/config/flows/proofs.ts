/** Notes faults for flows that the laws do not allow, each with its remedy. */
import type { Claim } from '../../core/flow/stage.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import type { FlowConfig } from '../schema/flow-schema.ts';
import { breaches, unreachable } from './laws.ts';
import { checkNewcomers } from './newcomers.ts';
import { checkSignUps } from './sign-ups.ts';
import type { LinkedStage } from './stages.ts';
import { fieldsOf } from '../../core/values/record.ts';

/** Notes all breaches of a flow. `value`: the file as it was written. */
export function proveFlow(
  config: FlowConfig,
  stages: readonly LinkedStage[],
  value: unknown,
  root: Spot,
): void {
  proveOrder(config, stages);
  proveReach(config, stages, root);
  checkSignUps(stages);
  checkNewcomers(config, stages, root);
  checkDenied(value, config, root);
}

const LACKS: Readonly<Record<Claim, string>> = {
  identified: 'an identified user; put identification before it',
  verified: 'a verified user; put a stage such as password before it',
  applicant: 'a new user with an address; put user_write with create and the field email before it',
  prompted: 'fields to write; put prompt or invitation before it',
  newcomer: 'an account at a source that has no user yet; set requires: source',
  session: 'a session; set requires: session, or put user_login before it',
  owner:
    'proof that the user owns the account; set requires: fresh, or put a stage such as password before it',
};

function proveOrder(config: FlowConfig, stages: readonly LinkedStage[]): void {
  const laws = stages.map((stage) => stage.law);
  for (const { index, missing, inserted } of breaches(config.requires, laws)) {
    const stage = stages[index];
    if (stage === undefined) continue;
    const { binding, spot } = stage;
    const who =
      inserted === undefined
        ? `${binding.id} may be`
        : `${binding.id} inserts ${inserted}, which is`;
    for (const claim of missing) {
      const text = `${who} reached without ${LACKS[claim]}`;
      blame(below(spot, 'type'), text + lostBy(claim, stages.slice(0, index)));
    }
  }
}

/** Notes faults for stages that are never reached, and for links that no stage redeems. */
function proveReach(config: FlowConfig, stages: readonly LinkedStage[], root: Spot): void {
  const lost = unreachable(stages.map((stage) => stage.law));
  const stage = lost === null ? undefined : stages[lost.index];
  const end = lost === null ? undefined : stages[lost.end];
  if (stage !== undefined && end !== undefined) {
    const { binding, spot } = stage;
    const text = `${binding.id} is never reached: ${end.binding.id} before it ends every run; add policies to it, or put it last`;
    blame(below(spot, 'type'), text);
  }
  if (config.requires !== 'link') return;
  const first = stages[0];
  if (first?.binding.stage.redeemsLinks === true && !first.law.skippable) return;
  const text =
    'expected email_link without policies as the first stage, because it redeems the link; without requires: link, users can start the flow themselves';
  blame(below(root, 'requires'), text);
}

/** `denied` without policies is a misunderstanding: users without a session are sent to sign in. */
function checkDenied(value: unknown, config: FlowConfig, root: Spot): void {
  const isGiven = Object.hasOwn(fieldsOf(value), 'denied');
  if (!isGiven || config.policies.length > 0 || config.requires === 'anonymous') return;
  const text =
    'has no effect: the flow has neither policies nor requires: anonymous, so it admits every user';
  blame(below(root, 'denied'), text, null, 'key');
}

/** Why an earlier stage that gives the claim does not count. */
function lostBy(claim: Claim, before: readonly LinkedStage[]): string {
  const giver = before.findLastIndex((stage) => stage.law.gives.includes(claim));
  const stage = before[giver];
  if (stage === undefined) return '';
  const { id } = stage.binding;
  if (stage.law.skippable) return `; ${id} does not count, since its policies may leave it out`;
  const later = before.slice(giver + 1).find((one) => one.law.gives.includes('identified'));
  return later === undefined ? '' : `; ${later.binding.id} identifies the user again after ${id}`;
}
