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
import type { Problem } from '../../core/values/problem.ts';
import type { UpstreamGroup } from '../../core/routes/upstream.ts';
import type { Admitted } from '../admission/admission.ts';
import { type Scrubbing, scrubbingOf } from '../proxy/response-headers.ts';
import { dial, readyEvent } from '../upstream/dial.ts';
import type { Target } from '../upstream/target.ts';
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
  readonly target: Target;
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
    if (tunnel.isWaiting() && !tunnel.socket.destroyed) await start(create, carried);
  } catch (error) {
    // Named fallback: what could not be sent is a broken exchange.
    tunnel.fail(upstreamBroken(error));
  }
}

function start(create: typeof createProxyServer, carried: Carried): Promise<void> {
  const { tunnel, admission, group, target, head } = carried;
  const scrubbing = scrubbingOf(admission, group, target);
  let isConnected = false;
  const carrier = create();
  carrier.on('error', (error) => tunnel.fail(problemOf(error, { isConnected })));
  carrier.on('proxyReqWs', (sent) => {
    tunnel.sent(sent);
    // This listener comes before httpxy's, which then writes what it finds in `headers`.
    sent.on('response', (response: IncomingMessage) => relay(tunnel, response, scrubbing));
    sent.once('socket', () => {
      sent.removeAllListeners('upgrade').on('upgrade', (response, farSocket, farHead) => {
        switchOver(tunnel, { response, farSocket, farHead, scrubbing });
      });
    });
  });
  const agent = new Agent();
  agent.createConnection = () => {
    const farSocket = dial(target);
    farSocket.once(readyEvent(target), () => {
      isConnected = true;
    });
    return farSocket;
  };
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

function problemOf(error: Error, { isConnected }: { readonly isConnected: boolean }): Problem {
  const code = errorCode(error);
  if (code === 'ETIMEDOUT') return upstreamTimeout(error);
  return isConnected && !neverReached(error) ? upstreamBroken(error) : upstreamDown(error);
}
