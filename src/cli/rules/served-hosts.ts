/**
 * The hosts of a plan. A proxy must send each host to the app whose rules Doorward applies, so
 * patterns are ranked as in `core/routes/hosts.ts`.
 */
import type { Site } from '../../core/access/return-to.ts';
import { compareHosts, type HostPattern, hostPattern } from '../../core/routes/hosts.ts';
import type { Glob } from '../../core/routes/glob.ts';
import type { Route } from '../../core/routes/route.ts';
import { type ProxyHost, type ProxyPlan, quotedRegex } from '../../core/setup/proxy-plan.ts';

/** A pattern of a route on one port. */
interface Claim {
  readonly route: Route;
  readonly pattern: HostPattern;
  readonly port: number;
}

/** The hosts of each route: exact names first. */
export function servedHosts(
  routes: readonly Route[],
  site: Site,
): ReadonlyMap<Route, readonly ProxyHost[]> {
  const served = new Map<Route, ProxyHost[]>(routes.map((route) => [route, []]));
  const claims: Claim[] = [];
  for (const route of routes) {
    for (const { name, ports } of route.hosts) {
      // An app is served where the portal is, unless its host says another port.
      const stated = ports.includes(site.port) ? site.port : (ports[0] ?? 0);
      const port = publicPort(stated, site.scheme);
      const pattern = hostPattern(name);
      if (pattern === null) served.get(route)?.push(exactHost(name, port));
      else claims.push({ route, pattern, port });
    }
  }
  const isMatched = claims.some(({ pattern }) => pattern.glob !== null);
  for (const group of Map.groupBy(claims, placeOf).values()) {
    for (const [i, { route, pattern, port, regexes }] of runsOf(reachable(group)).entries()) {
      const matching = isMatched ? `(?:${regexes.join('|')})` : null;
      served.get(route)?.push({ host: `*${pattern.suffix}`, port, matching, rank: i + 1 });
    }
  }
  return served;
}

/** An exact name. */
export function exactHost(host: string, port: number): ProxyHost {
  return { host, port, matching: null, rank: 0 };
}

/** The port of a listener; 0, the scheme's default, becomes 80 or 443. */
export function publicPort(port: number, scheme: 'http' | 'https'): number {
  if (port !== 0) return port;
  return scheme === 'https' ? 443 : 80;
}

/** Two apps whose hosts have the same name in the plan, so that only `matching` tells them apart. */
export function sharedHost({
  apps,
}: ProxyPlan): { readonly domain: string; readonly apps: readonly string[] } | null {
  const all = apps.flatMap(({ id, hosts }) => hosts.map((served) => ({ id, ...served })));
  for (const { id, host, port } of all) {
    const other = all.find((one) => one.id !== id && one.host === host && one.port === port);
    if (other !== undefined) return { domain: host.slice(2), apps: [id, other.id] };
  }
  return null;
}

function placeOf({ pattern, port }: Claim): string {
  return `${pattern.suffix}:${port}`;
}

/** The patterns from the most specific to the first that matches every host. */
function reachable(group: readonly Claim[]): readonly Claim[] {
  const sorted = group.toSorted((a, b) => compareHosts(a.pattern, b.pattern));
  const last = sorted.findIndex(({ pattern }) => pattern.glob === null);
  return last < 0 ? sorted : sorted.slice(0, last + 1);
}

/** Successive patterns of one route, which are one host to a proxy. */
function runsOf(claims: readonly Claim[]): readonly (Claim & { readonly regexes: string[] })[] {
  const runs: (Claim & { readonly regexes: string[] })[] = [];
  for (const claim of claims) {
    const last = runs.at(-1);
    if (last?.route === claim.route) last.regexes.push(regexOf(claim.pattern));
    else runs.push({ ...claim, regexes: [regexOf(claim.pattern)] });
  }
  return runs;
}

function regexOf({ glob, suffix }: HostPattern): string {
  return (glob === null ? '[^.]+' : labelRegex(glob)) + quotedRegex(suffix);
}

function labelRegex({ start, middle, end }: Glob): string {
  return [start, ...middle, end].map(quotedRegex).join('[^.]*');
}
