/** What `serve` prints when it is ready. Contains a password only if it has just been created. */
import { isAbsolute, join, relative } from 'node:path';
import { banner, type FirstUser } from '../../cli/shell/banner.ts';
import { addressText } from '../../config/settings/listen-address.ts';
import type { Settings } from '../../config/settings/settings.ts';
import { decide } from '../../core/access/decide.ts';
import type { Decision, Visitor } from '../../core/access/decision.ts';
import { originOf } from '../../core/access/return-to.ts';
import type { Route } from '../../core/routes/route.ts';
import { type RequestFacts, readFacts } from '../../core/request/facts.ts';
import { isRefusal } from '../../core/request/refusal.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import { version } from '../backing/version.ts';
import { ADMIN_GROUP, SIGN_IN_FILE } from './first-run.ts';

/** Where and when the gateway started. */
export interface Surroundings {
  readonly tty: boolean;
  readonly cwd: string;
  /** Milliseconds since the process started. */
  readonly now: number;
  /** Origins of the demo apps that run beside it. */
  readonly demoOrigins: readonly string[];
  /** Link that creates the first administrator, if it was just created. It is shown nowhere else. */
  readonly setUp: string | null;
}

/** What `serve` prints when it is ready. */
export function greeting(
  settings: Settings,
  snapshot: Snapshot,
  firstUsers: readonly FirstUser[],
  { tty, cwd, now, demoOrigins, setUp }: Surroundings,
): string {
  const { site, table } = snapshot;
  const isDemo = ({ upstream }: Route): boolean =>
    upstream?.urls.some((url) => demoOrigins.includes(new URL(url).origin)) === true;
  const apps = table.routes.map((route) => ({
    kind: isDemo(route) ? 'Demo app' : 'App',
    url: originOf(site, route.hosts[0]?.name ?? '', route.hosts[0]?.ports.at(-1) ?? 0),
    note: noteOf(snapshot, route),
  }));
  const { admin } = settings;
  return banner({
    version,
    startedIn: now,
    state: stateOf(settings, cwd),
    portal: site.origin,
    apps,
    // With the demo apps, the greeting shows only what users open first; operators know their address.
    admin: admin === null || demoOrigins.length > 0 ? null : `http://${addressText(admin)}`,
    mail:
      demoOrigins.length > 0 && isPreview(settings, snapshot)
        ? shorter(join(settings.dataDir, 'mail'), cwd)
        : null,
    setUp,
    firstUsers,
    firstUsersFile: shorter(join(settings.dataDir, SIGN_IN_FILE), cwd),
    tty,
  });
}

/** Where state and users are. */
function stateOf({ state, database, dataDir }: Settings, cwd: string): string {
  const isEmbedded = state.kind.type === 'embedded';
  if (database === null && isEmbedded) {
    return `embedded state in ${shorter(dataDir, cwd)}, no Redis needed`;
  }
  const sessions = isEmbedded ? `embedded state in ${shorter(dataDir, cwd)}` : 'state in Redis';
  return database === null ? sessions : `${sessions}, users in Postgres`;
}

/** Whether emails are written to files because no mail server is configured. */
export function isPreview({ mail }: Settings, { flows }: Snapshot): boolean {
  const sends = [...flows.values()].some((flow) =>
    flow.stages.some(({ stage, config }) => stage.needs?.mailer?.(config) === true),
  );
  return sends && mail?.kind.type === 'file';
}

/** Who can open an app's front page, according to `decide`. */
function noteOf({ table, site }: Snapshot, route: Route): string {
  const { name = '', ports = [] } = route.hosts[0] ?? {};
  const port = ports.at(-1) ?? 0;
  const facts = readFacts({
    method: 'GET',
    scheme: site.scheme,
    authority: `${name.replace(/\*|\{\w+\}/g, 'any')}${port === 0 ? '' : `:${port}`}`,
    target: '/',
    clientIp: '127.0.0.1',
    header: () => null,
  });
  if (isRefusal(facts)) return '';
  const decisionFor = (visitor: Visitor | null): Decision =>
    decide({ table, site, facts, visitor, signals: {}, now: Date.now() });
  const mayOpen = (visitor: Visitor): boolean => decisionFor(visitor).kind === 'allow';
  const open = decisionFor(null);
  if (open.kind === 'allow') return open.rule.public ? 'public' : 'by rule';
  if (mayOpen(visitorIn(facts, []))) return 'protected';
  return mayOpen(visitorIn(facts, [ADMIN_GROUP])) ? 'administrators only' : 'by rule';
}

/** A hypothetical visitor in these groups who has just signed in. */
function visitorIn({ clientIp: ip }: RequestFacts, groups: readonly string[]): Visitor {
  const now = Date.now();
  const times = { createdAt: now, seenAt: now, expiresAt: now + 60_000, idle: 60_000 };
  const proofs = [{ method: 'password', at: now }];
  const names = { name: '', displayName: '', email: '', emailVerified: false };
  return {
    session: { v: 1, id: '', userId: '', proofs, client: { ip, agent: '' }, ...times },
    user: { id: '', ...names, groups, attributes: {}, disabled: false, passwordSetAt: null },
  };
}

/** Relative to the working directory if the path is below it, which is shorter to read. */
function shorter(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near === '' || near.startsWith('..') || isAbsolute(near) ? path : `./${near}`;
}
