/**
 * The apps that users may name in tokens of their own: those that accept tokens, and whose front page is open
 * to the user. A token never opens more than that: every request with it is decided by the same rules.
 */
import type { SessionVisitor, Visitor } from '../core/access/decision.ts';
import type { SignalSource } from '../core/access/signal.ts';
import type { StagePorts } from '../core/flow/stage.ts';
import type { TokenApp } from '../core/people/token.ts';
import type { RequestFacts } from '../core/request/facts.ts';
import { isAccepted, readsAuthorization } from '../core/routes/accepts.ts';
import type { Route } from '../core/routes/route.ts';
import type { Live, Snapshot } from '../core/setup/snapshot.ts';
import type { Clock } from '../core/values/system.ts';
import { decideNow, factsAt, frontPageOf } from './apps.ts';

/** What finding them needs. */
interface TokenAppsPorts {
  readonly live: Live;
  readonly signals: SignalSource;
  readonly clock: Clock;
}

/** The port of stages. */
export function createTokenApps({ live, signals, clock }: TokenAppsPorts): StagePorts['apps'] {
  return {
    async openTo(visitor, facts, limit) {
      const snapshot = live.current;
      const apps: TokenApp[] = [];
      for (const route of acceptingRoutes(snapshot)) {
        const host = await openHost({ snapshot, signals, now: clock.now() }, route, visitor, facts);
        if (host !== null) apps.push({ id: route.id, title: route.title, host });
      }
      return apps.sort((a, b) => a.title.localeCompare(b.title, 'en')).slice(0, limit);
    },
    titles(ids) {
      const titles = new Map(live.current.table.routes.map(({ id, title }) => [id, title]));
      return ids.map((id) => titles.get(id) ?? id);
    },
  };
}

/** Whether any app accepts tokens. */
export function acceptsTokens(snapshot: Pick<Snapshot, 'table'>): boolean {
  return acceptingRoutes(snapshot).length > 0;
}

function acceptingRoutes({ table }: Pick<Snapshot, 'table'>): readonly Route[] {
  return table.routes.filter(({ rules }) => readsAuthorization(rules));
}

interface Now {
  readonly snapshot: Snapshot;
  readonly signals: SignalSource;
  readonly now: number;
}

/** The host of the route's front page, if the visitor may open it; otherwise null. */
async function openHost(
  { snapshot: { table, site }, signals, now }: Now,
  route: Route,
  visitor: SessionVisitor,
  requested: RequestFacts,
): Promise<string | null> {
  const front = frontPageOf(route, site, visitor.user);
  if (front === null) return null;
  const facts = factsAt(requested, site, front);
  const found = table.find(facts);
  const shown = 'refused' in found ? visitor : shownTo(found.rules, visitor);
  const input = { table, site, facts, visitor: shown, signals: {}, now };
  const { kind } = await decideNow(input, signals);
  return kind === 'deny' ? null : front.host;
}

/** What the user shows there: the session, or a token where sessions do not count. */
function shownTo(rules: Parameters<typeof isAccepted>[0], visitor: SessionVisitor): Visitor {
  if (isAccepted(rules, 'session')) return visitor;
  const scheme = isAccepted(rules, 'bearer') ? ('bearer' as const) : ('basic' as const);
  const limits = { expiresAt: null, routes: [], methods: [], networks: [] };
  const grant = { credential: 'token' as const, id: '', scheme, ...limits };
  return { session: null, user: visitor.user, grant };
}
