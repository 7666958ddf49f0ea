/** One member of an upstream while the gateway runs: its connections, and how it stands. */
import { type Client, Pool } from 'undici';
import type { HealthCheck, UpstreamGroup } from '../../core/routes/upstream.ts';
import type { Candidate } from '../balance/balance.ts';
import type { Standing } from '../balance/standing.ts';
import { createSessions, type Sessions } from '../http2/sessions.ts';
import { connectTo } from './dial.ts';
import { type Target, targetOf } from './target.ts';

/** A member. Upstreams with equal settings share it. */
export interface Member extends Candidate {
  readonly standing: Standing;
  readonly target: Target;
  readonly health: HealthCheck | null;
  readonly pool: Pool;
  /** Connections in HTTP/2, for which `pool` is not used; null for HTTP/1.1. */
  readonly sessions: Sessions | null;
  /** Connections made for one request. */
  readonly fresh: Set<Client>;
  busy: number;
  /** True while the pool hands its first request to a new connection. */
  isConnecting: boolean;
}

/** What two upstreams must have in common to share a member. */
export function memberKey(url: string, { tls, health }: UpstreamGroup): string {
  return JSON.stringify([url, tls, health]);
}

/** Connects when it is first used. */
export function createMember(url: string, group: UpstreamGroup, standing: Standing): Member {
  const target = targetOf(url, group);
  const pool = new Pool(target.origin, { ...poolOptions(target), connections: null });
  const { health } = group;
  const sessions = target.isHttp2 ? createSessions((dialed) => connectTo(target, dialed)) : null;
  const member = { url, standing, target, health, pool, sessions, busy: 0, isConnecting: false };
  pool.on('connect', () => {
    member.isConnecting = true;
    // The pool writes the request that it connected for before it returns.
    queueMicrotask(() => {
      member.isConnecting = false;
    });
  });
  return Object.assign(member, { fresh: new Set<Client>() });
}

/** An idle connection is dropped before most servers drop theirs (node: 5 s). */
const IDLE_TIME = 4_000;
const MAX_HEAD_BYTES = 64 * 1024;

/** How connections to an app are made and kept. */
export function poolOptions(target: Target): Client.Options {
  return {
    pipelining: 1,
    allowH2: false,
    connect: (_options, callback) => {
      connectTo(target, (error, socket) => {
        if (socket === null) callback(error ?? new Error('no connection'), null);
        else callback(null, socket);
      });
    },
    keepAliveTimeout: IDLE_TIME,
    maxHeaderSize: MAX_HEAD_BYTES,
    // The relay's own clock covers waiting, connecting and the head; bodies may pause (SSE).
    headersTimeout: 0,
    bodyTimeout: 0,
    strictContentLength: true,
  };
}
