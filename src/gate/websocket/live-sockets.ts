/**
 * Open websockets by session and user. A socket outlives the decision about its request, so the
 * decision is made again when session, user or tokens change, and every minute; the socket is closed unless
 * it is an allow.
 */

import type { Directory } from '../../core/people/directory.ts';
import type { SessionStore } from '../../core/people/session-store.ts';
import type { TokenStore } from '../../core/people/token.ts';
import type { Clock } from '../../core/values/system.ts';
import type { Holder } from '../visitor/holder.ts';
import { createSocketCounts, type SocketBounds } from './socket-counts.ts';

/** An open socket. */
export interface LiveSocket {
  /** Whose share it uses. */
  readonly holder: Holder;
  /** Public session id and user id; null for an anonymous visitor on a public path. */
  readonly sessionId: string | null;
  readonly userId: string | null;
  /** Absolute end of the session or token, epoch milliseconds, or null. */
  readonly expiresAt: number | null;
  /** Decides again; true: the socket may stay open. A rejection closes it. */
  readonly recheck: () => boolean | Promise<boolean>;
  /** Sends a websocket close frame with this code where possible, then ends both sides. */
  readonly close: (code: CloseCode) => void;
}

/** RFC 6455 §7.4.1: going away, policy violation. */
export type CloseCode = 1001 | 1008;

/** The open sockets. */
export interface LiveSockets {
  /** Why no further one may be opened, or null; checked before the app is contacted. */
  lack(holder: Holder): 'share' | 'full' | null;
  /** Returns the function to call once the socket is closed. */
  add(socket: LiveSocket): () => void;
  /** Decides again about all of them, for example after a reload. */
  recheckAll(): void;
  /** Closes all with 1001 and accepts no more. */
  shutdown(): void;
  readonly count: number;
}

/** What is watched, and the bounds. */
export interface LiveParts extends SocketBounds {
  readonly sessions: Pick<SessionStore, 'watch' | 'isCoherent'>;
  readonly directory: Pick<Directory, 'watch' | 'freshFor'>;
  readonly tokens: Pick<TokenStore, 'watch' | 'isCoherent'>;
  readonly clock: Clock;
}

/** How old the decision about an open socket may be, in milliseconds: time alone can turn an allow into a deny. */
export const DECIDED_FOR = 60_000;

/** How often expiry, and changes by other processes, are looked for, in milliseconds. */
export const LOOK_EVERY = 1_000;

/** Watches sessions and users for as long as the process lives. */
export function createLiveSockets(parts: LiveParts): LiveSockets {
  const { sessions, directory, tokens, clock } = parts;
  const counts = createSocketCounts(parts);
  /** With the time of the last decision about each, the oldest first. */
  const open = new Map<LiveSocket, number>();
  const rechecks = createRechecks(open, clock);
  let isDown = false;
  let timer: NodeJS.Timeout | null = null;

  const recheckAll = (concerns: (socket: LiveSocket) => boolean): void => {
    for (const socket of open.keys()) if (concerns(socket)) rechecks.put(socket);
  };
  sessions.watch((id) => recheckAll((socket) => id === null || socket.sessionId === id));
  const ofUser = (id: string | null): void =>
    recheckAll((socket) => id === null || socket.userId === id);
  directory.watch(ofUser);
  tokens.watch(ofUser);

  const look = (): void => {
    // Stores that poll for changes announce through `watch` what they find here.
    sessions.isCoherent();
    directory.freshFor();
    tokens.isCoherent();
    rechecks.putOld();
  };

  return {
    lack: (holder) => (isDown ? 'full' : counts.lack(holder)),
    add(socket) {
      open.set(socket, clock.now());
      counts.add(socket.holder);
      if (timer === null) {
        timer = setInterval(look, LOOK_EVERY);
        timer.unref();
      }
      // A change between the decision and now would have gone unnoticed.
      if (isDown) socket.close(1001);
      else rechecks.put(socket);
      return () => {
        if (!open.delete(socket)) return;
        rechecks.drop(socket);
        counts.remove(socket.holder);
        if (open.size === 0 && timer !== null) {
          clearInterval(timer);
          timer = null;
        }
      };
    },
    recheckAll: () => recheckAll(() => true),
    shutdown() {
      isDown = true;
      for (const socket of open.keys()) socket.close(1001);
    },
    get count() {
      return open.size;
    },
  };
}

/** Sockets that are decided about again, together and soon. */
function createRechecks(open: Map<LiveSocket, number>, clock: Clock) {
  const due = new Set<LiveSocket>();
  const recheckDue = (): void => {
    const sockets = [...due];
    due.clear();
    const now = clock.now();
    for (const socket of sockets) {
      if (!open.delete(socket)) continue;
      open.set(socket, now);
      void recheck(socket);
    }
  };
  const put = (socket: LiveSocket): void => {
    // Later, so that every other listener has dropped what it had cached.
    if (due.size === 0) setImmediate(recheckDue);
    due.add(socket);
  };
  return {
    put,
    /** Those whose decision is too old. Closes the expired ones. */
    putOld(): void {
      const now = clock.now();
      // Sockets that were decided about together are spread out over the interval.
      let left = Math.ceil(open.size / 30);
      for (const [socket, decidedAt] of open) {
        if (socket.expiresAt !== null && now >= socket.expiresAt) socket.close(1008);
        const isOld = now - decidedAt >= DECIDED_FOR || now < decidedAt;
        if (isOld && left > 0) {
          left -= 1;
          put(socket);
        }
      }
    },
    drop: (socket: LiveSocket): boolean => due.delete(socket),
  };
}

async function recheck(socket: LiveSocket): Promise<void> {
  let mayStay = false;
  try {
    mayStay = await socket.recheck();
  } catch {
    // Named fallback: a socket that cannot be decided about is closed.
  }
  if (!mayStay) socket.close(1008);
}
