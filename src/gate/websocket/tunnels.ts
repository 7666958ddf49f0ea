/**
 * A websocket between client and app once it was allowed. httpxy sends the handshake and carries
 * refusals; by itself it would forward the client's headers as they are (its Connection list too),
 * so it is handed a request made of ours, over a socket that was dialled as for any request. The
 * 101 is written here, byte for byte: httpxy would write it as UTF-8, and whatever the app switched to.
 */
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { createProxyServer } from 'http-proxy';
import type { Reply } from '../../core/request/dialect.ts';
import type { Clock } from '../../core/values/system.ts';
import type { EventSink } from '../../core/access/event.ts';
import type { Problem } from '../../core/values/problem.ts';
import type { Route } from '../../core/access/route.ts';
import type { Upstream } from '../../core/access/upstream.ts';
import { type Admission, type Admit, type Admitted, isAdmitted } from '../admission/admission.ts';
import type { Replies } from '../reply/replies.ts';
import { dial, readyEvent } from '../upstream/dial.ts';
import { holderOf } from '../visitor/holder.ts';
import type { CloseCode, LiveSockets } from './live-sockets.ts';
import { ownCookies } from '../../core/setup/own-cookies.ts';
import { requestHeaders } from '../proxy/request-headers.ts';
import { responseHead, type Scrubbing, scrubbingOf } from '../proxy/response-headers.ts';
import type { Target } from '../upstream/target.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import { causeOf, neverReached, type UpstreamCause } from '../upstream/upstream-cause.ts';
import {
  noAnswer,
  upstreamBroken,
  upstreamDown,
  upstreamTimeout,
} from '../upstream/upstream-problem.ts';

// Imported by name, node:http would load node's own fetch with it: a tenth of the start.
const { Agent } = process.getBuiltinModule('node:http');

/** What tunnelling needs. */
export interface TunnelParts {
  /** Judges an open socket's request again, which is no use of its session. */
  readonly recheck: Admit;
  readonly replies: Replies;
  readonly upstreams: Pick<Upstreams, 'target'>;
  readonly live: LiveSockets;
  readonly clock: Clock;
  readonly events: EventSink;
}

/** Opens one; `refuse` answers in the app's place while nothing has been written. */
export type OpenTunnel = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  admission: Admitted,
  refuse: (answer: Reply) => void,
) => void;

/** Time for a client to take the close frame, in milliseconds. */
const LINGER = 1_000;

/** Joins the parts. */
export function createTunnels(parts: TunnelParts): OpenTunnel {
  const { recheck, replies, upstreams, live, clock, events } = parts;
  return (request, socket, head, admission, refuse) => {
    const { decision, snapshot, requestId } = admission;
    const { route, visitor } = decision;
    const begun = clock.now();
    const target = upstreams.target(route.upstream as Upstream);
    const scrubbing = scrubbingOf(admission);
    let state: 'waiting' | 'refused' | 'relaying' | 'open' = 'waiting';
    let isConnected = false;
    let outgoing: ClientRequest | null = null;
    let far: Duplex | null = null;
    let status = 0;
    let fault = 'client/gone';
    let cause: UpstreamCause | null = null;

    const fail = (problem: Problem): void => {
      if (state === 'waiting') {
        state = 'refused';
        status = problem.status;
        fault = problem.code;
        cause = causeOf(problem);
        clearTimeout(timer);
        outgoing?.destroy();
        refuse(replies.problem(admission.context, problem, admission.facts));
      } else if (state !== 'refused') socket.destroy();
    };
    const timer = setTimeout(() => fail(upstreamTimeout(noAnswer(route.timeout))), route.timeout);

    const close = (code: CloseCode): void => {
      if (state === 'open' && far !== null) {
        far.unpipe(socket);
        far.destroy();
        socket.end(closeFrame(code), () => socket.destroy());
        // A client that reads nothing must not keep what was taken away.
        setTimeout(() => socket.destroy(), LINGER).unref();
      } else socket.destroy();
    };
    const leave = live.add({
      holder: holderOf(visitor, admission.facts.clientIp),
      sessionId: visitor?.session?.id ?? null,
      userId: visitor?.user.id ?? null,
      expiresAt: (visitor?.session ?? visitor?.grant)?.expiresAt ?? null,
      recheck: async () => leadsTo(await recheck(request), route, upstreams, target),
      close,
    });
    socket.once('close', () => {
      leave();
      clearTimeout(timer);
      outgoing?.destroy();
      far?.destroy();
      const ms = clock.now() - begun;
      const event = { type: 'upstream', requestId, route: route.id, status, fault, ms } as const;
      events.emit(cause === null ? event : { ...event, cause });
    });

    const switched = (answer: IncomingMessage, farSocket: Duplex, farHead: Buffer): void => {
      far = farSocket;
      farSocket.on('error', () => farSocket.destroy());
      farSocket.once('close', () => {
        // What has been passed on is still flushed; then the client is let go.
        if (!socket.writableEnded) socket.end(() => socket.destroy());
      });
      const isAgreed = answer.headers.upgrade?.toLowerCase() === 'websocket';
      if (state !== 'waiting' || !isAgreed || socket.destroyed) {
        farSocket.destroy();
        fail(upstreamBroken(new Error('the app switched to something else')));
        if (state !== 'refused') socket.destroy();
        return;
      }
      state = 'open';
      clearTimeout(timer);
      status = 101;
      fault = '';
      socket.write(agreement(answer, scrubbing), 'latin1');
      if (farHead.length > 0) socket.write(farHead);
      farSocket.pipe(socket).pipe(farSocket);
    };

    const carry = (create: typeof createProxyServer): void => {
      if (state !== 'waiting' || socket.destroyed) return;
      const carrier = create();
      carrier.on('error', (error) => fail(problemOf(error, isConnected)));
      carrier.on('proxyReqWs', (sent) => {
        outgoing = sent;
        // This listener comes before httpxy's, which then writes what it finds in `headers`.
        sent.on('response', (answer: IncomingMessage) => {
          if (state !== 'waiting') return;
          status = answer.statusCode ?? 0;
          if (status < 200) {
            // A 101 without `Upgrade`, or no status at all. Of an upgraded answer httpxy carries nothing.
            Object.assign(answer, { upgrade: true });
            return fail(upstreamBroken(new Error('the app neither switched nor answered')));
          }
          state = 'relaying';
          clearTimeout(timer);
          fault = '';
          scrub(answer, status, scrubbing);
        });
        sent.once('socket', () => {
          sent.removeAllListeners('upgrade').on('upgrade', switched);
        });
      });
      const farAgent = new Agent();
      farAgent.createConnection = () => {
        const farSocket = dial(target);
        farSocket.once(readyEvent(target), () => {
          isConnected = true;
        });
        return farSocket;
      };
      // The agent decides where to connect to; of this URL httpxy takes the path alone.
      const place = new URL(`http://localhost${target.basePath}`);
      carrier
        .ws(
          ourRequest(admission, target, ownCookies(snapshot)),
          socket as Socket,
          { target: place, agent: farAgent },
          head,
        )
        .catch((error: unknown) => fail(upstreamBroken(error)));
    };
    // Loaded with the first websocket: most gateways never see one, and it brings HTTP/2 along.
    import('http-proxy')
      .then(({ createProxyServer: create }) => carry(create))
      .catch((error: unknown) => fail(upstreamBroken(error)));
  };
}

