/**
 * The apps that a visitor may open, according to the same `decide` that guards them. An app that would
 * refuse is not listed; one that would require another step is marked.
 */
import { type DecideInput, decide, neededFor, queryOf } from '../core/access/decide.ts';
import type { Decision, SessionVisitor } from '../core/access/decision.ts';
import type { RequestFacts } from '../core/request/facts.ts';
import { originOf, type Site } from '../core/access/return-to.ts';
import type { Route } from '../core/routes/route.ts';
import { hostPattern, labelFor } from '../core/routes/hosts.ts';
import type { User } from '../core/people/user.ts';
import type { SignalSource } from '../core/access/signal.ts';
import type { Snapshot } from '../core/setup/snapshot.ts';

/** An app as the front page lists it. */
interface PortalApp {
  readonly title: string;
  readonly host: string;
  readonly url: string;
  readonly asksMore: boolean;
}

/** Most apps on one page; the search finds the rest. */
export const MAX_LISTED = 200;

/** Number of apps from which on the page offers a search. */
export const SEARCH_FROM = 13;

/** What was found. */
export interface PortalApps {
  readonly apps: readonly PortalApp[];
  /** How many there are without the search, at most MAX_LISTED. */
  readonly total: number;
}

/** Whose apps are listed. */
export interface AppsQuery {
  readonly snapshot: Snapshot;
  readonly visitor: SessionVisitor;
  /** The request for the list. */
  readonly facts: RequestFacts;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly search: string;
  readonly signals: SignalSource;
}

/**
 * Apps whose front page is open to the visitor, by title; `search` filters by title and host. Signals
 * are gathered only for apps whose rules need them, as when they are opened.
 */
export async function appsFor(query: AppsQuery): Promise<PortalApps> {
  const { snapshot, visitor, facts: requested, now, search, signals } = query;
  const needle = search.trim().toLocaleLowerCase('en');
  const apps: PortalApp[] = [];
  let total = 0;
  for (const route of snapshot.table.routes) {
    const front = frontPageOf(route, snapshot.site, visitor.user);
    if (front === null) continue;
    const isListed = `${route.title}\n${front.host}`.toLocaleLowerCase('en').includes(needle);
    if (apps.length >= MAX_LISTED || (!isListed && total >= MAX_LISTED)) continue;
    const { table, site } = snapshot;
    const facts = factsAt(requested, site, front);
    const decision = await decideNow({ table, site, facts, visitor, signals: {}, now }, signals);
    if (decision.kind === 'deny') continue;
    total = Math.min(total + 1, MAX_LISTED);
    if (!isListed) continue;
    apps.push({
      title: route.title,
      host: front.host,
      url: `${originOf(snapshot.site, front.host, front.port)}/`,
      asksMore: decision.kind === 'authenticate',
    });
  }
  return { apps: apps.sort((a, b) => a.title.localeCompare(b.title, 'en')), total };
}

/** The decision if the app were opened now. */
export async function decideNow(input: DecideInput, signals: SignalSource): Promise<Decision> {
  const { table, facts, visitor } = input;
  const found = table.find(facts);
  const needed = 'refused' in found ? [] : neededFor(found, visitor);
  if ('refused' in found || needed.length === 0) return decide(input);
  return decide({ ...input, signals: await signals(needed, queryOf(input, found)) });
}

interface FrontPage {
  readonly host: string;
  readonly port: number;
}

/** The first host that can be linked to, at the portal's port where it serves that. */
export function frontPageOf(route: Route, site: Site, user: User): FrontPage | null {
  for (const { name, ports } of route.hosts) {
    const host = linkable(name, user);
    const port = ports.includes(site.port) ? site.port : ports[0];
    if (host !== null && port !== undefined) return { host, port };
  }
  return null;
}

/** The host of an exact name, or the user's own host; null for other patterns. */
function linkable(name: string, user: User): string | null {
  const pattern = hostPattern(name);
  if (pattern === null) return name;
  const label = pattern.owner === 'user' ? labelFor(user.name) : null;
  return label === null ? null : label + pattern.suffix;
}

/** The request this very browser would make for the app's front page. */
export function factsAt(requested: RequestFacts, site: Site, front: FrontPage): RequestFacts {
  return {
    kind: 'page',
    method: 'GET',
    scheme: site.scheme,
    host: front.host,
    port: front.port,
    path: '/',
    isPlain: true,
    query: '',
    clientIp: requested.clientIp,
    viaTrustedProxy: requested.viaTrustedProxy,
    origin: null,
    header: requested.header,
    isRepeated: requested.isRepeated,
  };
}
