/** Scenes as pages: 303 after every POST, kind restarts, refusals that say what to do. Decides nothing. */
import type { Body } from '../../core/request/dialect.ts';
import type { Problem } from '../../core/values/problem.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { Field } from '../../core/flow/challenge.ts';
import { contentSecurityPolicy } from '../../pages/frame/csp.ts';
import type { NoticePageView } from '../../pages/views.ts';
import {
  formTargets,
  hiddenFields,
  linksOf,
  refusalText,
  secondsLeft,
  stepOf,
  withRefused,
} from './challenge.ts';
import type { FlowDeps } from '../run/deps.ts';
import type { Knock } from './arrival.ts';
import { deniedText, wayOnOf } from './denied.ts';
import { destination, whereTo } from './ending.ts';
import { carriedInvitation } from '../browser/invited.ts';
import { wordsFor } from '../engine/problem-words.ts';
import type { Scene, Told } from './scene.ts';
import { type FlowQuery, flowUrl, signInFlow } from './urls.ts';

type Of<K extends Scene['kind']> = Extract<Scene, { kind: K }>;

/** The response for a scene. */
export function pageFor(deps: FlowDeps, knock: Knock, told: Told): Response {
  const response = sceneResponse(deps, knock, told.scene);
  for (const cookie of told.cookies) response.headers.append('set-cookie', cookie);
  return response;
}

/** A fault as a page: its code and the request's id, never its cause. */
export function pageForProblem(deps: FlowDeps, knock: Knock, problem: Problem): Response {
  const isOurs = problem.status >= 500;
  const view = {
    title: { key: isOurs ? 'flow.title.fault' : 'flow.title.refused' },
    text: wordsFor(problem),
    tone: 'refused' as const,
    primary: again(deps.live.current, knock.flow),
    code: problem.code,
  };
  return notice(deps, knock, view, problem.status, problem.retryAfter);
}

function sceneResponse(deps: FlowDeps, knock: Knock, scene: Scene): Response {
  const snapshot = deps.live.current;
  switch (scene.kind) {
    case 'ask':
      return challengePage(deps, knock, scene);
    case 'moved': {
      const query = { plan: scene.plan.id, rd: scene.plan.returnTo };
      const isStale = !scene.byThis && scene.plan.refusal == null;
      return seeOther(flowUrl(knock.flow, isStale ? { ...query, notice: 'stale' } : query));
    }
    case 'unstored':
      return seeOther(flowUrl(knock.flow, { rd: scene.plan.returnTo, notice: 'full' }));
    case 'ended':
      return ended(deps, knock, scene);
    case 'go':
      return seeOther(scene.to);
    case 'circle':
      return circle(deps, knock, scene);
    case 'sign-in':
      return seeOther(scene.url);
    case 'restart': {
      const { returnTo: rd, invited } = scene;
      return seeOther(flowUrl(knock.flow, { rd, invited, notice: 'restarted' }));
    }
    case 'signed-in':
      return signedIn(deps, knock, scene, snapshot);
    case 'denied':
      return denied(deps, knock, scene);
    case 'refused':
      return notice(
        deps,
        knock,
        {
          title: { key: 'flow.title.refused' },
          text: scene.text,
          tone: 'refused',
          primary: again(snapshot, knock.flow, { rd: scene.returnTo }),
          code: scene.code,
        },
        scene.status,
        scene.retryAfter,
      );
  }
}

function challengePage(deps: FlowDeps, knock: Knock, scene: Of<'ask'>): Response {
  const { run, plan, standing } = scene;
  const { snapshot, flow } = run;
  if (standing.ask === null) throw new TypeError('A page without a challenge.');
  const { binding, challenge } = standing.ask;
  const { refusal } = standing;
  const app = challenge.hidesApp === true ? null : standing.app;
  const isKnown = run.visitor !== null || run.username !== null;
  const language = knock.facts.header('accept-language');
  const body = deps.pages.flowPage({
    brand: snapshot.brand,
    language,
    flow: { name: flow.name, title: deps.pages.say({ literal: flow.title }, language) },
    texts: flow.texts,
    app: app === null ? null : { title: app.title, host: app.host },
    action: flowUrl(flow.name),
    challenge: withRefused(challenge, refusal),
    hidden: hiddenFields(deps.vault, run, plan, binding.id, scene.link),
    refusal: refusalText(refusal, run.now),
    notice: scene.notice,
    step: stepOf(flow, standing),
    restartUrl:
      standing.plan.subject === null && challenge.restart === undefined
        ? null
        : flowUrl(flow.name, { ...startOf(deps, scene), ...(isKnown ? { as: 'other' } : {}) }),
    links: linksOf(snapshot, challenge, plan),
  });
  const wait = secondsLeft(refusal, run.now);
  return html(
    snapshot,
    body,
    wait > 0 ? 429 : 200,
    formTargets(flow, plan),
    wait,
    challenge.fields,
  );
}

function ended(deps: FlowDeps, knock: Knock, scene: Of<'ended'>): Response {
  const { plan, run } = scene;
  if (plan.stopped === undefined) return seeOther(destination(run.snapshot, plan));
  const view = {
    title: { key: 'flow.title.stopped' },
    text: plan.stopped.text,
    tone: 'refused' as const,
    ...waysOn(deps, scene),
    code: plan.stopped.reason.code,
  };
  return notice(deps, knock, view, 403);
}

