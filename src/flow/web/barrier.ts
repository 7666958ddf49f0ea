/** What bars a visitor from a plan, as a scene. */
import type { Plan } from '../../core/flow/plan.ts';
import type { FlowDeps } from '../run/deps.ts';
import { entryOf } from '../engine/admission.ts';
import { carriedInvitation } from '../browser/invited.ts';
import type { Run } from '../run/run.ts';
import { refusedScene, type Scene } from './scene.ts';
import { signInUrl } from './urls.ts';

/** Null: nothing does. `another`: they asked to sign in again or as somebody else. */
export async function barrier(
  deps: Pick<FlowDeps, 'signals' | 'events' | 'vault'>,
  run: Run,
  plan: Plan,
  isFresh: boolean,
  another: boolean,
): Promise<Scene | null> {
  const entry = await entryOf(deps, run, plan, isFresh, another);
  const { returnTo } = plan;
  const invited = carriedInvitation(deps.vault, run.browser, plan);
  switch (entry.kind) {
    case 'ok':
      return null;
    case 'signed-in':
      return { ...entry, returnTo, invited };
    case 'changed':
      return { kind: 'restart', returnTo, gone: true, invited };
    case 'denied':
      return { ...entry, run, returnTo };
    case 'refused':
      return refusedScene(403, entry.code, entry.text, returnTo);
    case 'sign-in': {
      const url = signInUrl(run.snapshot, run.flow, { rd: returnTo, invited });
      const reason = run.absence;
      return url === null
        ? refusedScene(403, reason, { key: 'flow.refused.no-sign-in' }, returnTo)
        : { kind: 'sign-in', url, reason };
    }
  }
}
