/**
 * Visitors who are signed in here, but not on the host of the app that sent them to sign in: the session
 * is handed over without another password. If the same host sends them a third time at once, its cookie
 * was lost, and they see a page instead of a redirect loop.
 */
import type { EventSink } from '../../core/access/event.ts';
import { handoverUrl } from '../../core/access/handover-request.ts';
import { signedInOf } from '../../core/access/visitors.ts';
import { isHandedOver } from '../../core/setup/ticket-cookie.ts';
import { isRepeated } from '../browser/circles.ts';
import type { Run } from '../run/run.ts';
import type { ArrivalPorts } from './arrival.ts';
import { loopScene, type Scene } from './scene.ts';

/** The scene; null for all other visitors. */
export async function sentBack(
  { appVisitors, events }: Pick<ArrivalPorts, 'appVisitors'> & { readonly events: EventSink },
  run: Run,
  returnTo: string | null,
): Promise<Scene | null> {
  const { snapshot, flow, visitor, facts } = run;
  if (visitor === null || returnTo === null || flow.designation !== 'authentication') return null;
  if (flow.requires !== 'anyone' && flow.requires !== 'anonymous') return null;
  const { origin, hostname } = new URL(returnTo);
  if (origin === snapshot.site.origin) return null;
  if (!isHandedOver(snapshot, hostname)) {
    // The host gets the very cookie that this request has, so it knows the session already.
    const there = signedInOf(await appVisitors.find(facts, 'look'));
    if (there?.session.id === visitor.session.id) return null;
  }
  if (isRepeated(run, returnTo)) return loopScene(events, run, returnTo, 'app-cookie');
  return { kind: 'go', to: handoverUrl(returnTo) };
}
