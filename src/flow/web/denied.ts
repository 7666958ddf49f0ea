/**
 * What somebody meets whom a flow does not admit: a page, a page with a way on, or their destination
 * at once. Going on opens nothing, since routes decide for themselves; it never goes in a circle.
 */
import type { Message } from '../../core/values/message.ts';
import { readFacts } from '../../core/request/facts.ts';
import { isRefusal } from '../../core/request/refusal.ts';
import { isCircle } from '../browser/circles.ts';
import { whereTo } from './ending.ts';
import type { Run } from '../run/run.ts';
import type { Scene } from './scene.ts';
import { signInFlow } from './urls.ts';

type Denied = Extract<Scene, { kind: 'denied' }>;

/** The scene for a browser: straight on, where the flow says so and the way does not lead back here. */
export function sentOn(scene: Scene): Scene {
  if (scene.kind !== 'denied' || scene.run.flow.denied.action !== 'continue') return scene;
  const { run, returnTo } = scene;
  const isBack = isCircle(run, returnTo) || leadsBack(run, returnTo);
  return isBack ? scene : { kind: 'go', to: whereTo(run.snapshot, returnTo) };
}

/** What they are told. */
export function deniedText({ run, visitor }: Denied): Message {
  const { text } = run.flow.denied;
  if (text !== null) return { literal: text };
  if (visitor === null) return { key: 'flow.refused.policy' };
  const { displayName, name } = visitor.user;
  return { key: 'flow.signed-in.only', values: { name: displayName || name } };
}

/**
 * Where a page's button leads; null for none: a page in place of `continue` is shown because the way
 * on leads back. Scripts, which nobody redirects, are told that way. Whoever is turned away for being
 * signed in may always go on.
 */
export function wayOnOf(
  { run, visitor, returnTo }: Denied,
  kind: 'page' | 'script' = 'page',
): string | null {
  const { action } = run.flow.denied;
  const isTold = action === 'message_continue' || (action === 'continue' && kind === 'script');
  return isTold || visitor !== null ? whereTo(run.snapshot, returnTo) : null;
}

/** Whether the destination sends whoever is not signed in to this very flow: nobody need go there to find out. */
function leadsBack({ snapshot, flow, visitor, facts }: Run, returnTo: string | null): boolean {
  if (visitor !== null) return false;
  const { site, table } = snapshot;
  const { origin, host, pathname, search } = new URL(whereTo(snapshot, returnTo));
  if (origin === site.origin) return signInFlow(snapshot)?.name === flow.name;
  const asked = readFacts({
    method: 'GET',
    scheme: site.scheme,
    authority: host,
    target: pathname + search,
    clientIp: facts.clientIp,
    header: () => null,
  });
  if (isRefusal(asked)) return false;
  const found = table.find(asked);
  if ('refused' in found) return false;
  return found.rules.find((rule) => !rule.public)?.flow === flow.name;
}
