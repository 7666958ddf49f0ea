/** How server blocks are named and ordered, where the file contains them. */
import type { ProxyHost, ProxyPlan } from '../../core/setup/proxy-plan.ts';
import type { ServedApp } from './locations.ts';

/** The name of a block. Names with `*` would win over regular expressions, so the plan has no both. */
export function serverName({ host, matching }: ProxyHost): string {
  return matching === null ? host : `~^${matching}$`;
}

/** The hosts of all apps, in the order of their blocks: nginx takes the first regular expression that matches. */
export function rankedHosts({ apps }: ProxyPlan): readonly ServedApp[] {
  return apps
    .flatMap((app) => app.hosts.map((host) => ({ app, host })))
    .sort((a, b) => a.host.rank - b.host.rank);
}
