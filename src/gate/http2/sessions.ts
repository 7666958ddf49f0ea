/**
 * The HTTP/2 connections to one app. A request takes the first one that has room; if none has, another
 * is opened. One that its app ends (GOAWAY), or that does not answer a ping, takes no more requests.
 */
import type { ClientHttp2Session } from 'node:http2';
import { type Dial, openSession } from './session.ts';
import { sendStream, type StreamListener, type StreamRequest } from './stream.ts';

/** The connections to one app. */
export interface Sessions {
  /** Sends one request. Without `started`, the listener's `fault` means that nothing was sent. */
  send(request: StreamRequest, listener: StreamListener): void;
  /** Takes no more requests; resolves when those under way are over. */
  close(): Promise<void>;
  /** Cuts what is open. */
  destroy(): Promise<void>;
}

/** Most requests at a time over one connection, whatever the app allows; more share the loss of one. */
const MOST_STREAMS = 128;

/** An idle connection is kept this long, in milliseconds; most servers keep theirs longer. */
const IDLE_TIME = 30_000;

/** A busy connection is asked for a sign of life this often, in milliseconds: gRPC servers cut off who asks more often than every 5 minutes. */
const PING_EVERY = 330_000;
/** Time for the reply, in milliseconds. */
const PING_TIME = 20_000;

/** One connection. */
interface Line {
  readonly session: ClientHttp2Session;
  streams: number;
  wasUsed: boolean;
  idle: NodeJS.Timeout | undefined;
}

interface Waiting {
  readonly request: StreamRequest;
  readonly listener: StreamListener;
}

/** Connects when it is first used. */
export function createSessions(dial: Dial): Sessions {
  const lines = new Set<Line>();
  const waiting: Waiting[] = [];
  let opening = 0;
  let isDestroyed = false;

  const carry = (line: Line, { request, listener }: Waiting): void => {
    const isKept = line.wasUsed;
    line.wasUsed = true;
    line.streams += 1;
    clearTimeout(line.idle);
    sendStream(line.session, request, {
      listener,
      isKept,
      closed() {
        line.streams -= 1;
        if (line.streams === 0) rest(line);
      },
    });
  };
  const fail = (error: Error): void => {
    for (const { listener } of waiting.splice(0)) listener.fault(error);
  };
  const open = (): void => {
    opening += 1;
    openSession(dial, (error, session) => {
      opening -= 1;
      if (session === null) return fail(error ?? new Error('no session'));
      if (isDestroyed) return session.destroy();
      const line = lineOver(session);
      lines.add(line);
      session.once('close', () => lines.delete(line));
      if (!hasRoom(line)) return fail(new Error('the app allows no stream'));
      while (hasRoom(line)) {
        const next = waiting.shift();
        if (next === undefined) break;
        carry(line, next);
      }
      if (waiting.length > opening * MOST_STREAMS) open();
      if (line.streams === 0) rest(line);
    });
  };

  return {
    send(request, listener) {
      const line = [...lines].find(hasRoom);
      if (line !== undefined) return carry(line, { request, listener });
      waiting.push({ request, listener });
      if (waiting.length > opening * MOST_STREAMS) open();
    },
    close: async () => {
      await Promise.all([...lines].map(({ session }) => ended(session, () => session.close())));
    },
    destroy: async () => {
      isDestroyed = true;
      fail(new Error('the upstream is closed'));
      await Promise.all([...lines].map(({ session }) => ended(session, () => session.destroy())));
    },
  };
}

function hasRoom({ session, streams }: Line): boolean {
  if (session.closed || session.destroyed) return false;
  return (
    streams < Math.min(session.remoteSettings.maxConcurrentStreams ?? MOST_STREAMS, MOST_STREAMS)
  );
}

function lineOver(session: ClientHttp2Session): Line {
  const line: Line = { session, streams: 0, wasUsed: false, idle: undefined };
  const pings = setInterval(() => {
    if (line.streams > 0 && !session.destroyed) ping(session);
  }, PING_EVERY);
  pings.unref();
  session.once('close', () => {
    clearInterval(pings);
    clearTimeout(line.idle);
  });
  return line;
}

function rest(line: Line): void {
  line.idle = setTimeout(() => line.session.close(), IDLE_TIME);
  line.idle.unref();
}

function ping(session: ClientHttp2Session): void {
  const timer = setTimeout(() => {
    const error = new Error(`the app did not reply to a ping within ${PING_TIME / 1000} s`);
    session.destroy(Object.assign(error, { code: 'ECONNRESET' }));
  }, PING_TIME);
  session.once('close', () => clearTimeout(timer));
  session.ping(() => clearTimeout(timer));
}

function ended(session: ClientHttp2Session, end: () => void): Promise<void> {
  if (session.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    session.once('close', resolve);
    end();
  });
}