/** To begin again; whoever could not enrol may well have an account, and is shown to the sign-in first. */
function waysOn(deps: FlowDeps, scene: Of<'ended'>): Pick<NoticePageView, 'primary' | 'secondary'> {
  const { snapshot, flow, visitor } = scene.run;
  const anew = again(snapshot, flow.name, startOf(deps, scene));
  const login = flow.designation === 'enrollment' && visitor === null ? signInFlow(snapshot) : null;
  if (login === null) return { primary: anew };
  const href = flowUrl(login.name, { rd: scene.plan.returnTo });
  return { primary: { href, label: { key: 'flow.sign-in' } }, secondary: anew };
}

/** A page and not a redirect: whoever was sent here in spite of a session would be sent in circles. */
function signedIn(
  deps: FlowDeps,
  knock: Knock,
  scene: Of<'signed-in'>,
  snapshot: Snapshot,
): Response {
  const name = scene.visitor.user.displayName || scene.visitor.user.name;
  const other = {
    href: flowUrl(knock.flow, {
      as: 'other',
      again: '1',
      rd: scene.returnTo,
      invited: scene.invited,
    }),
    label: { key: 'flow.signed-in.other' },
  };
  const view = {
    title: { key: 'flow.signed-in.title' },
    text: { key: 'flow.signed-in.text', values: { name } },
    tone: 'info' as const,
    primary: {
      href: whereTo(snapshot, scene.returnTo),
      label: { key: 'flow.signed-in.continue' },
    },
    secondary: other,
    code: null,
  };
  return notice(deps, knock, view, 200);
}

/** Whoever is turned away for being signed in has done nothing wrong, and is told so kindly. */
function denied(deps: FlowDeps, knock: Knock, scene: Of<'denied'>): Response {
  const isRefused = scene.visitor === null;
  const href = wayOnOf(scene);
  const view = {
    title: { key: isRefused ? 'flow.title.refused' : 'flow.signed-in.title' },
    text: deniedText(scene),
    tone: isRefused ? ('refused' as const) : ('info' as const),
    primary:
      href === null
        ? again(scene.run.snapshot, knock.flow, { rd: scene.returnTo })
        : { href, label: { key: 'flow.signed-in.continue' } },
    secondary: null,
    code: isRefused ? scene.code : null,
  };
  return notice(deps, knock, view, isRefused ? 403 : 200);
}

/** What somebody is told who was sent here again at once: that a cookie was lost, or that it did not suffice. */
function circle(deps: FlowDeps, knock: Knock, { run, returnTo }: Of<'circle'>): Response {
  const isLost = run.visitor === null && run.flow.designation === 'authentication';
  const as = run.visitor === null ? {} : { as: 'other' as const };
  const view = {
    title: { key: 'flow.circle.title' },
    text: { key: isLost ? 'flow.circle.lost' : 'flow.circle.text' },
    tone: 'info' as const,
    primary: { href: whereTo(run.snapshot, returnTo), label: { key: 'flow.circle.retry' } },
    secondary: {
      href: flowUrl(run.flow.name, { ...as, again: '1', rd: returnTo }),
      label: { key: 'flow.circle.again' },
    },
    code: 'flow/circle',
  };
  return notice(deps, knock, view, 200);
}

/** What a fresh start of the same run takes along. */
function startOf(deps: FlowDeps, { run, plan }: Of<'ask'> | Of<'ended'>): FlowQuery {
  return { rd: plan.returnTo, invited: carriedInvitation(deps.vault, run.browser, plan) };
}

/** Start this flow again, or sign in when it is unknown, or go home. */
function again(snapshot: Snapshot, name: string, query: FlowQuery = {}): NoticePageView['primary'] {
  const flow = snapshot.flows.get(name);
  if (flow !== undefined && flow.requires !== 'link') {
    return { href: flowUrl(name, query), label: { key: 'flow.again' } };
  }
  return signInFlow(snapshot) === null
    ? null
    : { href: `${snapshot.site.origin}/`, label: { key: 'flow.home' } };
}

function notice(
  deps: FlowDeps,
  knock: Knock,
  view: Omit<NoticePageView, 'brand' | 'language' | 'requestId'>,
  status: number,
  retryAfter = 0,
): Response {
  const snapshot = deps.live.current;
  const texts = snapshot.flows.get(knock.flow)?.texts;
  const body = deps.pages.noticePage({
    ...view,
    brand: snapshot.brand,
    language: knock.facts.header('accept-language'),
    ...(texts === undefined ? {} : { texts }),
    requestId: status >= 400 ? knock.requestId : null,
  });
  return html(snapshot, body, status, null, retryAfter);
}

function html(
  snapshot: Snapshot,
  body: Body,
  status: number,
  targets: readonly (string | null)[] | null,
  retryAfter: number,
  fields: readonly Field[] = [],
): Response {
  const headers = new Headers({
    'content-type': body.type,
    'content-security-policy': contentSecurityPolicy({
      portalOrigin: snapshot.site.origin,
      formTargets: targets,
      fields,
    }),
    'x-frame-options': 'DENY',
    'x-robots-tag': 'noindex',
  });
  if (retryAfter > 0) headers.set('retry-after', String(retryAfter));
  return new Response(body.text, { status, headers });
}

/** Never 307 or 308: they would send the answer along. */
function seeOther(to: string): Response {
  return new Response(null, { status: 303, headers: { location: to } });
}
