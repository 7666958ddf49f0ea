/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';
import type { Json } from '../../core/values/json.ts';

const came = (travel: readonly Json[]) => ({ signals: { geo: {}, travel } });

export const examples: readonly PolicyExample[] = [
  {
    options: { max_speed: 900 },
    inputs: [
      came([]),
      came([{ km: 800, hours: 1, own: false }]),
      came([{ km: 950, hours: 1, own: false }]),
      came([{ km: 950, hours: 0.5, own: false }]),
      came([
        { km: 950, hours: 1, own: false },
        { km: 9, hours: 2, own: true },
      ]),
      came([{ km: -1, hours: 1, own: true }]),
      {},
    ],
  },
];
