/**
 * What users see when the flow does not admit them: a page, a page with a link to their destination,
 * or the destination itself. Continuing grants nothing, because routes decide for themselves, and it
 * never loops.
 */
import { decide } from '../../core/access/decide.ts';
import { siteOf } from '../../core/setup/domain.ts';
import type { Message } from '../../core/values/message.ts';
import { readFacts } from '../../core/request/facts.ts';
import { isRefusal } from '../../core/request/refusal.ts';
import { isCircle } from '../browser/circles.ts';
import { whereTo } from './ending.ts';
import type { Run } from '../run/run.ts';
import type { Scene } from './scene.ts';
import { signInFlow } from './urls.ts';

type Denied = Extract<Scene, { kind: 'denied' }>;

/** The scene for a browser: straight to the destination if the flow says so and it does not lead back here. */
export function sentOn(scene: Scene): Scene {
  if (scene.kind !== 'denied' || scene.run.flow.denied.action !== 'continue') return scene;
  const { run, returnTo } = scene;
  const isBack = isCircle(run, returnTo) || leadsBack(run, returnTo);
  return isBack ? scene : { kind: 'go', to: whereTo(run.snapshot, returnTo) };
}

/** The text of the page. */
export function deniedText({ run, visitor }: Denied): Message {
  const { text } = run.flow.denied;
  if (text !== null) return { literal: text };
  if (visitor === null) return { key: 'flow.refused.policy' };
  const { displayName, name } = visitor.user;
  return { key: 'flow.signed-in.only', values: { name: displayName || name } };
}

/**
 * The destination that the reply offers, or null. A page shown in place of `continue` offers none,
 * because the destination leads back here. Scripts, which are not redirected, always get it then. A
 * visitor denied only for being signed in may always continue.
 */
export function wayOnOf(
  { run, visitor, returnTo }: Denied,
  kind: 'page' | 'script' = 'page',
): string | null {
  const { action } = run.flow.denied;
  const isOffered = action === 'message_continue' || (action === 'continue' && kind === 'script');
  return isOffered || visitor !== null ? whereTo(run.snapshot, returnTo) : null;
}

/** Whether the destination would send an anonymous visitor back to this very flow. */
function leadsBack(
  { snapshot, flow, visitor, facts: { clientIp }, now }: Run,
  returnTo: string | null,
): boolean {
  if (visitor !== null) return false;
  const { site, table } = snapshot;
  const { origin, host, pathname, search } = new URL(whereTo(snapshot, returnTo));
  if (origin === site.origin) return signInFlow(snapshot)?.name === flow.name;
  const facts = readFacts({
    method: 'GET',
    scheme: site.scheme,
    authority: host,
    target: pathname + search,
    clientIp,
    header: () => null,
  });
  if (isRefusal(facts)) return false;
  const input = { table, site: siteOf(snapshot, facts.host), facts, visitor: null };
  // Without signals, a destination that needs some to be open counts as leading back.
  const decision = decide({ ...input, signals: {}, now });
  return decision.kind === 'authenticate' && decision.flow === flow.name;
}
