/**
 * Whether the server behind the data connection may be believed. Only a master that still accepts writes
 * may: a replica, or a master cut off from its replicas (`min-replicas-to-write`), can serve sessions that
 * were revoked elsewhere. So a reply counts only if the server accepted a write a moment ago, and nothing
 * counts once it has refused one.
 */
import type { Problem } from '../../../core/values/problem.ts';
import { storeUnavailable } from '../../../core/values/problem.ts';
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
  readonly shape: RedisConfig['servers']['kind'];
  /** Key written when no other beat is due. */
  readonly key: string;
  readonly timing: Pick<RedisTiming, 'beat' | 'silence'>;
  /** Called once when the server begins to refuse writes, and again only after it accepted one. */
  readonly onTrouble: (problem: Problem) => void;
}

/** How long the key of a beat is kept, in periods of silence, so that it is still there when the server fills up. */
const KEPT = 5;

/** Starts beating. */
export function startHeartbeat(deps: HeartbeatDeps): Heartbeat {
  const { client, shape, timing } = deps;
  const refusals = createRefusals(deps);
  let acceptedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;
  /** Counts connections: a write accepted on an earlier one proves nothing about this one. */
  let connection = 0;

  client.on('close', () => {
    connection += 1;
    acceptedAt = Number.NEGATIVE_INFINITY;
  });

  function isFresh(): boolean {
    return !refusals.isRefused() && performance.now() - acceptedAt < timing.silence;
  }
  async function beat(key: string, stored: string): Promise<'stored' | 'full'> {
    const sentAt = performance.now();
    const during = connection;
    try {
      const [trouble] = await Promise.all([write(deps, key, stored), demandMaster(deps)]);
      if (during === connection) acceptedAt = Math.max(acceptedAt, sentAt);
      refusals.accept(trouble);
      return trouble === null ? 'stored' : 'full';
    } catch (caught) {
      const problem = problemOf(caught);
      // Only an error reply is a refusal; with silence, the last accepted write becomes too old.
      // A refusal of a moment ago explains silence better: it may be why we are connecting again.
      if (problem.code === 'store/unavailable') throw refusals.within(timing.silence) ?? problem;
      refusals.refuse(problem);
      // Sentinel may know another master by now, but the connection to this one would stay open.
      if (shape === 'sentinel' && client.status === 'ready') client.disconnect(true);
      throw problem;
    }
  }
  function sure(): Promise<void> {
    if (isFresh()) return Promise.resolve();
    // Bounded: however many requests arrive, a server that refuses is asked once per beat.
    const refused = refusals.within(timing.beat);
    if (refused !== null) return Promise.reject(refused);
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

/** The server's last refusal. Reports each new kind of trouble once. */
function createRefusals({ onTrouble }: Pick<HeartbeatDeps, 'onTrouble'>) {
  let refused: { readonly problem: Problem; readonly at: number } | null = null;
  let known: string | null = null;
  function note(problem: Problem | null): void {
    const code = problem?.code ?? null;
    if (problem !== null && code !== known) onTrouble(problem);
    known = code;
  }
  return {
    isRefused: () => refused !== null,
    /** The refusal, if it is younger than this, in milliseconds. */
    within(age: number): Problem | null {
      return refused !== null && performance.now() - refused.at < age ? refused.problem : null;
    },
    /** A write was accepted, perhaps with the trouble that the server is full. */
    accept(trouble: Problem | null): void {
      refused = null;
      note(trouble);
    },
    refuse(problem: Problem): void {
      refused = { problem, at: performance.now() };
      note(problem);
    },
  };
}

/** A replica may be configured to accept writes (`replica-read-only no`). */
async function demandMaster({ client, shape }: HeartbeatDeps): Promise<void> {
  // A cluster redirects every write to the master of its slot, so no replica accepts one.
  if (shape === 'cluster') return;
  const info = await client.info('replication');
  if (!/^role:master\r?$/m.test(info)) throw notMaster(info);
}

/**
 * Writes `key`. A full server refuses SET and accepts PEXPIRE. Both are writes, and both are heard by
 * the second connection.
 */
async function write(
  { client, timing }: HeartbeatDeps,
  key: string,
  stored: string,
): Promise<Problem | null> {
  const kept = timing.silence * KEPT;
  try {
    await client.set(key, '', 'PX', kept);
    return null;
  } catch (caught) {
    if (!isFull(caught)) throw caught;
    await client.pexpire(stored, kept);
    return problemOf(caught);
  }
}
