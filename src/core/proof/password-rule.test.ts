import { describe, expect, it } from 'vitest';
import type { Flow } from '../flow/flow.ts';
import {
  isPasswordAlone,
  LEAST_ALONE,
  LEAST_BESIDE_FACTOR,
  passwordLength,
} from './password-rule.ts';

const stage = (isRequired: boolean | undefined, policies: readonly unknown[] = []) => ({
  stage: isRequired === undefined ? {} : { assures: { secondFactor: () => isRequired } },
  config: {},
  policies: { match: 'all', bindings: policies },
});
const flow = (
  stages: readonly ReturnType<typeof stage>[],
  designation: Flow['designation'] = 'authentication',
) => ({ designation, stages }) as unknown as Flow;

const PASSWORD = stage(undefined);
const FACTOR = stage(true);

describe('a password', () => {
  it.each([
    ['a sign-in asks for nothing else', [flow([PASSWORD])], true],
    ['a second factor is always demanded', [flow([PASSWORD, FACTOR])], false],
    ['those without a second factor are let past', [flow([PASSWORD, stage(false)])], true],
    ['a policy may leave the second factor out', [flow([PASSWORD, stage(true, [{}])])], true],
    ['one of two sign-ins does without', [flow([PASSWORD, FACTOR]), flow([PASSWORD])], true],
    [
      'only another kind of flow does without',
      [flow([PASSWORD, FACTOR]), flow([PASSWORD], 'recovery')],
      false,
    ],
    ['there is no sign-in at all', [flow([PASSWORD, FACTOR], 'enrollment')], true],
  ])('is all that protects an account where %s: %j', (_, flows, alone) => {
    expect(isPasswordAlone(flows)).toBe(alone);
  });

  it('has 15 characters alone and 8 beside a second factor', () => {
    expect([LEAST_ALONE, LEAST_BESIDE_FACTOR]).toEqual([15, 8]);
  });

  it('has the length that its owner would count', () => {
    expect(passwordLength('\u{1F608}\u{1F608}a')).toBe(3);
  });
});
