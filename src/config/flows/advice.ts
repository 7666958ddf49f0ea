/** Advice on flows: accounts that anyone can create without proving anything. */
import type { Advice } from '../../core/setup/advice.ts';
import type { Flow, StageBinding } from '../../core/flow/flow.ts';
import { fieldsOf } from '../../core/values/record.ts';

/** One warning for each flow in which strangers create enabled accounts without a verified address. */
export function adviceOnFlows(flows: Iterable<Flow>): readonly Advice[] {
  return [...flows].filter(isOpen).map(({ name }) => ({
    path: `flow ${name}`,
    level: 'warning',
    message:
      'anyone can create accounts here, with addresses of others: add email_code with enables: true after user_write, ' +
      'put an invitation before it, limit the flow with policies, or set inactive: true',
  }));
}

function isOpen({ requires, policies, stages }: Flow): boolean {
  // Other requirements admit known users alone.
  if ((requires !== 'anyone' && requires !== 'anonymous') || policies.bindings.length > 0) {
    return false;
  }
  const writer = stages.findIndex(isCreating);
  return writer >= 0 && !stages.slice(0, writer).some(isInvitation) && !stages.some(isEnabling);
}

function isCreating({ stage, config }: StageBinding): boolean {
  const { create, inactive } = fieldsOf(config);
  return stage.type === 'user_write' && create !== 'never' && inactive !== true;
}

function isInvitation({ stage, config, policies }: StageBinding): boolean {
  const isRequired = stage.type === 'invitation' && fieldsOf(config).required === true;
  return isRequired && policies.bindings.length === 0;
}

function isEnabling({ stage, config }: StageBinding): boolean {
  return stage.enables?.(config) === true;
}
