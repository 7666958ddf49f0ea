/**
 * State in Redis, shared by any number of gateways: single server, Sentinel or Cluster. While Redis does
 * not answer, no request is let through; when it is back, everything works without a restart.
 */
import { randomBytes } from 'node:crypto';
import type { AdapterTools, StoreKind } from '../../core/setup/adapters.ts';
import type { Stores } from '../../core/setup/stores.ts';
import { openCoherence } from './link/coherence.ts';
import { runner } from './link/commands.ts';
import { claimsRedis, type RedisConfig, redisConfig } from './link/config.ts';
import { connect } from './link/connect.ts';
import { startHeartbeat } from './link/heartbeat.ts';
import { redisHandovers } from './handovers.ts';
import { redisMarks } from './marks.ts';
import { redisPlans } from './plans.ts';
import { redisScores } from './scores.ts';
import { sessionRecords } from './session-records.ts';
import { redisSessions, sweepSessions } from './sessions.ts';
import { redisSourceSessions } from './source-sessions.ts';
import { redisThrottle } from './throttle.ts';
import { redisUnsent } from './unsent.ts';
import { REDIS_TIMING, type RedisTiming } from './link/timing.ts';

/** `state: redis://…`, or `{ url }`, `{ sentinel }`, `{ cluster }`. */
export const redis: StoreKind<RedisConfig> = {
  type: 'redis',
  claims: claimsRedis,
  config: redisConfig,
  open: (config, tools) => openRedis(config, tools),
};

/** Connects. Problem `store/unreachable` when Redis does not answer in time, `store/tls-file`. */
export async function openRedis(
  config: RedisConfig,
  tools: Pick<AdapterTools, 'clock' | 'vault' | 'events'>,
  timing: RedisTiming = REDIS_TIMING,
): Promise<Stores> {
  const links = await connect(config, timing);
  const instance = randomBytes(9).toString('base64url');
  const pulse = `${config.prefix}beat:${instance}:pulse`;
  const report = (code: string, cause: unknown): void =>
    tools.events.emit({ type: 'fault', code, requestId: null, cause });
  const heartbeat = startHeartbeat({
    client: links.data,
    shape: config.servers.kind,
    key: pulse,
    timing,
    onTrouble: (problem) => report(problem.code, problem.cause),
  });
  const run = runner(links.data, heartbeat);
  const coherence = await openCoherence({
    links,
    heartbeat,
    prefix: config.prefix,
    timing,
    instance,
    onLost: (cause) => report('store/not-coherent', cause),
  });
  const records = sessionRecords(run, config.prefix, tools);
  const sweep = setInterval(() => {
    // Named fallback: the next round makes up for a failed one; readers check deadlines themselves.
    sweepSessions(records, tools.clock.now()).catch(() => null);
  }, timing.sweep);
  sweep.unref();
  return {
    sessions: redisSessions(records, coherence, tools),
    sourceSessions: redisSourceSessions(run, config.prefix, tools),
    plans: redisPlans(run, config.prefix, tools),
    throttle: redisThrottle(run, config.prefix, tools),
    marks: redisMarks(run, config.prefix, tools),
    handovers: redisHandovers(run, config.prefix, tools),
    unsent: redisUnsent(run, config.prefix, tools),
    scores: redisScores(run, config.prefix, tools),
    // A write that a full server refuses, so that operators notice before users do.
    ping: () => run(async (client) => void (await client.set(pulse, '', 'PX', timing.silence))),
    async close() {
      clearInterval(sweep);
      heartbeat.stop();
      coherence.stop();
      links.data.disconnect();
    },
  };
}
