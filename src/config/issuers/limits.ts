/** Links the groups and limits that go with credentials of another party. */
import type { Issuer } from '../../core/proof/jwt.ts';
import { parseNetwork } from '../../core/request/address.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';

/** As linked. */
export type Limits = Pick<Issuer, 'groups' | 'routes' | 'methods' | 'networks'>;

/** As configured. */
type Stated = Pick<Issuer, 'groups' | 'routes' | 'methods'> & {
  readonly networks: readonly string[];
};

const METHOD = /^[A-Z][A-Z-]{0,23}$/;

/** The limits; `routes` are the ids of all routes. */
export function linkLimits(stated: Stated, routes: readonly string[], spot: Spot): Limits {
  for (const [index, id] of stated.routes.entries()) {
    if (routes.includes(id)) continue;
    blame(below(spot, 'routes', index), `no such route ${id}`, suggest(id, routes));
  }
  const methods = stated.methods.map((method) => method.toUpperCase());
  for (const [index, method] of methods.entries()) {
    if (METHOD.test(method)) continue;
    blame(below(spot, 'methods', index), 'expected a method such as GET');
  }
  const networks = stated.networks.flatMap((text, index) => {
    const network = parseNetwork(text);
    if (network !== null) return [network];
    blame(below(spot, 'networks', index), 'expected a network such as 10.0.0.0/8');
    return [];
  });
  return { groups: stated.groups, routes: stated.routes, methods, networks };
}
