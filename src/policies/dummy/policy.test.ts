import { describe, expect, it } from 'vitest';
import { anInput } from '../../../test/support/policy-input.ts';
import { dummy } from './policy.ts';

const evaluate = (options: unknown) => dummy.compile(dummy.config.parse(options))(anInput());

describe('dummy', () => {
  it('returns the configured verdict', () => {
    expect(evaluate({ pass: true })).toEqual({ pass: true, reason: { code: 'dummy/passed' } });
    expect(evaluate({ pass: false, reason: 'closed for tests' })).toEqual({
      pass: false,
      reason: { code: 'dummy/refused', detail: 'closed for tests' },
    });
  });

  it.each([{}, { pass: 'yes' }, { pass: true, delay: '5s' }])('refuses options %j', (options) => {
    expect(dummy.config.safeParse(options).success).toBe(false);
  });
});
