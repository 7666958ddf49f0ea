/**
 * Open websockets by session and user. A socket outlives the request that was judged, so each is
 * judged again when its session or user changes, and every minute, and closed on anything but a yes.
 */
import type { Clock } from '../../core/values/system.ts';
import type { Directory } from '../../core/people/directory.ts';
import type { SessionStore } from '../../core/people/session-store.ts';
import { GROUP_SHARES, type Holder } from '../visitor/holder.ts';

/** An open socket as its door registered it. */
export interface LiveSocket {
  /** On whose account it counts. */
  readonly holder: Holder;
  /** Public session id and user id; null on a public path that nobody signed in for. */
  readonly sessionId: string | null;
  readonly userId: string | null;
  /** Absolute end of the session, epoch milliseconds, or null. */
  readonly expiresAt: number | null;
  /** Judges the request again; true: it may stay. A rejection is a no. */
  readonly recheck: () => boolean | Promise<boolean>;
  /** Sends a websocket close frame with this code where it can, then ends both sides. */
  readonly close: (code: CloseCode) => void;
}

/** RFC 6455 §7.4.1: going away, policy violation. */
export type CloseCode = 1001 | 1008;

/** The open sockets. */
export interface LiveSockets {
  /** Why no further one may be opened, or null; asked before the upstream is. */
  lack(holder: Holder): 'share' | 'full' | null;
  /** Returns what must be called once it is closed. */
  add(socket: LiveSocket): () => void;
  /** Judges all again, e.g. after a reload. */
  recheckAll(): void;
  /** Closes all with 1001 and takes no more. */
  shutdown(): void;
  readonly count: number;
}

/** What `live` watches, and its bounds. */
export interface LiveParts {
  readonly sessions: Pick<SessionStore, 'watch' | 'isCoherent'>;
  readonly directory: Pick<Directory, 'watch' | 'isCoherent'>;
  readonly clock: Clock;
  /**
   * Open sockets altogether (default 10,000), of which anonymous visitors may have half; and of one
   * session or anonymous address (default 64).
   */
  readonly most?: number;
  readonly mostOfOne?: number;
}

/** How old a judgement of an open socket may be, in milliseconds: time alone can turn a yes into a no. */
export const JUDGED_FOR = 60_000;

/** How often expiry is looked at, and changes that other processes made are looked for, in milliseconds. */
export const LOOK_EVERY = 1_000;

/** Watches sessions and users for as long as the process lives. */
export function createLiveSockets(parts: LiveParts): LiveSockets {
  const { sessions, directory, clock, most = 10_000, mostOfOne = 64 } = parts;
  /** With the time when each was judged last, those judged longest ago first. */
  const open = new Map<LiveSocket, number>();
  const ofHolder = new Map<string, number>();
  let anonymous = 0;
  const due = new Set<LiveSocket>();
  let isDown = false;
  let timer: NodeJS.Timeout | null = null;

  const recheckDue = (): void => {
    const sockets = [...due];
    due.clear();
    const now = clock.now();
    for (const socket of sockets) {
      if (!open.delete(socket)) continue;
      open.set(socket, now);
      void judge(socket);
    }
  };
  const put = (socket: LiveSocket): void => {
    // Later, so that every other listener has forgotten what it remembered.
    if (due.size === 0) setImmediate(recheckDue);
    due.add(socket);
  };
  const putAll = (concerns: (socket: LiveSocket) => boolean): void => {
    for (const socket of open.keys()) if (concerns(socket)) put(socket);
  };
  sessions.watch((id) => putAll((socket) => id === null || socket.sessionId === id));
  directory.watch((id) => putAll((socket) => id === null || socket.userId === id));

  const look = (): void => {
    // Stores that can only look announce through `watch` what they find here.
    sessions.isCoherent();
    directory.isCoherent();
    const now = clock.now();
    // Those that were judged at once are not judged at once again.
    let left = Math.ceil(open.size / 30);
    for (const [socket, judgedAt] of open) {
      if (socket.expiresAt !== null && now >= socket.expiresAt) socket.close(1008);
      const isOld = now - judgedAt >= JUDGED_FOR || now < judgedAt;
      if (isOld && left > 0) {
        left -= 1;
        put(socket);
      }
    }
  };

  return {
    lack({ key, group, isAnonymous }) {
      if (isDown || open.size >= most) return 'full';
      if ((ofHolder.get(key) ?? 0) >= mostOfOne) return 'share';
      const ofGroup = group === null ? 0 : (ofHolder.get(group) ?? 0);
      if (ofGroup >= mostOfOne * GROUP_SHARES) return 'share';
      return isAnonymous && anonymous >= most / 2 ? 'full' : null;
    },
    add(socket) {
      open.set(socket, clock.now());
      const { key, group, isAnonymous } = socket.holder;
      remember(ofHolder, key);
      if (group !== null) remember(ofHolder, group);
      if (isAnonymous) anonymous += 1;
      if (timer === null) {
        timer = setInterval(look, LOOK_EVERY);
        timer.unref();
      }
      // What changed between the decision and now went unheard.
      if (isDown) socket.close(1001);
      else put(socket);
      return () => {
        if (!open.delete(socket)) return;
        due.delete(socket);
        forget(ofHolder, key);
        if (group !== null) forget(ofHolder, group);
        if (isAnonymous) anonymous -= 1;
        if (open.size === 0 && timer !== null) {
          clearInterval(timer);
          timer = null;
        }
      };
    },
    recheckAll: () => putAll(() => true),
    shutdown() {
      isDown = true;
      for (const socket of open.keys()) socket.close(1001);
    },
    get count() {
      return open.size;
    },
  };
}

async function judge(socket: LiveSocket): Promise<void> {
  let mayStay = false;
  try {
    mayStay = await socket.recheck();
  } catch {
    // Named fallback: who cannot be judged now is not let stay.
  }
  if (!mayStay) socket.close(1008);
}

function remember(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function forget(counts: Map<string, number>, id: string): void {
  const left = (counts.get(id) ?? 1) - 1;
  if (left > 0) counts.set(id, left);
  else counts.delete(id);
}
