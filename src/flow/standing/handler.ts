/** `/source/NAME/…` over HTTP: what providers send us, and the way back from a sign-out there. */
import { type Context, Hono } from 'hono';
import type { RequestFacts } from '../../core/request/facts.ts';
import { asProblem, Problem } from '../../core/values/problem.ts';
import { logout, type LogoutPorts } from './logout.ts';
import { type ReturningPorts, wayBack } from './sign-out-visit.ts';

/** What the endpoints need. */
export type SourceAppPorts = LogoutPorts & ReturningPorts & { readonly stores: AllStores };
type AllStores = LogoutPorts['stores'] & ReturningPorts['stores'];

/** What the HTTP layer provides with each portal request. */
interface SourceEnv {
  readonly Bindings: { readonly facts: RequestFacts; readonly requestId: string };
}

const HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** The endpoints as a hono app. */
export function createSourceApp(ports: SourceAppPorts): Hono<SourceEnv> {
  const app = new Hono<SourceEnv>();
  app.all('/source/:name/logout', (c) =>
    reply(ports, c, async () => {
      const { facts } = c.env;
      if (facts.method !== 'POST') throw refusedMethod('POST');
      await logout(ports, c.req.param('name'), { facts, body: await c.req.text() });
      return new Response(null, { status: 200 });
    }),
  );
  app.all('/source/:name/signed-out', (c) =>
    reply(ports, c, async () => {
      const { facts } = c.env;
      if (facts.method !== 'GET' && facts.method !== 'HEAD') throw refusedMethod('GET, HEAD');
      return new Response(null, {
        status: 303,
        headers: { location: await wayBack(ports, facts) },
      });
    }),
  );
  app.all('*', (c) =>
    reply(ports, c, () => {
      throw new Problem('path/unknown', 'There is nothing here.', { status: 404 });
    }),
  );
  return app;
}

function refusedMethod(allowed: string): Problem {
  return new Problem('method/refused', `Only ${allowed} is allowed.`, { status: 405 });
}

async function reply(
  ports: SourceAppPorts,
  { env: { requestId, facts } }: Context<SourceEnv>,
  respond: () => Promise<Response>,
): Promise<Response> {
  const response = await (async () => respond())().catch((caught: unknown) => {
    // Named fallback: any failure becomes an error reply with a code; the cause goes to the log.
    const problem = asProblem(caught);
    if (problem.status >= 500) {
      ports.events.emit({ type: 'fault', code: problem.code, requestId, cause: caught });
    }
    return errorReply(problem, facts.path);
  });
  for (const [name, value] of Object.entries(HEADERS)) response.headers.set(name, value);
  response.headers.set('x-request-id', requestId);
  return response;
}

/** As Back-Channel Logout 1.0, 2.8 wants it: `error` is for programs, the rest for those who read its log. */
function errorReply({ code, message, status, retryAfter }: Problem, path: string): Response {
  const error = status < 500 ? 'invalid_request' : 'temporarily_unavailable';
  const headers = new Headers();
  if (retryAfter > 0) headers.set('retry-after', String(retryAfter));
  if (status === 405) headers.set('allow', path.endsWith('/logout') ? 'POST' : 'GET, HEAD');
  const body = { error, error_description: message, code };
  return Response.json(body, { status, headers });
}
