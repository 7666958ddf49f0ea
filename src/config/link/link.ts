/**
 * Links parsed files to one frozen snapshot and its settings, or to faults: all of them at once, and
 * never half a snapshot.
 */
import { resolve } from 'node:path';
import type { Domains } from '../../core/setup/domain.ts';
import type { Expectation } from '../../core/setup/expectation.ts';
import type { ReservedNames } from '../../core/access/identity.ts';
import type { Site } from '../../core/access/return-to.ts';
import type { CertificateRule } from '../../core/credential/certificate.ts';
import type { Issuer } from '../../core/proof/jwt.ts';
import type { SignOutTargets } from '../../core/access/sign-out-target.ts';
import { type RouteTable, routeTableSteps } from '../../core/routes/route.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { Steps } from '../../core/values/steps.ts';
import type { DisclosureRule } from '../../core/access/disclosure.ts';
import type { Fault } from '../faults/fault.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { linkRouteTests } from '../flows/expectations.ts';
import { checkFlowJumps } from '../flows/jumps.ts';
import { checkFlowNeeds } from '../flows/needs.ts';
import { checkFlowUses, checkLeads, type Flows } from '../flows/uses.ts';
import { linkCertificates } from '../issuers/certificates.ts';
import { linkIssuers } from '../issuers/issuers.ts';
import { linkPolicies } from '../policies/policies.ts';
import { linkIdentities } from '../routes/identity.ts';
import { hostSpot } from '../routes/routes.ts';
import type { Config } from '../schema/schema.ts';
import { frozen, frozenSteps } from '../settings/freeze.ts';
import type { Demo, Settings } from '../settings/settings.ts';
import { trustedPeers } from '../settings/trusted-peers.ts';
import { type Adapters, linkAdapters, supplyOf } from './adapters.ts';
import { linkApps } from './apps.ts';
import { linkCertificateField, linkClientField } from './proxy-fields.ts';
import type { LinkInput } from './input.ts';
import { type Listeners, linkListeners } from './listeners.ts';
import { linkLogo } from './logo.ts';
import { linkFlows, linkRules } from './rules.ts';
import { isGenuine, type Parsed, parseMain } from './salvage.ts';
import { checkReach, linkDomains, linkSite } from './site.ts';
import { linkTrustedProxies } from './trusted-proxies.ts';

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
  const { faults } = root;
  const site = linkSite(config, root);
  const listeners = linkListeners(config, root);
  const adapters = linkAdapters(input, config, site, root);
  const isTrustedProxy = trustedPeers(
    linkTrustedProxies(config.trusted_proxies, below(root, 'trusted_proxies')),
  );
  const clientField = linkClientField(config, root);
  const certificateField = linkCertificateField(config, root);
  const identities = linkIdentities(
    config,
    { origin: site?.origin ?? '', clientField, certificateField },
    root,
  );
  const logo = linkLogo(config, input.base, root);
  const { policies, all, flows, sources } = linkRules(input, config, adapters, root);
  checkSession(config, root);
  checkPolicyNames(config, root);

  const apps = yield* linkApps(input, config, { site, listeners, policies, identities }, root);
  const issuers = linkIssuers(config, input.base, root);
  const certificates = linkCertificates(config, root);
  const tests = linkTests(input, config, { all, issuers }, root);
  checkFlowUses(apps.uses, flows, root);
  checkFlowJumps(flows, site);
  checkFlowNeeds(flows, { flows: all, sources: sources.names, ...supplyOf(adapters, config) });
  const domains = site === null ? null : linkDomains(config, site, root);
  const areDomainsKnown = !broken.includes('session') && !faults.some(isAboutDomains);
  if (site !== null && domains !== null && areDomainsKnown) {
    const { cookies, cookie_domains: declared } = config.session;
    const reach = { site, domains, cookies, declared };
    yield* checkReach(apps.routes, reach, (route, host) => {
      const count = config.routes[route]?.host.length ?? 1;
      return hostSpot(below(root, 'routes'), route, host, count);
    });
  }
  const areRoutesKnown = !broken.some((path) => path.startsWith('routes'));
  const table = yield* routeTableSteps(apps.routes);
  if (site !== null && areRoutesKnown) checkLeads(flows, site, table);
  const { state } = adapters;
  if (site === null || domains === null || state === null) return null;

  const { reserved: identity } = identities;
  const { signOutTo, demos } = apps;
  const common = { site, table, identity, domains, signOutTo, logo, issuers, certificates };
  const snapshot = snapshotOf(config, { ...common, sources: sources.rules }, flows);
  const opened = { listeners, adapters, sources: sources.settings, state, demos };
  return {
    snapshot: yield* frozenSteps({ ...snapshot, isTrustedProxy }),
    settings: settingsOf(input, config, opened),
    tests: frozen(tests),
  };
}

