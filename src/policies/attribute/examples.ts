/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';
import { aUser } from '../../../test/support/policy-input.ts';
import type { User } from '../../core/people/user.ts';

const having = (attributes: User['attributes']) => ({ user: aUser({ attributes }) });

export const examples: readonly PolicyExample[] = [
  {
    options: { any: [{ path: 'team', in: ['blue', 'red'] }], none: [{ path: 'out', is: true }] },
    inputs: [
      having({ team: 'blue', out: false }),
      having({ team: 'green', out: false }),
      having({ team: 'blue', out: true }),
      having({ team: 'blue' }),
      {},
    ],
  },
  {
    options: { all: [{ path: 'team', exists: true }] },
    inputs: [having({ team: 'blue' }), having({})],
  },
  {
    options: { none: [{ path: 'level', above: 5 }] },
    inputs: [having({ level: 5 }), having({ level: 6 }), having({ level: '6' })],
  },
];
