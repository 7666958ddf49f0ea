/** The outcome of a request to a flow, before it becomes a page or JSON. */
import type { SessionVisitor } from '../../core/access/decision.ts';
import type { Message } from '../../core/values/message.ts';
import type { Absence } from '../../core/access/visitors.ts';
import type { Plan } from '../../core/flow/plan.ts';
import type { Settled } from '../engine/executor.ts';
import type { EventSink } from '../../core/access/event.ts';
import type { CircleCause } from '../browser/circle-cause.ts';
import type { Run } from '../run/run.ts';
import type { FlowRequest } from './arrival.ts';

export type Scene =
  /** A stage asks. `plan` is as it is stored, or fresh at revision 0. */
  | {
      readonly kind: 'ask';
      readonly run: Run;
      readonly plan: Plan;
      readonly settled: Settled;
      readonly notice: Message | null;
      /** The token of the emailed link whose page this is, or null. */
      readonly link: string | null;
    }
  /** A stored plan has moved, or is further on than the form: show it under its own URL. */
  | {
      readonly kind: 'moved';
      readonly run: Run;
      readonly plan: Plan;
      /** False: an earlier form moved it, not this one. */
      readonly byThis: boolean;
    }
  /** The orders were carried out, but the store had no room for the plan: start again. */
  | { readonly kind: 'unstored'; readonly run: Run; readonly plan: Plan }
  /** The plan has ended. */
  | { readonly kind: 'ended'; readonly run: Run; readonly plan: Plan }
  /** `isVisit`: to a source, from which the browser comes back to this run. */
  | { readonly kind: 'go'; readonly to: string; readonly isVisit?: boolean }
  /** The form belongs to no running plan: a fresh start with the same destination. */
  | {
      readonly kind: 'restart';
      readonly returnTo: string | null;
      readonly gone: boolean;
      /** The invitation of the run that ended, carried along; null without one. */
      readonly invited: string | null;
      /** `cookieTest`, if the browser returned no cookie and the redirect sets one; else null. */
      readonly tested: string | null;
    }
  | {
      readonly kind: 'signed-in';
      readonly visitor: SessionVisitor;
      readonly returnTo: string | null;
      readonly invited: string | null;
    }
  /** The flow does not admit the visitor; the flow itself decides what they see (denied.ts). */
  | {
      readonly kind: 'denied';
      readonly run: Run;
      /** Stable code of the first reason. */
      readonly code: string;
      /** The signed-in visitor of a flow for anonymous ones; null if the flow's policies deny it. */
      readonly visitor: SessionVisitor | null;
      readonly returnTo: string | null;
    }
  | {
      readonly kind: 'sign-in';
      readonly url: string;
      /** Why there is no visitor: not signed in, or bound to another place. */
      readonly reason: Absence;
    }
  /** Back at the flow although it was completed or sent a moment ago: a page that says why. */
  | {
      readonly kind: 'circle';
      readonly run: Run;
      readonly returnTo: string | null;
      readonly cause: CircleCause;
    }
  | ErrorScene;

/** A short error page. */
export interface ErrorScene {
  readonly kind: 'refused';
  readonly status: 400 | 403 | 404 | 410 | 429;
  readonly code: string;
  readonly text: Message;
  /** Seconds, or 0. */
  readonly retryAfter: number;
  readonly returnTo: string | null;
}

/** A scene with its Set-Cookie lines. */
export interface Shown {
  readonly scene: Scene;
  readonly cookies: readonly string[];
}

/** The scene of an error page. */
export function errorScene(
  error: Pick<ErrorScene, 'status' | 'code' | 'text'> & Partial<ErrorScene>,
): ErrorScene {
  return { retryAfter: 0, returnTo: null, ...error, kind: 'refused' };
}

/** For another browser or for a run that is over: a sign-in that began elsewhere must not end here. */
export const FOREIGN_ANSWER = errorScene({
  status: 403,
  code: 'source/other-browser',
  text: { key: 'flow.source.other-browser' },
});
/** No flow has this name. */
export const UNKNOWN_FLOW = errorScene({
  status: 404,
  code: 'flow/unknown',
  text: { key: 'flow.refused.unknown' },
});

/** The scene of the page that ends a loop, with its event. */
export function loopScene(
  events: EventSink,
  run: Run,
  returnTo: string | null,
  cause: CircleCause,
): Scene {
  events.emit({
    type: 'flow',
    flow: run.flow.name,
    outcome: 'looped',
    code: `circle/${cause}`,
    userId: run.visitor?.user.id ?? null,
    clientIp: run.facts.clientIp,
    requestId: run.requestId,
  });
  return { kind: 'circle', run, returnTo, cause };
}

/** Why the user sees a page they did not expect. */
export function noticeOf(
  run: Run,
  start: 'fresh' | 'stored',
  notice: string | null,
): Message | null {
  const known: readonly (string | null)[] = ['stale', 'restarted', 'unsent', 'kept', 'full'];
  if (known.includes(notice)) return { key: `flow.notice.${notice}` };
  if (start === 'stored') return null;
  if (run.absence === 'session/two-cookies') return { key: 'flow.notice.two-cookies' };
  const isMoved = run.elsewhere !== null && run.flow.designation === 'authentication';
  return isMoved ? { key: 'flow.notice.elsewhere' } : null;
}

/** Starts the flow again, with its event. */
export function restart(
  { events }: { readonly events: EventSink },
  { flow, facts, requestId }: Pick<FlowRequest, 'flow' | 'facts' | 'requestId'>,
  again: {
    readonly returnTo: string | null;
    readonly gone?: boolean;
    readonly invited?: string | null;
    readonly tested?: string;
  },
): Shown {
  const scene = { kind: 'restart', gone: false, invited: null, tested: null, ...again } as const;
  events.emit({
    type: 'flow',
    flow,
    outcome: 'restarted',
    code: scene.gone ? 'plan/gone' : 'plan/stale',
    userId: null,
    clientIp: facts.clientIp,
    requestId,
  });
  return plain(scene);
}

/** A scene without cookies. */
export function plain(scene: Scene): Shown {
  return { scene, cookies: [] };
}
