/** Checks flows with `requires: source`, which create the users of accounts at sources, and of nothing else. */
import type { FlowConfig } from '../schema/flow-schema.ts';
import { fieldsOf } from '../../core/values/record.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import type { LinkedStage } from './stages.ts';

/** Notes faults of one flow. */
export function checkNewcomers(
  { requires }: Pick<FlowConfig, 'requires'>,
  stages: readonly LinkedStage[],
  root: Spot,
): void {
  if (requires !== 'source') return;
  const creators = stages.filter(({ law }) => law.admitsNewcomer);
  if (!creators.some(isSure)) {
    const text =
      'creates no user for the account at the source; add user_write with create: always and the field name, without policies';
    blame(below(root, 'requires'), text);
  }
  for (const { binding, spot } of creators) {
    const { groups } = fieldsOf(binding.config);
    if (!Array.isArray(groups) || groups.length === 0) continue;
    const text = 'a new user of a source gets only the groups of the option groups of the source';
    blame(below(spot, 'groups'), text);
  }
  for (const { binding, spot } of stages) {
    if (binding.stage.type !== 'invitation') continue;
    blame(below(spot, 'type'), 'invitations do not reach a flow with requires: source');
  }
}

function isSure({ binding, law }: LinkedStage): boolean {
  return !law.skippable && Object.hasOwn(fieldsOf(fieldsOf(binding.config)['fields']), 'name');
}
