/**
 * The flows over HTTP: `/flow/NAME` as pages, `/api/flow/NAME` as JSON, both through one
 * door. Every answer carries the security headers; no fault leaves as anything but a refusal.
 */
import { type Context, Hono } from 'hono';
import { asProblem, Problem } from '../../core/values/problem.ts';
import { endedDoubles } from '../browser/cookies.ts';
import { jsonFor, jsonForProblem } from './api-endpoint.ts';
import type { FlowDeps, FlowEnv } from '../run/deps.ts';
import type { Knock } from './arrival.ts';
import { answer, look } from './endpoint.ts';
import { readPosted } from './form.ts';
import { pageFor, pageForProblem } from './page-endpoint.ts';
import type { Told } from './scene.ts';
import { takeTurns } from '../engine/turns.ts';

/**
 * On every answer. The referrer stays within the portal rather than nowhere: under
 * no-referrer browsers send `Origin: null` with our own forms (Fetch, "append a request Origin header").
 */
const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Hears a request out: the scene that comes of it. */
type Listen = (request: Request, knock: Knock, kind: 'form' | 'json') => Promise<Told>;

/** The two doors as a hono app; works without sockets through `app.request(path, init, env)`. */
export function createFlowApp(deps: FlowDeps): Hono<FlowEnv> {
  const app = new Hono<FlowEnv>();
  const turns = takeTurns();
  const listen: Listen = async (request, knock, kind) => {
    const { method } = knock.facts;
    if (method === 'GET' || method === 'HEAD') return look(deps, knock);
    if (method !== 'POST') {
      throw new Problem('method/refused', 'Only GET, HEAD and POST.', { status: 405 });
    }
    return answer(deps, turns, knock, await readPosted(request, knock.facts, kind));
  };
  app.all('/flow/:name', (c) => serve(deps, listen, c, 'form'));
  app.all('/api/flow/:name', (c) => serve(deps, listen, c, 'json'));
  // Deeper paths name no flow: refused like a name that nobody knows.
  app.all('/flow/*', (c) => serve(deps, listen, c, 'form'));
  app.all('/api/*', (c) => serve(deps, listen, c, 'json'));
  return app;
}

async function serve(
  deps: FlowDeps,
  listen: Listen,
  c: Context<FlowEnv>,
  kind: 'form' | 'json',
): Promise<Response> {
  const knock: Knock = {
    flow: c.req.param('name') ?? '',
    kind,
    facts: c.env.facts,
    requestId: c.env.requestId,
    query: (name) => c.req.queries(name) ?? [],
  };
  const response = await respond(deps, listen, c.req.raw, knock, kind);
  for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
  response.headers.set('x-request-id', knock.requestId);
  return response;
}

async function respond(
  deps: FlowDeps,
  listen: Listen,
  request: Request,
  knock: Knock,
  kind: 'form' | 'json',
): Promise<Response> {
  try {
    const heard = await listen(request, knock, kind);
    const { facts } = knock;
    const doubles = endedDoubles(deps.live.current, facts.host, facts.header('cookie'));
    // First, so that what is set beside them stays.
    const told = { scene: heard.scene, cookies: [...doubles, ...heard.cookies] };
    return kind === 'form' ? pageFor(deps, knock, told) : await jsonFor(deps, knock, told);
  } catch (caught) {
    // Named fallback: whatever failed, the answer is a refusal with a code; the cause goes to the log.
    const problem = asProblem(caught);
    if (problem.status >= 500) {
      const { code } = problem;
      deps.events.emit({ type: 'fault', code, requestId: knock.requestId, cause: caught });
    }
    const response =
      kind === 'form' ? pageForProblem(deps, knock, problem) : jsonForProblem(knock, problem);
    if (problem.status === 405) response.headers.set('allow', 'GET, HEAD, POST');
    return response;
  }
}
