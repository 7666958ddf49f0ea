/**
 * One websocket between client and app: its state and its end. `waiting` for the app, `refused` by
 * us, `relaying` a refusal of the app, or `open`. Bytes flow only when it is open.
 */
import type { ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Problem } from '../../core/values/problem.ts';
import { causeOf, type NetworkCause } from '../../core/values/network-cause.ts';
import { noAnswer, upstreamTimeout } from '../upstream/upstream-problem.ts';
import { closeFrame } from './handshake.ts';
import type { CloseCode } from './live-sockets.ts';

/** How a tunnel ended, for its event. */
interface TunnelEnd {
  /** Status the client got; 0 for none. */
  readonly status: number;
  /** Code of the fault, or `''`. */
  readonly fault: string;
  readonly cause: NetworkCause | null;
}

/** One tunnel. */
export interface Tunnel {
  readonly socket: Duplex;
  /** Whether the app has yet to answer. */
  isWaiting(): boolean;
  /** The request is on its way to the app; it ends with the tunnel. */
  sent(outgoing: ClientRequest): void;
  /** The app refuses with this status; its response is relayed. */
  relays(status: number): void;
  /** The app agreed: `head` goes to the client, then bytes both ways. */
  open(head: string, farSocket: Duplex, farHead: Buffer): void;
  /** Ends both sides when `farSocket` closes, in whatever state. */
  attach(farSocket: Duplex): void;
  /** Replies with the problem while nothing has been written; otherwise cuts the client off. */
  fail(problem: Problem): void;
  /** Sends a close frame where the tunnel is open, then ends both sides. */
  close(code: CloseCode): void;
}

/** What a tunnel is made of. */
export interface TunnelOptions {
  readonly socket: Duplex;
  /** Time for the app to answer, in milliseconds. */
  readonly timeout: number;
  /** Replies in the app's place; nothing has been written yet. */
  readonly refuse: (problem: Problem) => void;
  /** Called once, when the client's socket has closed. */
  readonly ended: (end: TunnelEnd) => void;
}

/** Time for a client to take the close frame, in milliseconds. */
const LINGER = 1_000;

/** A tunnel that waits for its app. */
export function createTunnel({ socket, timeout, refuse, ended }: TunnelOptions): Tunnel {
  let state: 'waiting' | 'refused' | 'relaying' | 'open' = 'waiting';
  let end: TunnelEnd = { status: 0, fault: 'client/gone', cause: null };
  let outgoing: ClientRequest | null = null;
  let far: Duplex | null = null;

  const fail = (problem: Problem): void => {
    if (state === 'waiting') {
      state = 'refused';
      end = { status: problem.status, fault: problem.code, cause: causeOf(problem) };
      clearTimeout(timer);
      outgoing?.destroy();
      refuse(problem);
    } else if (state !== 'refused') socket.destroy();
  };
  const timer = setTimeout(() => fail(upstreamTimeout(noAnswer(timeout))), timeout);
  socket.once('close', () => {
    clearTimeout(timer);
    outgoing?.destroy();
    far?.destroy();
    ended(end);
  });

  return {
    socket,
    isWaiting: () => state === 'waiting',
    sent(request) {
      outgoing = request;
    },
    relays(status) {
      state = 'relaying';
      clearTimeout(timer);
      end = { status, fault: '', cause: null };
    },
    attach(farSocket) {
      far = farSocket;
      farSocket.on('error', () => farSocket.destroy());
      farSocket.once('close', () => {
        // What was passed on is flushed before the client is let go.
        if (!socket.writableEnded) socket.end(() => socket.destroy());
      });
    },
    open(head, farSocket, farHead) {
      state = 'open';
      clearTimeout(timer);
      end = { status: 101, fault: '', cause: null };
      socket.write(head, 'latin1');
      if (farHead.length > 0) socket.write(farHead);
      farSocket.pipe(socket).pipe(farSocket);
    },
    fail,
    close(code) {
      if (state !== 'open' || far === null) return void socket.destroy();
      far.unpipe(socket);
      far.destroy();
      dismiss(socket, code);
    },
  };
}

/** Ends the client's side with a close frame. A client that does not read it is cut off. */
function dismiss(socket: Duplex, code: CloseCode): void {
  socket.end(closeFrame(code), () => socket.destroy());
  setTimeout(() => socket.destroy(), LINGER).unref();
}
