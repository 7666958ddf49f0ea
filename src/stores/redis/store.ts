/**
 * State in Redis, shared by any number of gateways: single server, Sentinel or Cluster. When Redis is
 * away every door stays shut; when it is back all is well without a restart.
 */
import { randomBytes } from 'node:crypto';
import type { AdapterTools, StoreKind } from '../../core/adapters.ts';
import type { Stores } from '../../core/ports.ts';
import { openCoherence } from './coherence.ts';
import { runner } from './commands.ts';
import { claimsRedis, type RedisConfig, redisConfig } from './config.ts';
import { connect } from './connect.ts';
import { redisMarks } from './marks.ts';
import { redisPlans } from './plans.ts';
import { redisScores } from './scores.ts';
import { redisSessions } from './sessions.ts';
import { redisThrottle } from './throttle.ts';
import { REDIS_TIMING, type RedisTiming } from './timing.ts';

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
  const run = runner(links.data);
  const coherence = await openCoherence({
    links,
    run,
    prefix: config.prefix,
    timing,
    instance: randomBytes(9).toString('base64url'),
    onLost: (cause) =>
      tools.events.emit({ type: 'fault', code: 'store/not-coherent', requestId: null, cause }),
  });
  const sessions = redisSessions(run, config.prefix, coherence, tools);
  const sweep = setInterval(() => {
    // Named fallback: what a failed round left is done by the next; readers judge deadlines themselves.
    void sessions.sweep().catch(() => false);
  }, timing.sweep);
  sweep.unref();
  return {
    sessions: sessions.store,
    plans: redisPlans(run, config.prefix, tools),
    throttle: redisThrottle(run, config.prefix, tools),
    marks: redisMarks(run, config.prefix, tools),
    scores: redisScores(run, config.prefix, tools),
    ping: () => run(async (client) => void (await client.exists(`${config.prefix}sessions`))),
    async close() {
      clearInterval(sweep);
      coherence.stop();
      links.data.disconnect();
    },
  };
}
