/** Links routes: each host and port belongs to one route. */
import type { Site } from '../../core/access/return-to.ts';
import { prefixesOf, type Route, type RouteHost } from '../../core/routes/route.ts';
import type { Steps } from '../../core/values/steps.ts';
import { linkAuthorization } from './accepts.ts';
import { linkCors, linkOrigin } from './cors.ts';
import { linkHost } from './host.ts';
import type { Identities } from './identity.ts';
import { linkPassages } from './passages.ts';
import { linkSignOutPaths } from './sign-out-paths.ts';
import { linkSignOutTo } from './sign-out-to.ts';
import { type TakenHosts, takenHosts } from './taken-hosts.ts';
import { linkRules, type RuleTools } from './rules.ts';
import type { UpstreamTools } from './upstream.ts';
import type { RouteConfig } from '../schema/schema.ts';
import { below, blame, type Spot } from '../faults/spot.ts';

/** All routes, one in a step; `spot` is the spot of `routes`. */
export function* linkRoutes(
  routes: readonly RouteConfig[],
  site: Site,
  spot: Spot,
  tools: RuleTools &
    UpstreamTools & {
      readonly identities: Identities;
      /** Where users can go after a sign-out from routes that list nothing. */
      readonly signOutTo: readonly string[];
    },
): Steps<readonly Route[]> {
  const linked: Route[] = [];
  const ids = new Map<string, number>();
  const hosts = takenHosts();
  for (const [index, route] of routes.entries()) {
    const at = below(spot, index);
    const twin = ids.get(route.id);
    if (twin !== undefined) blame(below(at, 'id'), `duplicate id: routes[${twin}] has it too`);
    ids.set(route.id, index);
    const served = linkHosts(route, site, at, hosts);
    const passages = linkPassages(route, served, at, tools);
    const rules = linkRules(route, passages, at, tools);
    linked.push({
      id: route.id,
      title: route.title ?? route.id,
      hosts: served,
      upstream: passages.own.upstream,
      answers: {
        internalRedirects: route.answers.internal_redirects,
        publicCache: route.answers.public_cache,
      },
      identity: tools.identities.ofRoute(index),
      takesAuthorization: linkAuthorization(route, rules, at),
      origins: route.origins.map((origin, i) => linkOrigin(origin, below(at, 'origins', i))),
      cors: route.cors === undefined ? null : linkCors(route.cors, below(at, 'cors')),
      signOut: {
        paths: linkSignOutPaths(route.sign_out_paths, below(at, 'sign_out_paths')),
        to:
          route.sign_out_to === undefined
            ? tools.signOutTo
            : linkSignOutTo(route.sign_out_to, below(at, 'sign_out_to')),
      },
      rules,
      preserveHost: route.preserve_host,
      strictPaths: route.strict_paths,
      frontControllers: route.front_controllers,
      prefixes: prefixesOf(rules),
    });
    yield;
  }
  return linked;
}

/** The spot of a route's host. A single host may be written without a list. */
export function hostSpot(spot: Spot, route: number, host: number, count: number): Spot {
  const at = below(spot, route, 'host');
  return count === 1 ? at : below(at, host);
}

/** The hosts of a route. Two hosts that match the same request are a fault, in one route or in two. */
function linkHosts(
  route: RouteConfig,
  site: Site,
  at: Spot,
  taken: TakenHosts,
): readonly RouteHost[] {
  const linked: RouteHost[] = [];
  for (const [index, text] of route.host.entries()) {
    const spot = route.host.length === 1 ? below(at, 'host') : below(at, 'host', index);
    const host = linkHost(text, site, spot);
    if (host === null) continue;
    taken.claim(host, route.id, spot);
    linked.push(host);
  }
  return linked;
}
