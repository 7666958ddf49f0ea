/**
 * The apps somebody may open, told by the one `decide` that guards them. An app that would
 * refuse is not listed; one that would ask for another step says so.
 */
import { type DecideInput, decide, inputOf } from '../core/access/decide.ts';
import type { Decision, SessionVisitor } from '../core/access/decision.ts';
import type { RequestFacts } from '../core/request/facts.ts';
import { neededBy } from '../core/access/policy.ts';
import { originOf, type Site } from '../core/access/return-to.ts';
import type { Route } from '../core/access/route.ts';
import type { SignalSource } from '../core/access/signal.ts';
import type { Snapshot } from '../core/setup/snapshot.ts';

/** An app as the front page lists it. */
interface PortalApp {
  readonly title: string;
  readonly host: string;
  readonly url: string;
  readonly asksMore: boolean;
}

/** Most apps on one page; whoever has more finds them by searching. */
export const MAX_LISTED = 200;

/** From how many apps on the page offers a search. */
export const SEARCH_FROM = 13;

/** What was found. */
export interface PortalApps {
  readonly apps: readonly PortalApp[];
  /** How many there are without the search, at most MAX_LISTED. */
  readonly total: number;
}

/**
 * Apps whose front door is open to the visitor, by title; `search` narrows by title and host.
 * Signals are gathered for those apps alone whose rules need any, as when they are opened.
 */
export async function appsFor(
  snapshot: Snapshot,
  visitor: SessionVisitor,
  asked: RequestFacts,
  now: number,
  search: string,
  signals: SignalSource,
): Promise<PortalApps> {
  const needle = search.trim().toLocaleLowerCase('en');
  const apps: PortalApp[] = [];
  let total = 0;
  for (const route of snapshot.table.routes) {
    const door = frontDoor(route, snapshot.site);
    if (door === null) continue;
    const isListed = `${route.title}\n${door.host}`.toLocaleLowerCase('en').includes(needle);
    if (apps.length >= MAX_LISTED || (!isListed && total >= MAX_LISTED)) continue;
    const { table, site } = snapshot;
    const facts = factsAt(asked, site, door);
    const decision = await judged({ table, site, facts, visitor, signals: {}, now }, signals);
    if (decision.kind === 'deny') continue;
    total = Math.min(total + 1, MAX_LISTED);
    if (!isListed) continue;
    apps.push({
      title: route.title,
      host: door.host,
      url: `${originOf(snapshot.site, door.host, door.port)}/`,
      asksMore: decision.kind === 'authenticate',
    });
  }
  return { apps: apps.sort((a, b) => a.title.localeCompare(b.title, 'en')), total };
}

/** What opening the app would come to right now. */
async function judged(
  input: DecideInput & { readonly visitor: SessionVisitor },
  signals: SignalSource,
): Promise<Decision> {
  const { table, facts, visitor } = input;
  const found = table.find(facts);
  const needed = 'refused' in found ? [] : neededBy(found.rules.map((rule) => rule.gate));
  if ('refused' in found || needed.length === 0) return decide(input);
  const { user, session } = visitor;
  const subject = { login: user.name, userId: user.id };
  const query = { ...inputOf(input, found, visitor), device: session.device ?? null, subject };
  return decide({ ...input, signals: await signals(needed, query) });
}

interface Door {
  readonly host: string;
  readonly port: number;
}

/** The first host that can be linked to (a wildcard cannot), at the portal's port where it serves that. */
function frontDoor(route: Route, site: Site): Door | null {
  const host = route.hosts.find((candidate) => !candidate.name.startsWith('*'));
  if (host === undefined) return null;
  const port = host.ports.includes(site.port) ? site.port : host.ports[0];
  return port === undefined ? null : { host: host.name, port };
}

/** The request this very browser would make for the app's front page. */
function factsAt(asked: RequestFacts, site: Site, door: Door): RequestFacts {
  return {
    kind: 'page',
    method: 'GET',
    scheme: site.scheme,
    host: door.host,
    port: door.port,
    path: '/',
    foldedPath: '/',
    query: '',
    clientIp: asked.clientIp,
    viaTrustedProxy: asked.viaTrustedProxy,
    origin: null,
    header: asked.header,
  };
}
