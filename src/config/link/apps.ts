/** Links the routes, and notes which flows and demo apps they use. */
import type { Site } from '../../core/access/return-to.ts';
import type { SignOutTargets } from '../../core/access/sign-out-target.ts';
import type { Route } from '../../core/routes/route.ts';
import type { Steps } from '../../core/values/steps.ts';
import { below, type Spot } from '../faults/spot.ts';
import type { FlowUse } from '../flows/uses.ts';
import type { PolicyLinker } from '../policies/policies.ts';
import type { Identities } from '../routes/identity.ts';
import { linkRoutes } from '../routes/routes.ts';
import { linkSignOutTo } from '../routes/sign-out-to.ts';
import type { Config } from '../schema/schema.ts';
import type { Demo } from '../settings/settings.ts';
import type { LinkInput } from './input.ts';
import type { Listeners } from './listeners.ts';

/** The routes, and the flows and demo apps that they use. */
export interface Apps {
  readonly routes: readonly Route[];
  readonly signOutTo: SignOutTargets;
  readonly uses: readonly FlowUse[];
  readonly demos: ReadonlySet<Demo>;
}

interface AppTools {
  readonly site: Site | null;
  readonly listeners: Listeners;
  readonly policies: PolicyLinker;
  readonly identities: Identities;
}

/** Links the routes, one in a step. */
export function* linkApps(
  { base, demoOrigins }: Pick<LinkInput, 'base' | 'demoOrigins'>,
  config: Config,
  { site, listeners, policies, identities }: AppTools,
  root: Spot,
): Steps<Apps> {
  const demos = new Set<Demo>();
  const uses: FlowUse[] = [];
  const use =
    (purpose: FlowUse['purpose']) =>
    (name: string, spot: Spot, permissions: FlowUse['permissions'] = null) => {
      uses.push({ name, spot, purpose, permissions });
    };
  // Hosts need a site to be parsed. Without one there is a fault already, so any site will do.
  const place: Site = site ?? { origin: 'http://localhost', scheme: 'http', host: '', port: 0 };
  const own = linkSignOutTo(config.sign_out_to, below(root, 'sign_out_to'));
  const routes = yield* linkRoutes(config.routes, place, below(root, 'routes'), {
    policies,
    identities,
    signOutTo: own,
    context: { prefix: '', remedy: use('remedy') },
    signIn: use('sign-in'),
    renewal: use('renewal'),
    replaced: use('password'),
    identity: identities.reserved,
    unverifiedEmail: config.identity.unverified_email,
    base,
    listen: listeners.listen,
    mayDemo: listeners.isLoopback,
    demoOrigins,
    demo: (name) => demos.add(name),
  });
  const listed = new Set([...own, ...routes.flatMap((route) => route.signOut.to)]);
  return { routes, signOutTo: { home: own[0] ?? null, listed }, uses, demos };
}
