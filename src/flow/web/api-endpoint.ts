/** Scenes as JSON: the same challenges, texts rendered, stable codes with matching statuses. Decides nothing. */
import type { Json } from '../../core/values/json.ts';
import type { Message } from '../../core/values/message.ts';
import type { RejectedSubmission } from '../../core/flow/plan.ts';
import type { Problem } from '../../core/values/problem.ts';
import type { Field } from '../../core/flow/challenge.ts';
import { hiddenFields, linksOf, rejectionText, secondsLeft, withRejection } from './challenge.ts';
import { deniedText, wayOnOf } from './denied.ts';
import { destination, onward, whereTo } from './ending.ts';
import { circleWords } from '../browser/circle-cause.ts';
import type { Executor } from '../engine/executor.ts';
import type { FlowRequest } from './arrival.ts';
import type { PagePorts } from './page-endpoint.ts';
import type { Scene, Shown } from './scene.ts';
import { flowUrl } from './urls.ts';

type Of<K extends Scene['kind']> = Extract<Scene, { kind: K }>;

/** What replies in JSON need. */
export interface ApiPorts extends Pick<PagePorts, 'live' | 'vault' | 'sources'> {
  readonly executor: Pick<Executor, 'settle'>;
  readonly pages: Pick<PagePorts['pages'], 'say'>;
}

interface JsonReply {
  readonly status: number;
  readonly json: Json;
  readonly retryAfter?: number;
}

/** The response for a scene. */
export async function jsonFor(
  ports: ApiPorts,
  request: FlowRequest,
  { scene, cookies }: Shown,
): Promise<Response> {
  const response = jsonResponse(await sceneJson(ports, request, scene));
  for (const cookie of cookies) response.headers.append('set-cookie', cookie);
  return response;
}

/** A fault as JSON: its code and the request id, never its cause. */
export function jsonForProblem(request: FlowRequest, problem: Problem): Response {
  const { status, code, message, retryAfter } = problem;
  return jsonResponse({ ...fault({ status, code, text: message }, request), retryAfter });
}

async function sceneJson(ports: ApiPorts, request: FlowRequest, scene: Scene): Promise<JsonReply> {
  const snapshot = ports.live.current;
  switch (scene.kind) {
    case 'ask':
      return challengeJson(ports, request, scene);
    case 'moved':
      return movedJson(ports, request, scene);
    case 'unstored':
      return done(whereTo(snapshot, scene.plan.returnTo));
    case 'ended':
      return ended(ports, request, scene);
    case 'go':
      return done(scene.to);
    case 'circle': {
      const { text } = circleWords(scene.cause);
      const said = faultJson('flow/circle', sayIn(ports, request, text), request);
      return { status: 409, json: { ...said, reason: `circle/${scene.cause}` } };
    }
    case 'signed-in':
      return done(whereTo(snapshot, scene.returnTo));
    case 'sign-in':
      return {
        status: 401,
        json: { reason: scene.reason, login_url: snapshot.site.origin + scene.url },
      };
    case 'restart':
      return restartJson(ports, request, scene);
    case 'denied':
      return deniedJson(ports, request, scene);
    case 'refused': {
      const { status, code, retryAfter } = scene;
      const text = sayIn(ports, request, scene.text);
      return { ...fault({ status, code, text }, request), retryAfter };
    }
  }
}

/** A script is not redirected: it gets the next challenge at once. */
async function movedJson(
  ports: ApiPorts,
  request: FlowRequest,
  { run, plan, byThis }: Of<'moved'>,
): Promise<JsonReply> {
  if (plan.flow !== run.flow.name) {
    return done(
      run.snapshot.site.origin + flowUrl(plan.flow, { plan: plan.id, rd: plan.returnTo }),
    );
  }
  const settled = await ports.executor.settle(plan, run);
  if (settled.leave !== null) {
    return done(onward(run.snapshot, settled.leave, plan, ports.sources));
  }
  if (settled.ask === null) {
    return ended(ports, request, { kind: 'ended', run, plan: settled.plan });
  }
  const notice: Message | null = byThis ? null : { key: 'flow.notice.stale' };
  return challengeJson(ports, request, { kind: 'ask', run, plan, settled, notice, link: null });
}

function restartJson(
  ports: ApiPorts,
  request: FlowRequest,
  { gone, returnTo: rd, invited }: Of<'restart'>,
): JsonReply {
  const { status, code } = gone
    ? { status: 410, code: 'plan/gone' }
    : { status: 409, code: 'plan/stale' };
  const { origin } = ports.live.current.site;
  const text = sayIn(ports, request, { key: 'flow.notice.restarted' });
  const restart = `${origin}/api${flowUrl(request.flow, { rd, invited })}`;
  return { status, json: { ...faultJson(code, text, request), restart } };
}

function deniedJson(ports: ApiPorts, request: FlowRequest, scene: Of<'denied'>): JsonReply {
  const wayOn = wayOnOf(scene, 'script');
  const text = sayIn(ports, request, deniedText(scene));
  const json = { ...faultJson('flow/denied', text, request), reason: scene.code };
  return { status: 403, json: wayOn === null ? json : { ...json, continue: wayOn } };
}

