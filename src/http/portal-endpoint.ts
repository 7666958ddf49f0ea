/**
 * Carries portal requests from node:http to fetch handlers and back: facts first, bounded body, plain
 * responses. Replies itself to what cannot be read and to faults.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reply, Dialect } from '../core/request/dialect.ts';
import { type RequestFacts, readFacts } from '../core/request/facts.ts';
import { strictPath } from '../core/request/path.ts';
import type { EventSink } from '../core/access/event.ts';
import { asProblem, Problem } from '../core/values/problem.ts';
import { pairsOf } from '../core/request/header-pairs.ts';
import { isRefusal, type Refusal } from '../core/request/refusal.ts';
import { CHALLENGE, httpReply } from '../core/request/reply.ts';
import { siteOf } from '../core/setup/domain.ts';
import type { Live } from '../core/setup/snapshot.ts';
import type { Replies, ReplyContext } from '../gate/reply/replies.ts';
import { headerOf, inboundOf } from '../gate/request/inbound.ts';
import type { RequestIds } from '../gate/request/request-id.ts';
import { sendReply } from '../gate/reply/send-reply.ts';
import type { Trust } from '../gate/request/trust.ts';
import { boundLeftover } from '../gate/proxy/upload.ts';
import { readBody } from '../gate/request/body.ts';

/** What handlers get beside the request. */
interface PortalEnv {
  readonly facts: RequestFacts;
  readonly requestId: string;
}

/** A fetch-style handler, such as a hono app's `fetch`. */
export type PortalHandler = (request: Request, env: PortalEnv) => Response | Promise<Response>;

/** What the endpoint needs. */
export interface PortalEndpointParts {
  readonly handler: PortalHandler;
  readonly live: Live;
  readonly trust: Trust;
  /** How requests are read: the dialect `direct`. */
  readonly dialect: Dialect;
  readonly replies: Replies;
  readonly requestIds: RequestIds;
  readonly events: EventSink;
}

/** The portal's endpoint: replies in every case, never throws. */
export function createPortalEndpoint(
  parts: PortalEndpointParts,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { handler, live, trust, dialect, replies, requestIds, events } = parts;
  return (request, response) => {
    const snapshot = live.current;
    const inbound = inboundOf(request, request.url ?? '', trust);
    const header = (name: string): string | null => headerOf(inbound, name);
    const requestId = requestIds(header('x-request-id'), inbound);
    const context: ReplyContext = { snapshot, requestId, header, seesPages: true };
    const refuse = (reply: Reply): void => {
      boundLeftover(request, response);
      sendReply(request, response, httpReply(reply), requestId);
    };
    const raw = dialect.read(inbound);
    const facts = isRefusal(raw) ? raw : withOneReading(readFacts(raw, inbound));
    if (isRefusal(facts)) return refuse(replies.refusal(context, facts, null));
    const origin = siteOf(snapshot, facts.host).origin;
    serve({ handler, origin, env: { facts, requestId }, request, response }).catch(
      (caught: unknown) => {
        const problem = asProblem(caught);
        if (problem.status >= 500) {
          events.emit({
            type: 'fault',
            code: problem.code,
            requestId,
            cause: problem.cause ?? caught,
          });
        }
        if (response.headersSent) response.destroy();
        else refuse(replies.problem(context, problem, facts));
      },
    );
  };
}

/** The portal's own paths have one reading, so any other path is refused. */
function withOneReading(facts: RequestFacts | Refusal): RequestFacts | Refusal {
  if (isRefusal(facts)) return facts;
  const path = strictPath(facts.path);
  return typeof path === 'string' ? { ...facts, path } : path;
}

/** One request for the portal. */
interface Call {
  readonly handler: PortalHandler;
  readonly origin: string;
  readonly env: PortalEnv;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function serve(call: Call): Promise<void> {
  const { handler, origin, env, request } = call;
  const { facts } = env;
  const headers = new Headers();
  for (const [name, value] of pairsOf(request.rawHeaders)) headers.append(name, value);
  // A HEAD gets the reply to its GET, length included; `write` leaves the body out.
  const method = facts.method === 'HEAD' ? 'GET' : facts.method;
  const body = method === 'GET' ? null : new Uint8Array(await readBody(request));
  const target = origin + facts.path + facts.query;
  const result = await handler(new Request(target, { method, headers, body }), env);
  await write(result, call);
}

async function write(result: Response, { env, request, response }: Call): Promise<void> {
  const body = Buffer.from(await result.arrayBuffer());
  if (response.headersSent) throw new Problem('internal', 'The response was already begun.');
  const flat: string[] = [];
  for (const [name, value] of result.headers) {
    if (name !== 'set-cookie' && name !== 'content-length') flat.push(name, value);
  }
  for (const cookie of result.headers.getSetCookie()) flat.push('set-cookie', cookie);
  if (!result.headers.has('x-request-id')) flat.push('x-request-id', env.requestId);
  if (result.status === 401 && !result.headers.has('www-authenticate')) {
    flat.push('www-authenticate', CHALLENGE);
  }
  flat.push('content-length', String(body.length));
  // The body of a GET is not read: the connection must not wait for it.
  boundLeftover(request, response);
  response.writeHead(result.status, flat);
  response.end(request.method === 'HEAD' ? undefined : body);
}
