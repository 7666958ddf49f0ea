import { describe, expect, it } from 'vitest';
import { testFlow, type StageWords } from '../../../test/support/flow-fakes.ts';
import { linkedOf, loadText } from '../../../test/support/configuration.ts';
import type { Flow } from '../../core/flow/flow.ts';
import { adviceOnFlows } from './advice.ts';

const FORM: StageWords = {
  type: 'prompt',
  fields: [
    { type: 'username', name: 'username' },
    { type: 'email', name: 'email' },
  ],
};
const WRITE: StageWords = {
  type: 'user_write',
  create: 'always',
  fields: { name: 'username', email: 'email' },
};
const INVITED = { type: 'invitation' };

const warnings = (stages: readonly StageWords[], changes: Partial<Flow> = {}) =>
  adviceOnFlows([testFlow('join', stages, changes)]);

describe('a flow in which anyone creates accounts', () => {
  it.each([
    ['with an address that is only typed', [FORM, WRITE]],
    ['with an invitation that is not required', [{ ...INVITED, required: false }, FORM, WRITE]],
    ['with an invitation that comes too late', [FORM, WRITE, INVITED]],
  ])('causes a warning %s', (_, stages) => {
    expect(warnings(stages)).toEqual([
      { path: 'flow join', level: 'warning', message: expect.stringContaining('enables: true') },
    ]);
  });

  it.each([
    ['verifies the address', [FORM, WRITE, { type: 'email_code', enables: true }], {}],
    ['requires an invitation', [INVITED, FORM, WRITE], {}],
    ['leaves accounts disabled', [FORM, { ...WRITE, inactive: true }], {}],
    ['requires a session', [FORM, WRITE], { requires: 'session' }],
    ['creates no users', [FORM, { ...WRITE, create: 'never' }], {}],
  ] as const)('causes none if it %s', (_, stages, changes) => {
    expect(warnings(stages, changes)).toEqual([]);
  });

  it('is not among the shipped flows', async () => {
    const main = 'public_url: https://auth.example.com\nmail: { type: file }\nsign_up: true\n';
    const { snapshot } = linkedOf(await loadText(main));
    expect(snapshot.flows.has('sign-up')).toBe(true);
    expect(adviceOnFlows(snapshot.flows.values())).toEqual([]);
  });
});
