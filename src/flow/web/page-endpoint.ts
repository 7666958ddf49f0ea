/** Scenes as pages: 303 after every POST, error pages that say what to do next. Decides nothing. */
import type { Body } from '../../core/request/dialect.ts';
import type { Problem } from '../../core/values/problem.ts';
import type { Live, Snapshot } from '../../core/setup/snapshot.ts';
import type { Sources } from '../../core/sources/source-rule.ts';
import type { Message, OwnTexts } from '../../core/values/message.ts';
import type { Vault } from '../../core/values/system.ts';
import type { Field } from '../../core/flow/challenge.ts';
import { contentSecurityPolicy } from '../../pages/frame/csp.ts';
import type { FlowPageView, NoticePageView } from '../../pages/views.ts';
import {
  formTargets,
  hiddenFields,
  linksOf,
  rejectionText,
  secondsLeft,
  stepOf,
  withRejection,
} from './challenge.ts';
import type { FlowRequest } from './arrival.ts';
import { deniedText, wayOnOf } from './denied.ts';
import { destination, whereTo } from './ending.ts';
import { circleWords } from '../browser/circle-cause.ts';
import { carriedInvitation } from '../browser/invited.ts';
import { wordsFor } from '../engine/problem-words.ts';
import type { Scene, Shown } from './scene.ts';
import { type FlowQuery, flowUrl, signInFlow } from './urls.ts';

/** What replies as pages need. */
export interface PagePorts {
  readonly live: Live;
  readonly vault: Vault;
  readonly sources: Sources;
  readonly pages: {
    flowPage(view: FlowPageView): Body;
    noticePage(view: NoticePageView): Body;
    say(message: Message, language: string | null, own?: OwnTexts): string;
  };
}

/** A page without a form. */
type Notice = Omit<NoticePageView, 'brand' | 'language' | 'requestId'> & {
  readonly status: number;
  /** Seconds, or 0. */
  readonly retryAfter?: number;
};

type Of<K extends Scene['kind']> = Extract<Scene, { kind: K }>;

/** The response for a scene. */
export function pageFor(
  ports: PagePorts,
  request: FlowRequest,
  { scene, cookies }: Shown,
): Response {
  const response = sceneResponse(ports, request, scene);
  for (const cookie of cookies) response.headers.append('set-cookie', cookie);
  return response;
}

/** A fault as a page: its code and the request id, never its cause. */
export function pageForProblem(ports: PagePorts, request: FlowRequest, problem: Problem): Response {
  const isOurs = problem.status >= 500;
  const view = {
    title: { key: isOurs ? 'flow.title.fault' : 'flow.title.refused' },
    text: wordsFor(problem),
    tone: 'refused' as const,
    primary: again(ports.live.current, request.flow),
    code: problem.code,
    status: problem.status,
    retryAfter: problem.retryAfter,
  };
  return notice(ports, request, view);
}

function sceneResponse(ports: PagePorts, request: FlowRequest, scene: Scene): Response {
  const snapshot = ports.live.current;
  switch (scene.kind) {
    case 'ask':
      return challengePage(ports, request, scene);
    case 'moved': {
      const query = { plan: scene.plan.id, rd: scene.plan.returnTo };
      const isStale = !scene.byThis && scene.plan.refusal == null;
      // A run can go on in another flow than the one of the request.
      return seeOther(flowUrl(scene.plan.flow, isStale ? { ...query, notice: 'stale' } : query));
    }
    case 'unstored':
      return seeOther(flowUrl(request.flow, { rd: scene.plan.returnTo, notice: 'full' }));
    case 'ended':
      return ended(ports, request, scene);
    case 'go':
      return seeOther(scene.to);
    case 'circle':
      return circle(ports, request, scene);
    case 'sign-in':
      return seeOther(scene.url);
    case 'restart': {
      const { returnTo: rd, invited, tested } = scene;
      return seeOther(flowUrl(request.flow, { rd, invited, tested, notice: 'restarted' }));
    }
    case 'signed-in':
      return signedIn(ports, request, scene);
    case 'denied':
      return denied(ports, request, scene);
    case 'refused':
      return notice(ports, request, {
        title: { key: 'flow.title.refused' },
        text: scene.text,
        tone: 'refused',
        primary: again(snapshot, request.flow, { rd: scene.returnTo }),
        code: scene.code,
        status: scene.status,
        retryAfter: scene.retryAfter,
      });
  }
}

function challengePage(ports: PagePorts, request: FlowRequest, scene: Of<'ask'>): Response {
  const { run, plan, settled } = scene;
  const { snapshot, flow } = run;
  if (settled.ask === null) throw new TypeError('A page without a challenge.');
  const { binding, challenge } = settled.ask;
  const { rejection } = settled;
  const app = challenge.hidesApp === true ? null : settled.app;
  const isKnown = run.visitor !== null || run.username !== null;
  const language = request.facts.header('accept-language');
  const body = ports.pages.flowPage({
    brand: snapshot.brand,
    language,
    flow: { name: flow.name, title: ports.pages.say({ literal: flow.title }, language) },
    texts: flow.texts,
    app: app === null ? null : { title: app.title, host: app.host },
    action: flowUrl(flow.name),
    challenge: withRejection(challenge, rejection),
    hidden: hiddenFields(ports.vault, run, plan, { stageId: binding.id, link: scene.link }),
    rejection: rejectionText(rejection, run.now),
    notice: scene.notice,
    step: stepOf(flow, settled),
    restartUrl:
      settled.plan.subject === null && challenge.restart === undefined
        ? null
        : flowUrl(flow.name, { ...startOf(ports, scene), ...(isKnown ? { as: 'other' } : {}) }),
    links: linksOf(snapshot, challenge, plan),
  });
  const wait = secondsLeft(rejection, run.now);
  return html(snapshot, body, {
    status: wait > 0 ? 429 : 200,
    retryAfter: wait,
    targets: formTargets(flow, plan, ports.sources),
    fields: challenge.fields,
  });
}

