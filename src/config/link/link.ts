/**
 * Links parsed files to one frozen snapshot and its settings, or to faults: all of them at once, and
 * never half a snapshot.
 */
import { resolve } from 'node:path';
import type { Expectation } from '../../core/setup/expectation.ts';
import type { IdentityHeaders } from '../../core/access/identity.ts';
import type { Site } from '../../core/access/return-to.ts';
import { type Route, type RouteTable, routeTableSteps } from '../../core/access/route.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { Steps } from '../../core/values/steps.ts';
import type { DisclosureRule } from '../../core/access/disclosure.ts';
import type { Fault } from '../faults/fault.ts';
import { checkFlowUses, checkLeads, type Flows, type FlowUse } from '../flows/uses.ts';
import { checkFlowJumps } from '../flows/jumps.ts';
import { checkFlowNeeds, directoryNames } from '../flows/needs.ts';
import { frozen, frozenSteps } from '../settings/freeze.ts';
import { linkDirectories, linkState } from './adapters.ts';
import { linkRouteTests } from '../flows/expectations.ts';
import { type LinkedFlow, linkFlow } from '../flows/flow.ts';
import { linkIdentity } from '../routes/identity.ts';
import { linkListeners } from './listeners.ts';
import { linkLogo } from './logo.ts';
import { linkMail, withMail } from './mail.ts';
import { isPasswordAlone } from '../../core/proof/password-rule.ts';
import { linkPolicies, type PolicyLinker } from '../policies/policies.ts';
import { hostSpot, linkRoutes } from '../routes/routes.ts';
import { linkSignals } from './signals.ts';
import { checkSecrets } from './secrets.ts';
import { checkReach, linkCookieDomain, linkSite } from './site.ts';
import type { Lists } from '../settings/lists.ts';
import { isGenuine, type Parsed, parseMain } from './salvage.ts';
import type { Config } from '../schema/schema.ts';
import type { Demo, Settings } from '../settings/settings.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { linkTrustedProxies } from './trusted-proxies.ts';
import type { FlowSource, Source } from '../faults/source.ts';

/** The files to link, and what they are linked with. */
export interface LinkInput {
  readonly main: Source;
  readonly flows: readonly FlowSource[];
  readonly lists: Lists;
  /** The directory that relative paths start from. */
  readonly base: string;
  /** Origins of the running demo apps; null if none runs. */
  readonly demoOrigins: Readonly<Partial<Record<Demo, string>>> | null;
}

/** A linked configuration. */
export interface Linked {
  readonly snapshot: Snapshot;
  readonly settings: Settings;
  /** The operator's own tests, in file order. Only `doorward check` runs them. */
  readonly tests: readonly Expectation[];
}

/**
 * The configuration, or null with at least one fault in `faults`. Works in steps, and nothing takes
 * effect before the last one.
 */
export function* linkSteps(input: LinkInput, faults: Fault[]): Steps<Linked | null> {
  const { main, lists } = input;
  const spot: Spot = { source: main, path: [], faults };
  const parsed = yield* parseMain(main.value ?? {}, spot, faults.slice());
  const mine: Fault[] = [];
  const root: Spot = { source: main, path: [], faults: mine };
  let linked: Linked | null = null;
  if (parsed === null) {
    // Named policies are unknown here, so a flow that names one is not at fault.
    const tools = { kinds: lists.policies, missing: new Map<string, string>() };
    linkFlows(input, linkPolicies(tools, {}, root), mine);
    faults.push(...mine.filter((fault) => !fault.path.endsWith('.name')));
  } else {
    linked = yield* linkParts(input, parsed, root);
    faults.push(...mine.filter((f) => f.file !== main.file || isGenuine(f, parsed.broken)));
  }
  return faults.length === 0 ? linked : null;
}

