/**
 * The flows over HTTP: `/flow/NAME` as pages, `/api/flow/NAME` as JSON, both through one endpoint.
 * Every response carries the security headers, and every fault becomes an error reply.
 */
import { type Context, Hono } from 'hono';
import type { RequestFacts } from '../../core/request/facts.ts';
import { asProblem, Problem } from '../../core/values/problem.ts';
import { endedDoubles } from '../browser/cookies.ts';
import { createExecutor, type ExecutorPorts } from '../engine/executor.ts';
import { type ApiPorts, jsonFor, jsonForProblem } from './api-endpoint.ts';
import type { FlowRequest } from './arrival.ts';
import { createEndpoint, type Endpoint, type EndpointPorts } from './endpoint.ts';
import { readAnswer, sentOnTo } from '../back/answer.ts';
import { readPosted } from './form.ts';
import { pageFor, pageForProblem, type PagePorts } from './page-endpoint.ts';
import type { Shown } from './scene.ts';

/** Everything flows need from outside; compose.ts provides it. */
export type FlowParts = Omit<EndpointPorts & ApiPorts & PagePorts, 'executor'> & ExecutorPorts;

/** What the HTTP layer provides with each portal request. */
export interface FlowEnv {
  readonly Bindings: { readonly facts: RequestFacts; readonly requestId: string };
}

type Ports = EndpointPorts & ApiPorts & PagePorts;

/**
 * On every response. The referrer stays within the portal: under no-referrer, browsers send
 * `Origin: null` with our own forms (Fetch, "append a request Origin header").
 */
const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Both endpoints as a hono app; works without sockets through `app.request(path, init, env)`. */
export function createFlowApp(parts: FlowParts): Hono<FlowEnv> {
  const ports: Ports = { ...parts, executor: createExecutor(parts) };
  const endpoint = createEndpoint(ports);
  const app = new Hono<FlowEnv>();
  const as = (kind: FlowRequest['kind']) => (c: Context<FlowEnv>) =>
    serve(ports, endpoint, c.req.raw, requestOf(c, kind));
  app.all('/flow/:name', as('form'));
  app.all('/api/flow/:name', as('json'));
  app.all('/flow/:name/back', (c) => answered(ports, endpoint, c.req.raw, requestOf(c, 'form')));
  // Deeper paths name no flow and get the reply for an unknown one.
  app.all('/flow/*', as('form'));
  app.all('/api/*', as('json'));
  return app;
}

function requestOf(c: Context<FlowEnv>, kind: FlowRequest['kind']): FlowRequest {
  return {
    flow: c.req.param('name') ?? '',
    kind,
    facts: c.env.facts,
    requestId: c.env.requestId,
    query: (name) => c.req.queries(name) ?? [],
  };
}

function serve(
  ports: Ports,
  endpoint: Endpoint,
  raw: Request,
  request: FlowRequest,
): Promise<Response> {
  return reply(ports, request, () => sceneFor(endpoint, raw, request));
}

/** The answer of a source. Its URL contains a code, so no request of a page there names it. */
async function answered(
  ports: Ports,
  endpoint: Endpoint,
  raw: Request,
  request: FlowRequest,
): Promise<Response> {
  const response = await reply(ports, request, async () => {
    const { facts, flow } = request;
    switch (facts.method) {
      case 'GET':
        return endpoint.back(request, readAnswer(ports.vault, flow, facts.query));
      case 'HEAD':
        // Takes no answer: a HEAD must change nothing.
        return endpoint.back(request, null);
      case 'POST': {
        const { answer } = await readPosted(raw, facts, 'form');
        const to = sentOnTo(ports.vault, flow, answer);
        return to === null
          ? endpoint.back(request, null)
          : { scene: { kind: 'go', to }, cookies: [] };
      }
      default:
        throw refusedMethod();
    }
  });
  response.headers.set('referrer-policy', 'no-referrer');
  return response;
}

function refusedMethod(): Problem {
  return new Problem('method/refused', 'Only GET, HEAD and POST are allowed.', { status: 405 });
}

async function reply(
  ports: Ports,
  request: FlowRequest,
  scene: () => Promise<Shown>,
): Promise<Response> {
  const response = await respond(ports, request, scene);
  for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
  response.headers.set('x-request-id', request.requestId);
  return response;
}

async function respond(
  ports: Ports,
  request: FlowRequest,
  sceneOf: () => Promise<Shown>,
): Promise<Response> {
  const isPage = request.kind === 'form';
  try {
    const { scene, cookies } = await sceneOf();
    const { facts } = request;
    const doubles = endedDoubles(ports.live.current, facts.host, facts.header('cookie'));
    // First, so that the cookies set beside them remain.
    const shown = { scene, cookies: [...doubles, ...cookies] };
    return isPage ? pageFor(ports, request, shown) : await jsonFor(ports, request, shown);
  } catch (caught) {
    // Named fallback: any failure becomes an error reply with a code; the cause goes to the log.
    const problem = asProblem(caught);
    const { code, status } = problem;
    if (status >= 500) {
      ports.events.emit({ type: 'fault', code, requestId: request.requestId, cause: caught });
    }
    const response = isPage
      ? pageForProblem(ports, request, problem)
      : jsonForProblem(request, problem);
    if (status === 405) response.headers.set('allow', 'GET, HEAD, POST');
    return response;
  }
}

async function sceneFor(endpoint: Endpoint, raw: Request, request: FlowRequest): Promise<Shown> {
  const { method } = request.facts;
  if (method === 'GET' || method === 'HEAD') return endpoint.look(request);
  if (method !== 'POST') throw refusedMethod();
  return endpoint.submit(request, await readPosted(raw, request.facts, request.kind));
}