function ended(ports: PagePorts, request: FlowRequest, scene: Of<'ended'>): Response {
  const { plan, run } = scene;
  if (plan.stopped === undefined) return seeOther(destination(run, plan));
  const view = {
    title: { key: 'flow.title.stopped' },
    text: plan.stopped.text,
    tone: 'refused' as const,
    ...waysOn(ports, scene),
    code: plan.stopped.reason.code,
    status: 403,
  };
  return notice(ports, request, view);
}

/** Starting again; a visitor who could not enrol may already have an account, so sign-in comes first. */
function waysOn(
  ports: PagePorts,
  scene: Of<'ended'>,
): Pick<NoticePageView, 'primary' | 'secondary'> {
  const { snapshot, flow, visitor } = scene.run;
  const anew = again(snapshot, flow.name, startOf(ports, scene));
  const login = flow.designation === 'enrollment' && visitor === null ? signInFlow(snapshot) : null;
  if (login === null) return { primary: anew };
  const href = flowUrl(login.name, { rd: scene.plan.returnTo });
  return { primary: { href, label: { key: 'flow.sign-in' } }, secondary: anew };
}

/** A page and not a redirect: an app that sends signed-in users here would cause a loop. */
function signedIn(ports: PagePorts, request: FlowRequest, scene: Of<'signed-in'>): Response {
  const name = scene.visitor.user.displayName || scene.visitor.user.name;
  const other = {
    href: flowUrl(request.flow, {
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
      href: whereTo(ports.live.current, scene.returnTo),
      label: { key: 'flow.signed-in.continue' },
    },
    secondary: other,
    code: null,
    status: 200,
  };
  return notice(ports, request, view);
}

/** A visitor denied only for being signed in has done nothing wrong, so that page is no error. */
function denied(ports: PagePorts, request: FlowRequest, scene: Of<'denied'>): Response {
  const isRefused = scene.visitor === null;
  const href = wayOnOf(scene);
  const view = {
    title: { key: isRefused ? 'flow.title.refused' : 'flow.signed-in.title' },
    text: deniedText(scene),
    tone: isRefused ? ('refused' as const) : ('info' as const),
    primary:
      href === null
        ? again(scene.run.snapshot, request.flow, { rd: scene.returnTo })
        : { href, label: { key: 'flow.signed-in.continue' } },
    secondary: null,
    code: isRefused ? scene.code : null,
    status: isRefused ? 403 : 200,
  };
  return notice(ports, request, view);
}

/** For a visitor sent here again at once: either a cookie was lost, or the app did not accept the sign-in. */
function circle(ports: PagePorts, request: FlowRequest, scene: Of<'circle'>): Response {
  const { run, returnTo } = scene;
  const as = run.visitor === null ? {} : { as: 'other' as const };
  const view = {
    ...circleWords(scene.cause),
    tone: 'info' as const,
    primary: { href: whereTo(run.snapshot, returnTo), label: { key: 'flow.circle.retry' } },
    secondary: {
      href: flowUrl(run.flow.name, { ...as, again: '1', rd: returnTo }),
      label: { key: 'flow.circle.again' },
    },
    code: 'flow/circle',
    status: 200,
  };
  return notice(ports, request, view);
}

/** What a fresh start of the same run carries over. */
function startOf(ports: PagePorts, { run, plan }: Of<'ask'> | Of<'ended'>): FlowQuery {
  return { rd: plan.returnTo, invited: carriedInvitation(ports.vault, run.browser, plan) };
}

/** A link to start this flow again; to the portal if the flow cannot be started; null without a sign-in flow. */
function again(snapshot: Snapshot, name: string, query: FlowQuery = {}): NoticePageView['primary'] {
  const flow = snapshot.flows.get(name);
  const isOpen = flow !== undefined && flow.requires !== 'link' && flow.requires !== 'source';
  if (isOpen) {
    return { href: flowUrl(name, query), label: { key: 'flow.again' } };
  }
  return signInFlow(snapshot) === null
    ? null
    : { href: `${snapshot.site.origin}/`, label: { key: 'flow.home' } };
}

function notice(
  ports: PagePorts,
  request: FlowRequest,
  { status, retryAfter = 0, ...view }: Notice,
): Response {
  const snapshot = ports.live.current;
  const texts = snapshot.flows.get(request.flow)?.texts;
  const body = ports.pages.noticePage({
    ...view,
    brand: snapshot.brand,
    language: request.facts.header('accept-language'),
    ...(texts === undefined ? {} : { texts }),
    requestId: status >= 400 || view.code !== null ? request.requestId : null,
  });
  return html(snapshot, body, { status, retryAfter, targets: null, fields: [] });
}

function html(
  snapshot: Snapshot,
  body: Body,
  {
    status,
    retryAfter,
    targets,
    fields,
  }: {
    readonly status: number;
    readonly retryAfter: number;
    readonly targets: readonly (string | null)[] | null;
    readonly fields: readonly Field[];
  },
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

/** Never 307 or 308, which would send the submission along. */
function seeOther(to: string): Response {
  return new Response(null, { status: 303, headers: { location: to } });
}
