/** Options and inputs for the contract that all policies keep: together they reach every reason. */
import type { PolicyExample } from '../../../test/contracts/policies.suite.ts';
import type { Json } from '../../core/values/json.ts';

const at = (place: Record<string, Json>) => ({ signals: { geo: place } });

export const examples: readonly PolicyExample[] = [
  {
    options: { any: { countries: ['DE'] } },
    inputs: [at({ country: 'DE' }), at({ country: 'FR' }), at({ asn: 1 }), {}],
  },
  {
    options: { none: { asns: [1] } },
    inputs: [at({ asn: 2 }), at({ asn: 1 }), at({ country: 'DE' })],
  },
];
