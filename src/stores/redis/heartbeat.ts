/**
 * Whether the server behind the data connection may be believed. Only a master that still accepts
 * writes may: a replica, or a master cut off from its replicas (`min-replicas-to-write`), can serve
 * sessions that were revoked elsewhere. So every reply is believed only beside a write that was
 * accepted a moment ago; when a write is refused, nothing is believed.
 */
import type { Problem } from '../../core/values/problem.ts';
import { storeUnavailable } from '../../core/values/problem.ts';
import type { RedisConfig } from './config.ts';
import { cleanCause } from './connect.ts';
import { isFull, notMaster, problemOf } from './refusals.ts';
import type { Scripted } from './scripts.ts';
import type { RedisTiming } from './timing.ts';

/** The pulse of one data connection. */
export interface Heartbeat {
  /** Whether a write sent less than `silence` ago was accepted, and none was refused since. */
  isFresh(): boolean;
  /** Resolves when the server may be believed; makes a beat of its own if the last one is too old. */
  sure(): Promise<void>;
  /**
   * Writes `key`, or touches `stored` where the server is full. Resolves once the server accepted
   * it; rejects with the Problem otherwise.
   */
  beat(key: string, stored: string): Promise<'stored' | 'full'>;
  stop(): void;
}

/** What it needs. */
export interface HeartbeatDeps {
  readonly client: Scripted;
  readonly place: RedisConfig['place']['kind'];
  /** Key written when no other beat is due. */
  readonly key: string;
  readonly timing: Pick<RedisTiming, 'beat' | 'silence'>;
  /** Called once when the server begins to refuse writes, and again only after it accepted one. */
  readonly onTrouble: (problem: Problem) => void;
}

/** How long the key of a beat is kept, in periods of silence: a server that fills up still has it. */
const KEPT = 5;

/** Starts beating. */
export function startHeartbeat(deps: HeartbeatDeps): Heartbeat {
  const { client, place, timing, onTrouble } = deps;
  const kept = timing.silence * KEPT;
  let acceptedAt = Number.NEGATIVE_INFINITY;
  let refused: { readonly problem: Problem; readonly at: number } | null = null;
  let known: string | null = null;
  let asking: Promise<void> | null = null;
  /** Counts connections: what an earlier one accepted proves nothing about this one. */
  let connection = 0;

  client.on('close', () => {
    connection += 1;
    acceptedAt = Number.NEGATIVE_INFINITY;
  });

  function note(problem: Problem | null): void {
    const code = problem?.code ?? null;
    if (problem !== null && code !== known) onTrouble(problem);
    known = code;
  }
  function isFresh(): boolean {
    return refused === null && performance.now() - acceptedAt < timing.silence;
  }
  /** A replica may be configured to accept writes (`replica-read-only no`). */
  async function demandMaster(): Promise<void> {
    // A cluster redirects every write to the master of its slot, so no replica accepts one.
    if (place === 'cluster') return;
    const info = await client.info('replication');
    if (!/^role:master\r?$/m.test(info)) throw notMaster(info);
  }
  /** A full server refuses SET and accepts PEXPIRE; both are writes, and both reach who listens. */
  async function write(key: string, stored: string): Promise<Problem | null> {
    try {
      await client.set(key, '', 'PX', kept);
      return null;
    } catch (caught) {
      if (!isFull(caught)) throw caught;
      await client.pexpire(stored, kept);
      return problemOf(caught);
    }
  }
  async function beat(key: string, stored: string): Promise<'stored' | 'full'> {
    const sentAt = performance.now();
    const during = connection;
    try {
      const [trouble] = await Promise.all([write(key, stored), demandMaster()]);
      if (during === connection) acceptedAt = Math.max(acceptedAt, sentAt);
      refused = null;
      note(trouble);
      return trouble === null ? 'stored' : 'full';
    } catch (caught) {
      throw refusalOf(problemOf(caught));
    }
  }
  /** Only what the server said is a refusal; silence ends belief by its age. */
  function refusalOf(problem: Problem): Problem {
    const now = performance.now();
    if (problem.code === 'store/unavailable') {
      // What it said a moment ago is the better reason: we may be connecting anew because of it.
      return refused !== null && now - refused.at < timing.silence ? refused.problem : problem;
    }
    refused = { problem, at: now };
    note(problem);
    // Sentinel may know another master by now; the connection to this one would stay open.
    if (place === 'sentinel' && client.status === 'ready') client.disconnect(true);
    return problem;
  }
  function sure(): Promise<void> {
    if (isFresh()) return Promise.resolve();
    // Bounded: however many requests arrive, a server that refuses is asked once per beat.
    if (refused !== null && performance.now() - refused.at < timing.beat) {
      return Promise.reject(refused.problem);
    }
    asking ??= ask().finally(() => (asking = null));
    return asking;
  }
  async function ask(): Promise<void> {
    await beat(deps.key, deps.key);
    if (!isFresh()) throw storeUnavailable(new Error('the connection changed meanwhile'));
  }

  const timer = setInterval(() => {
    if (performance.now() - acceptedAt < timing.beat) return;
    // Named fallback: noted by `beat`; requests are refused until a beat is accepted.
    beat(deps.key, deps.key).catch(cleanCause);
  }, timing.beat);
  timer.unref();
  return { isFresh, sure, beat, stop: () => clearInterval(timer) };
}