/** The tests of the main file and of flow files, in file order. */
function linkTests(
  { lists }: LinkInput,
  { tests }: Config,
  { all, issuers }: { readonly all: Flows; readonly issuers: readonly Issuer[] },
  root: Spot,
): readonly Expectation[] {
  return [
    ...linkRouteTests(tests, below(root, 'tests'), {
      signals: lists.signals.map(({ name }) => name),
      flows: [...all.keys()],
      issuers,
    }),
    ...[...all.values()].flatMap((flow) => flow?.tests ?? []),
  ];
}

interface SettingsParts {
  readonly listeners: Listeners;
  readonly adapters: Adapters;
  readonly sources: Settings['sources'];
  readonly state: Settings['state'];
  readonly demos: ReadonlySet<Demo>;
}

function settingsOf(
  { base }: LinkInput,
  config: Config,
  { listeners, adapters, sources, state, demos }: SettingsParts,
): Settings {
  const { directories, signals, mail } = adapters;
  return frozen({
    listen: listeners.listen,
    workers: config.workers,
    admin: listeners.admin,
    state,
    database: adapters.database ?? null,
    dataDir: resolve(base, config.data_dir),
    directories,
    sources,
    signals,
    mail: mail === 'faulty' ? null : mail,
    secrets: config.session.secrets,
    demos: [...demos].sort(),
    throttle: config.throttle ?? null,
  });
}

function isAboutDomains(fault: Fault): boolean {
  return fault.path.startsWith('session.cookie_domains');
}

function checkSession({ session }: Config, root: Spot): void {
  if (session.idle <= session.lifetime) return;
  blame(below(root, 'session', 'idle'), 'expected at most session.lifetime');
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
  readonly domains: Domains;
  readonly table: RouteTable;
  readonly identity: ReservedNames;
  readonly signOutTo: SignOutTargets;
  readonly sources: Snapshot['sources'];
  readonly logo: string | null;
  readonly issuers: readonly Issuer[];
  readonly certificates: readonly CertificateRule[];
}

function snapshotOf(
  config: Config,
  { site, domains, table, identity, signOutTo, sources, logo, issuers, certificates }: Parts,
  flows: Flows,
): Omit<Snapshot, 'isTrustedProxy'> {
  const { name, accent } = config.brand;
  const linked = [...flows.values()].flatMap((one) => (one === null ? [] : [one.flow]));
  return {
    site,
    domains,
    table,
    identity,
    flows: new Map(linked.map((flow) => [flow.name, flow])),
    sources,
    session: {
      idle: config.session.idle,
      lifetime: config.session.lifetime,
      cookies: config.session.cookies,
      cookieName: cookieNameOf(site, config.session.cookies),
    },
    disclosure: disclosureRule(config.why),
    signOutTo,
    issuers,
    certificates,
    brand: { name, accent, logo },
  };
}

/** Over https, a prefix makes browsers enforce the attributes. */
function cookieNameOf({ scheme }: Site, cookies: 'domain' | 'host'): string {
  if (scheme === 'http') return 'doorward';
  return cookies === 'host' ? '__Host-doorward' : '__Secure-doorward';
}

function disclosureRule(why: Config['why']): DisclosureRule {
  if (typeof why === 'string') return { everybody: why, groups: new Map() };
  return { everybody: why.everybody, groups: new Map(Object.entries(why.groups)) };
}
