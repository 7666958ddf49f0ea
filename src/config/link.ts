/**
 * Parsed files become one frozen snapshot and the settings beside it, or faults: all of them
 * at once, and never half a snapshot.
 */
import type { IdentityHeaders } from '../core/identity.ts';
import type { Site } from '../core/return-to.ts';
import { type Route, routeTable } from '../core/route.ts';
import type { Snapshot } from '../core/snapshot.ts';
import { type Source, suggest } from './document.ts';
import { absolute } from './disk.ts';
import type { Fault } from './fault.ts';
import { frozen } from './freeze.ts';
import { linkDirectories, linkState } from './link-adapters.ts';
import { type LinkedFlow, linkFlow } from './link-flow.ts';
import { linkIdentity } from './link-identity.ts';
import { linkListeners } from './link-listeners.ts';
import { linkLogo } from './link-logo.ts';
import { linkPolicies } from './link-policies.ts';
import { hostSpot, linkRoutes } from './link-routes.ts';
import { checkSecrets } from './link-secrets.ts';
import { checkReach, linkCookieDomain, linkSite } from './link-site.ts';
import type { Lists } from './lists.ts';
import { parseAt } from './schema-faults.ts';
import { type Config, configSchema } from './schema.ts';
import type { Demo, Settings } from './settings.ts';
import { below, blame, type Spot } from './spot.ts';
import { linkTrustedProxies } from './trusted-proxies.ts';

/** A flow file that was read. */
export interface FlowSource {
  readonly name: string;
  /** Null: the file could not be read, which is a fault already. */
  readonly source: Source | null;
}

/** What is linked. */
export interface LinkInput {
  readonly main: Source;
  readonly flows: readonly FlowSource[];
  readonly lists: Lists;
  /** Where relative paths start. */
  readonly base: string;
  /** Origins of running demo apps; null before any is started. */
  readonly demoOrigins: Readonly<Partial<Record<Demo, string>>> | null;
}

/** A configuration as a whole. */
export interface Linked {
  readonly snapshot: Snapshot;
  readonly settings: Settings;
}

/** The configuration, or null with at least one fault in `faults`. */
export function link(input: LinkInput, faults: Fault[]): Linked | null {
  const { main, lists, base } = input;
  const root: Spot = { source: main, path: [], faults };
  const config = parseAt(configSchema, main.value ?? {}, root);
  if (config === null) {
    // Flows do not depend on the main file's details: their faults are told at once, too.
    linkFlows(input, linkPolicies(lists.policies, {}, root), faults, false);
    return null;
  }
  const site = linkSite(config, root);
  const listeners = linkListeners(config, root);
  const state = linkState(config, lists, root);
  const directories = linkDirectories(config, lists, base, root);
  checkSecrets(config.session.secrets, state !== null && state.kind.type !== 'embedded', root);
  const isTrustedProxy = linkTrustedProxies(config.trusted_proxies, root);
  const identity = linkIdentity(config, root);
  const logo = linkLogo(config, base, root);
  const gates = linkPolicies(lists.policies, config.policies, below(root, 'policies'));
  const flows = linkFlows(input, gates, faults, true);
  if (config.session.idle > config.session.lifetime) {
    blame(below(root, 'session', 'idle'), 'expected at most session.lifetime');
  }
  checkPolicyNames(config, root);

  const demos = new Set<Demo>();
  const wanted: FlowUse[] = [];
  const use = (purpose: FlowUse['purpose']) => (name: string, spot: Spot) => {
    wanted.push({ name, spot, purpose });
  };
  // Without a site hosts cannot be read; anything will do, as there is a fault already.
  const place: Site = site ?? { origin: 'http://localhost', scheme: 'http', host: '', port: 0 };
  const routes = linkRoutes(config.routes, place, below(root, 'routes'), {
    gates,
    place: { prefix: '', remedy: use('remedy') },
    signIn: use('sign-in'),
    listen: listeners.listen,
    mayDemo: listeners.isLoopback,
    demoOrigins: input.demoOrigins,
    demo: (name) => demos.add(name),
  });
  checkFlows(wanted, flows, input, root);
  const cookieDomain = site === null ? null : linkCookieDomain(config, site, root);
  if (site !== null && (cookieDomain !== null || !faults.some(isAboutDomains))) {
    reach(config, routes, site, cookieDomain, root);
  }
  if (faults.length > 0 || site === null || state === null) return null;

  const snapshot = snapshotOf(config, { site, routes, identity, cookieDomain, logo }, flows);
  return {
    snapshot: frozen({ ...snapshot, isTrustedProxy }),
    settings: frozen({
      listen: listeners.listen,
      workers: config.workers,
      admin: listeners.admin,
      state,
      dataDir: absolute(base, config.data_dir),
      directories,
      secrets: config.session.secrets,
      demos: [...demos].sort(),
      throttle: config.throttle ?? null,
    }),
  };
}

