/**
 * Carries portal requests from node:http to the portal's fetch handler and back: facts
 * first, bounded body, plain responses. The handler never sees a header we did not canonicalise.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestFacts } from '../core/facts.ts';
import { Problem } from '../core/problem.ts';
import { readBody } from './body.ts';

/** What the portal's handlers find in their environment. */
export interface PortalEnv {
  readonly facts: RequestFacts;
  readonly requestId: string;
}

/** A fetch-style handler, such as a hono app's `fetch`. */
export type PortalHandler = (request: Request, env: PortalEnv) => Response | Promise<Response>;

/** Serves one portal request. Rejects with a Problem when the body is refused or the handler fails. */
export async function servePortal(
  handler: PortalHandler,
  origin: string,
  env: PortalEnv,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { facts } = env;
  const headers = new Headers();
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    headers.append(request.rawHeaders[i] as string, request.rawHeaders[i + 1] as string);
  }
  const hasBody = facts.method !== 'GET' && facts.method !== 'HEAD';
  const body = hasBody ? new Uint8Array(await readBody(request)) : null;
  const result = await handler(
    new Request(origin + facts.path + facts.query, { method: facts.method, headers, body }),
    env,
  );
  await writeResponse(result, facts.method, env.requestId, response);
}

async function writeResponse(
  result: Response,
  method: string,
  requestId: string,
  response: ServerResponse,
): Promise<void> {
  if (response.headersSent) throw new Problem('internal', 'The answer was already begun.');
  const body = Buffer.from(await result.arrayBuffer());
  const flat: string[] = [];
  for (const [name, value] of result.headers) {
    if (name !== 'set-cookie' && name !== 'content-length') flat.push(name, value);
  }
  for (const cookie of result.headers.getSetCookie()) flat.push('set-cookie', cookie);
  if (!result.headers.has('x-request-id')) flat.push('x-request-id', requestId);
  flat.push('content-length', String(body.length));
  response.writeHead(result.status, flat);
  response.end(method === 'HEAD' ? undefined : body);
}
