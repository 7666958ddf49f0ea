/** Finds hosts that match the same request without one being more specific. */
import { overlap } from '../../core/routes/glob.ts';
import { compareHosts, hostPattern, labelOf } from '../../core/routes/hosts.ts';
import type { RouteHost } from '../../core/routes/route.ts';
import { blame, type Spot } from '../faults/spot.ts';

/** The hosts of all routes so far. */
export interface TakenHosts {
  /** Adds a host. Notes a fault if another has the same name and port, or ties with it. */
  claim(host: RouteHost, route: string, spot: Spot): void;
}

/** Most hosts with `*` beside other characters below one domain: a request may be compared with all. */
const MAX_PARTIAL = 100;

interface Claim {
  readonly host: RouteHost;
  readonly route: string;
}

/** No hosts yet. */
export function takenHosts(): TakenHosts {
  // By name, and all patterns of a suffix together.
  const claims = new Map<string, Claim[]>();
  return {
    claim(host, route, spot) {
      const key = hostPattern(host.name)?.suffix ?? host.name;
      const others = claims.get(key) ?? [];
      const other = others.find((one) => isShared(one, { host, route }));
      if (other !== undefined) blame(spot, messageFor(host, other));
      if (others.filter(isPartial).length === MAX_PARTIAL && isPartial({ host })) {
        blame(spot, `a domain can have ${MAX_PARTIAL} hosts with * beside other characters`);
      } else others.push({ host, route });
      claims.set(key, others);
    },
  };
}

function isPartial({ host }: Pick<Claim, 'host'>): boolean {
  return (hostPattern(host.name)?.glob ?? null) !== null;
}

function messageFor({ name }: RouteHost, { host, route }: Claim): string {
  if (host.name === name) return `duplicate host: the route ${route} has ${name} too`;
  return `some hosts match this and ${host.name} of the route ${route}, and neither is more specific`;
}

/** Whether some host and port match both, and neither is more specific. */
function isShared(a: Claim, b: Claim): boolean {
  if (!a.host.ports.some((port) => b.host.ports.includes(port))) return false;
  if (a.host.name === b.host.name) return true;
  const [x, y] = [hostPattern(a.host.name), hostPattern(b.host.name)];
  if (x === null || y === null || compareHosts(x, y) !== 0) return false;
  // A route may have both {user} and {group}.
  if (x.owner !== null || y.owner !== null) return a.route !== b.route;
  return overlap(labelOf(a.host.name), labelOf(b.host.name));
}