interface FlowUse {
  readonly name: string;
  readonly spot: Spot;
  readonly purpose: 'sign-in' | 'remedy';
}

type Flows = ReadonlyMap<string, LinkedFlow | null>;

/** Null stands for a flow whose file is there but faulty. */
function linkFlows(
  { flows, lists }: LinkInput,
  gates: ReturnType<typeof linkPolicies>,
  faults: Fault[],
  areNamesKnown: boolean,
): Flows {
  const linked = new Map<string, LinkedFlow | null>();
  for (const { name, source } of flows) {
    if (source === null) {
      linked.set(name, null);
      continue;
    }
    const mine: Fault[] = [];
    const root = { source, path: [], faults: mine };
    linked.set(name, linkFlow(name, source.value, root, { stages: lists.stages, gates }));
    // Named policies are unknown while the main file cannot be read: that alone is no fault of a flow.
    faults.push(...mine.filter((f) => areNamesKnown || !f.path.endsWith('.name')));
  }
  return linked;
}

/** Flows that are used must be there and fit: signing in starts a session, a remedy takes one for granted. */
function checkFlows(wanted: readonly FlowUse[], flows: Flows, input: LinkInput, root: Spot): void {
  for (const { name, spot, purpose } of wanted) {
    const linked = flows.get(name);
    if (linked === null) continue;
    if (linked === undefined) {
      const names = [...flows.keys()];
      const expected = names.length === 0 ? '' : `, expected one of ${names.join(', ')}`;
      blame(spot, `there is no flow ${name}${expected}`, suggest(name, names));
      continue;
    }
    const { requires } = linked.flow;
    if (purpose === 'sign-in' && requires !== 'anyone' && requires !== 'anonymous') {
      blame(spot, `the flow ${name} requires a session, so nobody could sign in with it`);
    } else if (purpose === 'sign-in' && !linked.startsSession) {
      blame(spot, `the flow ${name} starts no session, so nobody could sign in with it`);
    } else if (purpose === 'remedy' && requires === 'anonymous') {
      blame(spot, `the flow ${name} is for people without a session, and a remedy needs one`);
    }
  }
  if (!flows.has('logout') && input.flows.length > 0) {
    blame(below(root, 'flows'), 'there is no logout.yaml, and signing out runs the flow logout');
  }
}

function isAboutDomains(fault: Fault): boolean {
  return fault.path.startsWith('session.cookie_domains');
}

function reach(
  config: Config,
  routes: readonly Route[],
  site: Site,
  cookieDomain: string | null,
  root: Spot,
): void {
  checkReach(routes, site, cookieDomain, config.session.cookie_domains, (route, host) => {
    const index = routes.indexOf(route);
    const count = config.routes[index]?.host.length ?? 1;
    return hostSpot(below(root, 'routes'), index, host, count);
  });
}

function checkPolicyNames(config: Config, root: Spot): void {
  for (const name of Object.keys(config.policies)) {
    if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)) continue;
    const message = 'expected a name of letters, digits, - and _, at most 64 characters';
    blame(below(root, 'policies', name), message, null, 'key');
  }
}

interface Parts {
  readonly site: Site;
  readonly routes: readonly Route[];
  readonly identity: IdentityHeaders;
  readonly cookieDomain: string | null;
  readonly logo: string | null;
}

function snapshotOf(
  config: Config,
  { site, routes, identity, cookieDomain, logo }: Parts,
  flows: Flows,
): Omit<Snapshot, 'isTrustedProxy'> {
  const { name, accent } = config.brand;
  const linked = [...flows.values()].flatMap((one) => (one === null ? [] : [one.flow]));
  return {
    site,
    table: routeTable(routes),
    identity,
    flows: new Map(linked.map((flow) => [flow.name, flow])),
    session: {
      idle: config.session.idle,
      lifetime: config.session.lifetime,
      cookieDomain,
      cookieName: site.scheme === 'https' ? '__Secure-doorward' : 'doorward',
    },
    brand: { name, accent, logo },
  };
}