function challengeJson(ports: ApiPorts, request: FlowRequest, scene: Of<'ask'>): JsonReply {
  const { run, plan, settled, notice } = scene;
  if (settled.ask === null) throw new TypeError('A reply without a challenge.');
  const say = (message: Message): string => sayIn(ports, request, message);
  const { binding } = settled.ask;
  const challenge = withRejection(settled.ask.challenge, settled.rejection);
  const back = hiddenFields(ports.vault, run, plan, { stageId: binding.id, link: scene.link });
  const rejection = rejectionText(settled.rejection, run.now);
  const status = statusOf(settled.rejection, run.now);
  const app = challenge.hidesApp === true ? null : settled.app;
  const links = linksOf(run.snapshot, challenge, plan).map(({ href, label }) => ({
    label: say(label),
    url: `${run.snapshot.site.origin}/api${href}`,
  }));
  return {
    status,
    retryAfter: secondsLeft(settled.rejection, run.now),
    json: {
      done: false,
      flow: { name: run.flow.name, title: say({ literal: run.flow.title }) },
      app: app === null ? null : { title: app.title, host: app.host },
      ...back,
      stage: { id: binding.id, type: challenge.type },
      challenge: {
        title: say(challenge.title),
        lead: challenge.lead === undefined ? null : say(challenge.lead),
        fields: challenge.fields.map((field) => fieldJson(field, say)),
        submit: say(challenge.submit),
        ...(links.length === 0 ? {} : { links }),
      },
      ...(status === 200 || settled.rejection === null
        ? {}
        : {
            refusal: {
              code: settled.rejection.reason.code,
              text: rejection === null ? null : say(rejection),
              ...reasonsJson(settled.rejection, say),
            },
          }),
      ...(notice === null ? {} : { notice: say(notice) }),
    },
  };
}

/** Why policies rejected the submission: the field, a stable code, and a text. */
function reasonsJson(
  { reasons }: RejectedSubmission,
  say: (message: Message) => string,
): { readonly reasons?: Json } {
  if (reasons === undefined) return {};
  return {
    reasons: reasons.map(({ field, reason, words }) => ({
      field,
      code: reason.code,
      text: say(words),
    })),
  };
}

/** The status of a rejected submission, by the last part of its code. Once the wait is over it is no longer rejected. */
function statusOf(rejection: RejectedSubmission | null, now: number): number {
  if (rejection === null || (rejection.retryAt !== null && rejection.retryAt <= now)) return 200;
  const kind = rejection.reason.code.split('/').at(-1);
  if (kind === 'throttled') return 429;
  if (kind === 'busy') return 503;
  return kind === 'invalid' ? 422 : 401;
}

function fieldJson(field: Field, say: (message: Message) => string): Json {
  switch (field.kind) {
    case 'text-block':
    case 'alert':
      return { ...field, text: say(field.text) };
    case 'username':
    case 'separator':
      return { ...field };
    case 'checkbox':
    case 'qr':
    case 'codes':
    case 'secret':
    case 'passkey':
    case 'work':
    case 'captcha':
      return { ...field, label: say(field.label) };
    case 'items': {
      const items = field.items.map(({ lines, action, ...item }) => ({
        ...item,
        lines: lines.map(say),
        action: say(action),
      }));
      return { ...field, label: say(field.label), items };
    }
    case 'checkboxes':
    case 'radio':
    case 'dropdown':
    case 'choice': {
      const options = field.options.map((one) => ({ ...one, label: say(one.label) }));
      return { ...field, label: say(field.label), options, ...shownError(field, say) };
    }
    default:
      return { ...field, label: say(field.label), ...shownError(field, say) };
  }
}

function shownError(
  field: { readonly error?: Message },
  say: (message: Message) => string,
): { readonly error?: string } {
  return field.error === undefined ? {} : { error: say(field.error) };
}

function ended(ports: ApiPorts, request: FlowRequest, scene: Of<'ended'>): JsonReply {
  const { plan, run } = scene;
  if (plan.stopped === undefined) return done(destination(run, plan));
  const { reason, text } = plan.stopped;
  const { code } = reason;
  return fault({ status: 403, code, text: sayIn(ports, request, text) }, request);
}

function done(location: string): JsonReply {
  return { status: 200, json: { done: true, location } };
}

function fault(
  { status, code, text }: { readonly status: number; readonly code: string; readonly text: string },
  request: FlowRequest,
): JsonReply {
  return { status, json: faultJson(code, text, request) };
}

function faultJson(code: string, text: string, { requestId }: FlowRequest) {
  return { error: code, message: text, request_id: requestId };
}

function sayIn(ports: ApiPorts, request: FlowRequest, message: Message): string {
  const texts = ports.live.current.flows.get(request.flow)?.texts;
  return ports.pages.say(message, request.facts.header('accept-language'), texts);
}

function jsonResponse(reply: JsonReply): Response {
  const headers = new Headers({ 'content-type': 'application/json; charset=utf-8' });
  if ((reply.retryAfter ?? 0) > 0) headers.set('retry-after', String(reply.retryAfter));
  return new Response(JSON.stringify(reply.json), { status: reply.status, headers });
}
