/**
 * The way of a browser that signs out here and then at its provider, and back. What comes back names a
 * plan of this very browser and nothing else, so no address to go to ever comes from outside.
 */
import type { EventSink } from '../../core/access/event.ts';
import type { Plan } from '../../core/flow/plan.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import { siteOf } from '../../core/setup/domain.ts';
import type { Live } from '../../core/setup/snapshot.ts';
import type { Stores } from '../../core/setup/stores.ts';
import type { Sources } from '../../core/sources/source-rule.ts';
import type { SourceSession } from '../../core/sources/source-session.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Vault } from '../../core/values/system.ts';
import { readBrowserCookie } from '../browser/cookies.ts';
import type { Run } from '../run/run.ts';

/** What leaving needs. */
export interface LeavingPorts {
  readonly stores: Pick<Stores, 'sourceSessions'>;
  readonly sources: Sources;
  readonly events: EventSink;
}

/** What returning needs. */
export interface ReturningPorts {
  readonly live: Live;
  readonly stores: Pick<Stores, 'plans'>;
  readonly vault: Pick<Vault, 'name'>;
}

const STATE = /^[A-Za-z0-9_-]{16,64}$/;

/** What is needed at the provider after a sign-out; read before the session ends. Null if none leads there. */
export async function keptForSignOut(
  { sources, stores }: LeavingPorts,
  { flow, ticket, visitor }: Run,
): Promise<SourceSession | null> {
  const source = visitor?.session.source;
  if (flow.designation !== 'invalidation' || source === undefined || ticket === null) return null;
  return sources.find(source)?.rule.signOut === true ? stores.sourceSessions.read(ticket) : null;
}

/**
 * Where the provider ends its own session; null if it offers no such address. The user is signed out here
 * already, so a provider that does not respond is reported and nothing else.
 */
export async function signOutUrl(
  { sources, events }: LeavingPorts,
  { facts, snapshot, requestId }: Run,
  { id: state }: Plan,
  { source: name, idToken }: SourceSession,
): Promise<string | null> {
  const source = sources.find(name)?.source;
  const { origin } = siteOf(snapshot, facts.host);
  const returnTo = `${origin}/source/${encodeURIComponent(name)}/signed-out`;
  try {
    const to = (await source?.signOutUrl({ idToken, returnTo, state })) ?? null;
    if (to === null || source?.origins.includes(new URL(to).origin) === true) return to;
    throw new Problem(
      'source/origin',
      `The source ${name} leads to an origin that is not its own.`,
    );
  } catch (cause) {
    // Named fallback: the flow goes on as if the provider had no session.
    events.emit({ type: 'fault', code: 'source/sign-out', requestId, cause });
    return null;
  }
}

/** The path on which a browser goes on that comes back from a provider: its own run, or else the front page. */
export async function wayBack(
  { live, stores: { plans }, vault }: ReturningPorts,
  facts: RequestFacts,
): Promise<string> {
  const states = new URLSearchParams(facts.query).getAll('state');
  const secret = readBrowserCookie(live.current, facts.header('cookie'));
  const [state = '', ...more] = states;
  if (secret === null || more.length > 0 || !STATE.test(state)) return '/';
  const plan = await plans.read(state);
  const isOwn = plan?.browser === vault.name('browser', secret);
  if (plan === null || !isOwn) return '/';
  return `/flow/${encodeURIComponent(plan.flow)}?plan=${plan.id}`;
}
