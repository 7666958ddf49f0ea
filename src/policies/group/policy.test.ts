import { describe, expect, it } from 'vitest';
import { anInput, aUser } from '../../../test/support/policy-input.ts';
import { group } from './policy.ts';

const evaluate = (options: unknown, groups: string[]) =>
  group.compile(group.config.parse(options))(anInput({ user: aUser({ groups }) }));

describe('group', () => {
  it.each([
    ['any', { any: ['staff', 'admins'] }, ['admins'], 'group/member'],
    ['any', { any: ['staff'] }, ['guests'], 'group/not-member'],
    ['any, of a user without groups', { any: ['staff'] }, [], 'group/not-member'],
    ['all', { all: ['staff', 'legal'] }, ['legal', 'staff', 'x'], 'group/member'],
    ['all', { all: ['staff', 'legal'] }, ['legal'], 'group/not-member'],
    ['none', { none: ['interns'] }, ['staff'], 'group/not-excluded'],
    ['none', { none: ['interns'] }, ['staff', 'interns'], 'group/excluded'],
    ['any and none', { any: ['staff'], none: ['interns'] }, ['staff', 'interns'], 'group/excluded'],
    ['any and all', { any: ['a'], all: ['b'] }, ['a'], 'group/not-member'],
    ['another case', { any: ['staff'] }, ['Staff'], 'group/not-member'],
    ['a prefix', { any: ['staff'] }, ['staff-x', 'staf'], 'group/not-member'],
  ])('evaluates %s of %j for a member of %j as %s', (_, options, groups, code) => {
    const verdict = evaluate(options, groups);
    expect(verdict.reason.code).toBe(code);
    expect(verdict.pass).toBe(code === 'group/member' || code === 'group/not-excluded');
  });

  it('names the required and the actual groups', () => {
    expect(evaluate({ any: ['staff', 'admins'] }, ['guests']).reason.detail).toBe(
      'needs any of staff, admins; has guests',
    );
    const many = Array.from({ length: 50 }, (_, i) => `g${i}`);
    expect(evaluate({ all: ['staff'] }, many).reason.detail?.length).toBeLessThan(120);
  });

  it('fails without a user', () => {
    const compiled = group.compile(group.config.parse({ none: ['interns'] }));
    expect(() => compiled(anInput({ user: null }))).toThrow('the user is not known');
  });

  it.each([{}, { any: [] }, { any: 'staff' }, { any: [''] }, { any: [1] }])(
    'refuses options %j',
    (options) => {
      expect(group.config.safeParse(options).success).toBe(false);
    },
  );
});
