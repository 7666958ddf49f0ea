/** What keeps a visitor from running a plan, as a scene. */
import type { Vault } from '../../core/values/system.ts';
import { carriedInvitation } from '../browser/invited.ts';
import { admissionOf, type AdmissionPorts, type Approach } from '../engine/admission.ts';
import type { Run } from '../run/run.ts';
import { errorScene, type Scene } from './scene.ts';
import { signInUrl } from './urls.ts';

/** What it needs. */
export interface BarrierPorts extends AdmissionPorts {
  readonly vault: Pick<Vault, 'seal'>;
}

/** Null if nothing does. */
export async function barrier(
  ports: BarrierPorts,
  run: Run,
  approach: Approach,
): Promise<Scene | null> {
  const admission = await admissionOf(ports, run, approach);
  const { returnTo } = approach.plan;
  const invited = carriedInvitation(ports.vault, run.browser, approach.plan);
  switch (admission.kind) {
    case 'ok':
      return null;
    case 'signed-in':
      return { ...admission, returnTo, invited };
    case 'changed':
      return { kind: 'restart', returnTo, gone: true, invited, tested: null };
    case 'denied':
      return { ...admission, run, returnTo };
    case 'refused':
      return errorScene({ ...admission, status: 403, returnTo });
    case 'sign-in': {
      const url = signInUrl(run.snapshot, run.flow, { rd: returnTo, invited });
      const reason = run.absence;
      if (url !== null) return { kind: 'sign-in', url, reason };
      const text = { key: 'flow.refused.no-sign-in' };
      return errorScene({ status: 403, code: reason, text, returnTo });
    }
  }
}
