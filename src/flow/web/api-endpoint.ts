/** Scenes as JSON: the same challenges, words rendered, stable codes with fitting statuses. Decides nothing. */
import type { Json } from '../../core/values/json.ts';
import type { Message } from '../../core/values/message.ts';
import type { Refused } from '../../core/flow/plan.ts';
import type { Problem } from '../../core/values/problem.ts';
import type { Field } from '../../core/flow/challenge.ts';
import { hiddenFields, linksOf, refusalText, secondsLeft, withRefused } from './challenge.ts';
import type { FlowDeps } from '../run/deps.ts';
import type { Knock } from './arrival.ts';
import { deniedText, wayOnOf } from './denied.ts';
import { destination, onward, whereTo } from './ending.ts';
import { settle } from '../engine/executor.ts';
import type { Scene, Told } from './scene.ts';
import { flowUrl } from './urls.ts';

type Of<K extends Scene['kind']> = Extract<Scene, { kind: K }>;

interface Answered {
  readonly status: number;
  readonly json: Json;
  readonly retryAfter?: number;
}

/** The response for a scene. */
export async function jsonFor(deps: FlowDeps, knock: Knock, told: Told): Promise<Response> {
  const response = jsonResponse(await sceneJson(deps, knock, told.scene));
  for (const cookie of told.cookies) response.headers.append('set-cookie', cookie);
  return response;
}

/** A fault as JSON: its code and the request's id, never its cause. */
export function jsonForProblem(knock: Knock, problem: Problem): Response {
  const { status, code, message, retryAfter } = problem;
  return jsonResponse({ ...fault(status, code, message, knock), retryAfter });
}

async function sceneJson(deps: FlowDeps, knock: Knock, scene: Scene): Promise<Answered> {
  const snapshot = deps.live.current;
  const absolute = (path: string): string => snapshot.site.origin + path;
  const say = (message: Message): string => sayIn(deps, knock, message);
  switch (scene.kind) {
    case 'ask':
      return challengeJson(deps, knock, scene);
    case 'moved': {
      const { run, plan } = scene;
      const standing = await settle(deps, plan, run);
      if (standing.leave !== null) return done(onward(snapshot, standing.leave, plan));
      if (standing.ask === null)
        return ended(deps, knock, { kind: 'ended', run, plan: standing.plan });
      const stale: Message | null = scene.byThis ? null : { key: 'flow.notice.stale' };
      const asked = { kind: 'ask', run, plan, standing, notice: stale, link: null } as const;
      return challengeJson(deps, knock, asked);
    }
    case 'unstored':
      return done(whereTo(snapshot, scene.plan.returnTo));
    case 'ended':
      return ended(deps, knock, scene);
    case 'go':
      return done(scene.to);
    case 'signed-in':
      return done(whereTo(snapshot, scene.returnTo));
    case 'circle':
      return done(whereTo(snapshot, scene.returnTo));
    case 'sign-in':
      return { status: 401, json: { reason: scene.reason, login_url: absolute(scene.url) } };
    case 'restart': {
      const [status, code] = scene.gone
        ? ([410, 'plan/gone'] as const)
        : ([409, 'plan/stale'] as const);
      const { returnTo: rd, invited } = scene;
      const restart = absolute(`/api${flowUrl(knock.flow, { rd, invited })}`);
      const problem = fault(status, code, say({ key: 'flow.notice.restarted' }), knock);
      return { status, json: { ...(problem.json as object), restart } };
    }
    case 'denied': {
      const { status, json } = fault(403, 'flow/denied', say(deniedText(scene)), knock);
      const on = wayOnOf(scene, 'script');
      const way = on === null ? {} : { continue: on };
      return { status, json: { ...(json as object), reason: scene.code, ...way } };
    }
    case 'refused': {
      const problem = fault(scene.status, scene.code, say(scene.text), knock);
      return { ...problem, retryAfter: scene.retryAfter };
    }
  }
}

function challengeJson(deps: FlowDeps, knock: Knock, scene: Of<'ask'>): Answered {
  const { run, plan, standing, notice } = scene;
  if (standing.ask === null) throw new TypeError('An answer without a challenge.');
  const say = (message: Message): string => sayIn(deps, knock, message);
  const { binding } = standing.ask;
  const challenge = withRefused(standing.ask.challenge, standing.refusal);
  const back = hiddenFields(deps.vault, run, plan, binding.id, scene.link);
  const refusal = refusalText(standing.refusal, run.now);
  const status = statusOf(standing.refusal, run.now);
  const app = challenge.hidesApp === true ? null : standing.app;
  const links = linksOf(run.snapshot, challenge, plan).map(({ href, label }) => ({
    label: say(label),
    url: `${run.snapshot.site.origin}/api${href}`,
  }));
  return {
    status,
    retryAfter: secondsLeft(standing.refusal, run.now),
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
      ...(status === 200 || standing.refusal === null
        ? {}
        : {
            refusal: {
              code: standing.refusal.reason.code,
              text: refusal === null ? null : say(refusal),
              ...reasonsJson(standing.refusal, say),
            },
          }),
      ...(notice === null ? {} : { notice: say(notice) }),
    },
  };
}

/** What policies had against the answer: the field, a stable code, and words. */
function reasonsJson(
  { reasons }: Refused,
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

/** Refused answers by their codes' last part; a wait that is over is no refusal any more. */
function statusOf(refusal: Refused | null, now: number): number {
  if (refusal === null || (refusal.retryAt !== null && refusal.retryAt <= now)) return 200;
  const kind = refusal.reason.code.split('/').at(-1);
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
    case 'passkey':
    case 'work':
    case 'captcha':
      return { ...field, label: say(field.label) };
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

function ended(deps: FlowDeps, knock: Knock, scene: Of<'ended'>): Answered {
  const { plan, run } = scene;
  if (plan.stopped === undefined) return done(destination(run.snapshot, plan));
  const { reason, text } = plan.stopped;
  return fault(403, reason.code, sayIn(deps, knock, text), knock);
}

function done(location: string): Answered {
  return { status: 200, json: { done: true, location } };
}

function fault(status: number, code: string, message: string, knock: Knock): Answered {
  return { status, json: { error: code, message, request_id: knock.requestId } };
}

function sayIn(deps: FlowDeps, knock: Knock, message: Message): string {
  const texts = deps.live.current.flows.get(knock.flow)?.texts;
  return deps.pages.say(message, knock.facts.header('accept-language'), texts);
}

function jsonResponse(answered: Answered): Response {
  const headers = new Headers({ 'content-type': 'application/json; charset=utf-8' });
  if ((answered.retryAfter ?? 0) > 0) headers.set('retry-after', String(answered.retryAfter));
  return new Response(JSON.stringify(answered.json), { status: answered.status, headers });
}
