/**
 * Sends a tunnel's handshake by httpxy, which also relays an app's refusal. Left to itself it would
 * forward the client's headers as they are, write a 101 as UTF-8, and tunnel whatever protocol the
 * app switched to; so it gets a request of our making, a socket dialled as for any request, and the
 * 101 is written here, byte for byte.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { createProxyServer } from 'http-proxy';
import { errorCode } from '../../core/values/error-code.ts';
import { Problem } from '../../core/values/problem.ts';
import type { UpstreamGroup } from '../../core/routes/upstream.ts';
import type { Admitted } from '../admission/admission.ts';
import { type Scrubbing, scrubbingOf } from '../proxy/response-headers.ts';
import type { Connection } from '../upstream/connection.ts';
import { neverReached } from '../upstream/upstream-cause.ts';
import { upstreamBroken, upstreamDown, upstreamTimeout } from '../upstream/upstream-problem.ts';
import { handshakeFor, scrubResponse, switchingHead } from './handshake.ts';
import type { Tunnel } from './tunnel.ts';

// Imported by name, node:http would load node's own fetch with it: a tenth of the start.
const { Agent } = process.getBuiltinModule('node:http');

/** What is carried. */
export interface Carried {
  readonly tunnel: Tunnel;
  readonly admission: Admitted;
  readonly group: UpstreamGroup;
  /** Connects to the app; rejects if that fails. */
  readonly connect: () => Promise<Connection>;
  /** Bytes that arrived behind the client's handshake. */
  readonly head: Buffer;
}

/** The agent decides where to connect, and the handshake has the whole path. */
const NOWHERE = new URL('http://localhost/');

/** Hands the tunnel to httpxy, loaded with the first websocket: most gateways never see one. */
export async function carry(carried: Carried): Promise<void> {
  const { tunnel } = carried;
  try {
    const { createProxyServer: create } = await import('http-proxy');
    const connection = await connected(carried);
    if (connection === null) return;
    if (tunnel.isWaiting() && !tunnel.socket.destroyed) await start(create, carried, connection);
    else connection.socket.destroy();
  } catch (error) {
    // Named fallback: what could not be sent is a broken exchange.
    tunnel.fail(upstreamBroken(error));
  }
}

/** The connection to the app, or null once the tunnel has failed for lack of one. */
async function connected({ tunnel, connect }: Carried): Promise<Connection | null> {
  try {
    const connection = await connect();
    // An error without a listener would end the process.
    connection.socket.on('error', () => connection.socket.destroy());
    return connection;
  } catch (error) {
    // Named fallback: the tunnel's own answer.
    tunnel.fail(unconnected(error));
    return null;
  }
}

function unconnected(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return errorCode(error) === 'ETIMEDOUT' ? upstreamTimeout(error) : upstreamDown(error);
}

function start(
  create: typeof createProxyServer,
  { tunnel, admission, group, head }: Carried,
  { socket: dialed, target, attempt }: Connection,
): Promise<void> {
  const scrubbing = scrubbingOf(admission, group);
  const carrier = create();
  carrier.on('error', (error) => {
    // A client that left says nothing about the app.
    if (!tunnel.socket.destroyed) attempt.unanswered(error);
    tunnel.fail(problemOf(error));
  });
  carrier.on('proxyReqWs', (sent) => {
    tunnel.sent(sent);
    // This listener comes before httpxy's, which then writes what it finds in `headers`.
    sent.on('response', (response: IncomingMessage) => {
      attempt.answered();
      relay(tunnel, response, scrubbing);
    });
    sent.once('socket', () => {
      sent.removeAllListeners('upgrade').on('upgrade', (response, farSocket, farHead) => {
        attempt.answered();
        switchOver(tunnel, { response, farSocket, farHead, scrubbing });
      });
    });
  });
  const agent = new Agent();
  agent.createConnection = () => dialed;
  return carrier.ws(
    handshakeFor(admission, group, target) as IncomingMessage,
    tunnel.socket as Parameters<typeof carrier.ws>[1],
    { target: NOWHERE, agent },
    head,
  );
}

/** The app answered without switching. */
function relay(tunnel: Tunnel, response: IncomingMessage, scrubbing: Scrubbing): void {
  if (!tunnel.isWaiting()) return;
  const status = response.statusCode ?? 0;
  if (status < 200) {
    // A 101 without `Upgrade`, or no status at all. httpxy relays nothing of an upgraded response.
    Object.assign(response, { upgrade: true });
    return tunnel.fail(upstreamBroken(new Error('the app neither switched nor answered')));
  }
  tunnel.relays(status);
  scrubResponse(response, status, scrubbing);
}

interface Switched {
  readonly response: IncomingMessage;
  readonly farSocket: Duplex;
  readonly farHead: Buffer;
  readonly scrubbing: Scrubbing;
}

/** The app switched protocols. Only websocket is ever tunnelled. */
function switchOver(tunnel: Tunnel, switched: Switched): void {
  const { response, farSocket, farHead, scrubbing } = switched;
  tunnel.attach(farSocket);
  const isAgreed = response.headers.upgrade?.toLowerCase() === 'websocket';
  if (tunnel.isWaiting() && isAgreed && !tunnel.socket.destroyed) {
    return tunnel.open(switchingHead(response, scrubbing), farSocket, farHead);
  }
  farSocket.destroy();
  tunnel.fail(upstreamBroken(new Error('the app switched to something else')));
}

function problemOf(error: Error): Problem {
  const code = errorCode(error);
  if (code === 'ETIMEDOUT') return upstreamTimeout(error);
  return neverReached(error) ? upstreamDown(error) : upstreamBroken(error);
}
