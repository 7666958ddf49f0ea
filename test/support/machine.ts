/**
 * Runs once before tests that need real programs. Makes sure they are installed; never skips
 * silently. Redis is looked for in this order: REDIS_URL, a Docker engine, redis-server on PATH,
 * Debian.
 */
import { dockerAnswers } from './docker.ts';
import { installMissing, isLeftOut, PARTS } from './packages.ts';

/** vitest's globalSetup: prepares, and returns the cleanup. */
export default async function prepareMachine(): Promise<() => Promise<void>> {
  const left = PARTS.filter((part) => isLeftOut(part.name)).map((part) => part.name);
  const stopRedis = await sharedRedis();
  try {
    await installMissing();
  } catch (caught) {
    await stopRedis();
    throw caught;
  }
  return async () => {
    await stopRedis();
    if (left.length > 0) console.log(`\nleft out by DOORWARD_TEST_WITHOUT: ${left.join(', ')}`);
  };
}

/**
 * If an engine is available, one container serves all tests that share a Redis, passed to them as
 * REDIS_URL. Tests that stop, pause or replicate a Redis start their own servers; see redis.ts.
 */
async function sharedRedis(): Promise<() => Promise<void>> {
  if (process.env.REDIS_URL !== undefined || !(await dockerAnswers())) return async () => undefined;
  const { GenericContainer } = await import('testcontainers');
  try {
    const container = await new GenericContainer('redis:8-alpine').withExposedPorts(6379).start();
    process.env.REDIS_URL = `redis://${container.getHost()}:${container.getMappedPort(6379)}`;
    return async () => {
      delete process.env.REDIS_URL;
      await container.stop();
    };
  } catch (caught) {
    // Named fallback: if the engine cannot start the image, redis-server itself is used.
    console.log(`Docker answers but could not start redis:8-alpine (${String(caught)})`);
    return async () => undefined;
  }
}