function* linkParts(
  input: LinkInput,
  { config, broken }: Parsed,
  root: Spot,
): Steps<Linked | null> {
  const { lists, base } = input;
  const { faults } = root;
  const site = linkSite(config, root);
  const listeners = linkListeners(config, root);
  const state = linkState(config, lists, root);
  const directories = linkDirectories(config, lists, base, root);
  checkSecrets(config.session.secrets, state !== null && state.kind.type !== 'embedded', root);
  const isTrustedProxy = linkTrustedProxies(config.trusted_proxies, root);
  const identity = linkIdentity(config, root);
  const logo = linkLogo(config, base, root);
  const { signals, missing } = linkSignals(config.signals, lists, base, root);
  // The stricter value until the flows are linked; no policy is evaluated before that.
  let isAlone = true;
  const house = { isPasswordAlone: () => isAlone };
  const tools = { kinds: lists.policies, missing, house };
  const policies = linkPolicies(tools, config.policies, below(root, 'policies'));
  const mail = linkMail(config, site, lists, base, root);
  const all = linkFlows(input, policies, faults);
  const shipped = input.flows.filter((flow) => flow.isShipped).map((flow) => flow.name);
  const flows = withMail(all, mail, new Set(shipped));
  isAlone = isPasswordAlone([...flows.values()].flatMap((linked) => linked?.flow ?? []));
  if (config.session.idle > config.session.lifetime) {
    blame(below(root, 'session', 'idle'), 'expected at most session.lifetime');
  }
  checkPolicyNames(config, root);

  const demos = new Set<Demo>();
  const uses: FlowUse[] = [];
  const use =
    (purpose: FlowUse['purpose']) =>
    (name: string, spot: Spot, permissions: FlowUse['permissions'] = null) => {
      uses.push({ name, spot, purpose, permissions });
    };
  // Hosts need a site to be parsed. Without one there is a fault already, so any site will do.
  const place: Site = site ?? { origin: 'http://localhost', scheme: 'http', host: '', port: 0 };
  const routes = yield* linkRoutes(config.routes, place, below(root, 'routes'), {
    policies,
    context: { prefix: '', remedy: use('remedy') },
    signIn: use('sign-in'),
    renewal: use('renewal'),
    base,
    listen: listeners.listen,
    mayDemo: listeners.isLoopback,
    demoOrigins: input.demoOrigins,
    demo: (name) => demos.add(name),
  });
  const tests = [
    ...linkRouteTests(config.tests, below(root, 'tests'), {
      signals: lists.signals.map(({ name }) => name),
      flows: [...all.keys()],
    }),
    ...[...all.values()].flatMap((flow) => flow?.tests ?? []),
  ];
  checkFlowUses(uses, flows, root);
  checkFlowJumps(flows, site);
  const areAllRead = directories.length === config.directories.length;
  checkFlowNeeds(flows, {
    flows: all,
    directories: areAllRead ? directoryNames(directories) : null,
    hasPlaces: signals.some(({ kind }) => kind.locates === true),
  });
  const cookieDomain = site === null ? null : linkCookieDomain(config, site, root);
  const areDomainsKnown = !broken.includes('session') && !faults.some(isAboutDomains);
  if (site !== null && areDomainsKnown) yield* reach(config, routes, site, cookieDomain, root);
  const areRoutesKnown = !broken.some((path) => path.startsWith('routes'));
  const table = yield* routeTableSteps(routes);
  if (site !== null && areRoutesKnown) checkLeads(flows, site, table);
  if (site === null || state === null) return null;

  const snapshot = snapshotOf(config, { site, table, identity, cookieDomain, logo }, flows);
  return {
    snapshot: yield* frozenSteps({ ...snapshot, isTrustedProxy }),
    settings: frozen({
      listen: listeners.listen,
      workers: config.workers,
      admin: listeners.admin,
      state,
      dataDir: resolve(base, config.data_dir),
      directories,
      signals,
      mail: mail === 'faulty' ? null : mail,
      secrets: config.session.secrets,
      demos: [...demos].sort(),
      throttle: config.throttle ?? null,
    }),
    tests: frozen(tests),
  };
}

function linkFlows({ flows, lists }: LinkInput, policies: PolicyLinker, faults: Fault[]): Flows {
  const linked = new Map<string, LinkedFlow | null>();
  for (const { name, source } of flows) {
    const names = lists.signals.map((kind) => kind.name);
    const tools = { stages: lists.stages, policies, signals: names, texts: lists.texts };
    const flow =
      source === null ? null : linkFlow(name, source.value, { source, path: [], faults }, tools);
    linked.set(name, flow);
  }
  return linked;
}

function isAboutDomains(fault: Fault): boolean {
  return fault.path.startsWith('session.cookie_domains');
}

function* reach(
  config: Config,
  routes: readonly Route[],
  site: Site,
  cookieDomain: string | null,
  root: Spot,
): Steps<void> {
  const { cookie_domains: declared } = config.session;
  yield* checkReach(routes, site, cookieDomain, declared, (route, host) => {
    const count = config.routes[route]?.host.length ?? 1;
    return hostSpot(below(root, 'routes'), route, host, count);
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
  readonly table: RouteTable;
  readonly identity: IdentityHeaders;
  readonly cookieDomain: string | null;
  readonly logo: string | null;
}

function snapshotOf(
  config: Config,
  { site, table, identity, cookieDomain, logo }: Parts,
  flows: Flows,
): Omit<Snapshot, 'isTrustedProxy'> {
  const { name, accent } = config.brand;
  const linked = [...flows.values()].flatMap((one) => (one === null ? [] : [one.flow]));
  return {
    site,
    domains: [{ site, cookieDomain }],
    table,
    identity,
    flows: new Map(linked.map((flow) => [flow.name, flow])),
    session: {
      idle: config.session.idle,
      lifetime: config.session.lifetime,
      cookieName: site.scheme === 'https' ? '__Secure-doorward' : 'doorward',
    },
    why: whyRule(config.why),
    brand: { name, accent, logo },
  };
}

function whyRule(why: Config['why']): DisclosureRule {
  if (typeof why === 'string') return { everybody: why, groups: new Map() };
  return { everybody: why.everybody, groups: new Map(Object.entries(why.groups)) };
}
