/** What comes of a request to a flow, before it becomes a page or JSON. */
import type { SessionVisitor } from '../../core/access/decision.ts';
import type { Message } from '../../core/values/message.ts';
import type { Absence } from '../../core/access/visitors.ts';
import type { Plan } from '../../core/flow/plan.ts';
import type { Standing } from '../engine/executor.ts';
import type { Run } from '../run/run.ts';

export type Scene =
  /** Something is asked. `plan` is as it is stored, or fresh at revision 0. */
  | {
      readonly kind: 'ask';
      readonly run: Run;
      readonly plan: Plan;
      readonly standing: Standing;
      readonly notice: Message | null;
      /** The token of the mailed link whose page this is, or null. */
      readonly link: string | null;
    }
  /** A stored plan has moved or was found further on: show it under its own URL. */
  | {
      readonly kind: 'moved';
      readonly run: Run;
      readonly plan: Plan;
      /** False: by an earlier form, not by this one. */
      readonly byThis: boolean;
    }
  /** What was asked for is done, and the store has no room for where the plan went: begin anew. */
  | { readonly kind: 'unstored'; readonly run: Run; readonly plan: Plan }
  /** The plan is over. */
  | { readonly kind: 'ended'; readonly run: Run; readonly plan: Plan }
  | { readonly kind: 'go'; readonly to: string }
  /** What was sent belongs to nothing that runs: a fresh start, destination kept. */
  | {
      readonly kind: 'restart';
      readonly returnTo: string | null;
      readonly gone: boolean;
      /** The invitation of the run that is over, carried along; null without one. */
      readonly invited: string | null;
    }
  | {
      readonly kind: 'signed-in';
      readonly visitor: SessionVisitor;
      readonly returnTo: string | null;
      readonly invited: string | null;
    }
  /** The flow does not admit them; what they meet then is its own to say (denied.ts). */
  | {
      readonly kind: 'denied';
      readonly run: Run;
      /** Stable code of the first reason. */
      readonly code: string;
      /** Who is signed in, where nobody may be; null: its policies say no. */
      readonly visitor: SessionVisitor | null;
      readonly returnTo: string | null;
    }
  | {
      readonly kind: 'sign-in';
      readonly url: string;
      /** Nobody is signed in, or somebody is who is bound to another place. */
      readonly reason: Absence;
    }
  /** Just gone through, and asked for again: a page, where a redirect would go in circles. */
  | { readonly kind: 'circle'; readonly run: Run; readonly returnTo: string | null }
  | {
      readonly kind: 'refused';
      readonly status: 400 | 403 | 404 | 410 | 429;
      readonly code: string;
      readonly text: Message;
      /** Seconds, or 0. */
      readonly retryAfter: number;
      readonly returnTo: string | null;
    };

/** A scene with the cookies that go with it. */
export interface Told {
  readonly scene: Scene;
  readonly cookies: readonly string[];
}

/** A refusal in few words. */
export function refusedScene(
  status: 400 | 403 | 404 | 410 | 429,
  code: string,
  text: Message,
  returnTo: string | null = null,
  retryAfter = 0,
): Scene {
  return { kind: 'refused', status, code, text, returnTo, retryAfter };
}