/** Whether it may still pass, and to where it is open already: another app would judge it for itself. */
function leadsTo(
  admission: Admission,
  { id }: Route,
  upstreams: Pick<Upstreams, 'target'>,
  { key }: Target,
): boolean {
  if (!isAdmitted(admission)) return false;
  const { route } = admission.decision;
  return route.id === id && route.upstream !== null && upstreams.target(route.upstream).key === key;
}

function problemOf(error: Error, isConnected: boolean): Problem {
  const { code } = error as { code?: string };
  if (code === 'ETIMEDOUT') return upstreamTimeout(error);
  return isConnected && !neverReached(error) ? upstreamBroken(error) : upstreamDown(error);
}

/** What httpxy takes for the client's request: nothing of the original but what was scrubbed. */
function ourRequest(
  admission: Admitted,
  target: Target,
  cookies: readonly string[],
): IncomingMessage {
  const { inbound, facts, snapshot, requestId, decision, answer } = admission;
  const { preserveHost } = decision.route;
  const flat = requestHeaders({
    inbound,
    facts,
    identity: snapshot.identity,
    claims: answer.headers,
    cookies,
    preserveHost,
    requestId,
  });
  const headers = grouped(
    flat.filter((_, i) => flat[i - (i % 2)]?.toLowerCase() !== 'content-length'),
  );
  if (!preserveHost) headers['Host'] = target.authority;
  // httpxy looks for exactly these spellings.
  headers['connection'] = 'Upgrade';
  headers['upgrade'] = 'websocket';
  const url = facts.path + facts.query;
  return {
    method: 'GET',
    url,
    headers,
    httpVersion: '1.1',
    httpVersionMajor: 1,
  } as IncomingMessage;
}

/**
 * Puts a scrubbed head in place of the app's. httpxy writes version, reason and framing as it finds
 * them: the version is ours, and a body of any transfer coding goes on in chunks of our own.
 */
function scrub(answer: IncomingMessage, status: number, scrubbing: Scrubbing): void {
  const isCoded = answer.headers['transfer-encoding'] !== undefined;
  const said = answer.statusMessage ?? '';
  const { headers, reason } = responseHead(status, said, answer.rawHeaders, scrubbing, false);
  const kept = grouped(headers);
  if (isCoded) kept['transfer-encoding'] = 'chunked';
  answer.headers = kept;
  answer.statusMessage = reason;
  answer.httpVersion = '1.1';
}

/** The head of a 101: the app's own fields in their order, as bytes. */
function agreement(answer: IncomingMessage, scrubbing: Scrubbing): string {
  const { headers } = responseHead(101, '', answer.rawHeaders, scrubbing, true);
  let head = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
  for (let i = 0; i + 1 < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
  return `${head}\r\n`;
}

/** Fields by name, repeated ones as lists; latin-1, as node and httpxy write heads. */
function grouped(flat: readonly string[]): IncomingHttpHeaders {
  const spelled = new Map<string, string>();
  const headers = Object.create(null) as Record<string, string | string[]>;
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const value = flat[i + 1] as string;
    const lower = (flat[i] as string).toLowerCase();
    const name = lower === 'content-length' ? lower : (spelled.get(lower) ?? flat[i] ?? lower);
    spelled.set(lower, name);
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}

/** An unmasked close frame with a status (RFC 6455 §5.5.1). */
function closeFrame(code: CloseCode): Buffer {
  return Buffer.from([0x88, 0x02, code >> 8, code & 0xff]);
}
