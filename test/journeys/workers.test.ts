/** Two processes behind one listener: browsers, operators and Prometheus see one gateway. */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.ts';
import type { SpawnedGateway } from '../support/gateway.ts';
import {
  adminStatus,
  dialSocket,
  metric,
  signInAt,
  spawnBefore,
  startLoad,
} from '../support/operations.ts';
import { isListening } from '../support/program.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { until } from '../support/until.ts';
import { startWebApp, type WebApp } from '../support/web-app.ts';

let app: WebApp;
let redis: RedisServer;
beforeAll(async () => {
  [app, redis] = await Promise.all([startWebApp('app'), startRedis()]);
});
afterAll(async () => {
  await Promise.all([app?.close(), redis?.stop()]);
});

const LANES = 4;

describe.each(['embedded', 'redis'] as const)('two workers on %s', (kind) => {
  let gateway: SpawnedGateway;
  beforeAll(async () => {
    const state = kind === 'redis' ? redis.url : 'embedded';
    gateway = await spawnBefore(app.port, { state, more: 'workers: 2\n' });
  });
  afterAll(() => gateway?.remove());

  const wiki = (): string => `${gateway.app('wiki')}/`;
  /** Workers are the children of the process that was started. */
  function workers(): readonly number[] {
    const { pid } = gateway.process();
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  }

  /**
   * The status of a request, and the process that checked it: the request id begins with an id of
   * the process.
   */
  async function ask(client: Client): Promise<{ status: number; worker: string }> {
    const answer = await client.open(wiki());
    const id = answer.headers['x-request-id'] ?? app.seen.at(-1)?.values('x-request-id')[0] ?? '';
    return { status: answer.status, worker: id.slice(0, id.lastIndexOf('-')) };
  }

  /** What each of the two replies. */
  async function askBoth(client: Client): Promise<readonly number[]> {
    const statuses = new Map<string, number>();
    await until('both have been asked', async () => {
      const { status, worker } = await ask(client);
      statuses.set(worker, status);
      return statuses.size === 2;
    });
    return [...statuses.values()];
  }

  it('both know a user who signed in at the other', async () => {
    const clients = [new Client(), new Client()];
    for (const client of clients) {
      await signInAt(gateway, client, 'carol');
      expect(await askBoth(client)).toEqual([200, 200]);
    }
  });

  it('both refuse a revoked session, and close its websockets', async () => {
    const alice = new Client();
    await signInAt(gateway, alice, 'alice');
    expect(await askBoth(alice)).toEqual([200, 200]);
    const sockets = await Promise.all([dialSocket(gateway, alice), dialSocket(gateway, alice)]);
    expect((await gateway.run(['session', 'revoke', '--user', 'alice'])).code).toBe(0);
    if (kind === 'redis') {
      await until('both have heard', async () => String(await askBoth(alice)) === '302,302');
    }
    expect(await askBoth(alice)).toEqual([302, 302]);
    expect(await Promise.all(sockets.map(({ closed }) => closed))).toEqual([1008, 1008]);
  });

  it('apply a changed configuration together, and lose no request', async () => {
    const carol = new Client();
    await signInAt(gateway, carol, 'carol');
    const load = startLoad(gateway, carol, 'wiki', LANES);
    const text = readFileSync(gateway.configFile, 'utf8');
    const tighter = text.replace(
      'id: wiki,',
      'id: wiki, policies: [{ type: group, any: [none] }],',
    );
    writeFileSync(gateway.configFile, tighter);
    await until('both have it', async () => String(await askBoth(carol)) === '403,403');
    writeFileSync(gateway.configFile, `${text}typo: 1\n`);
    gateway.hangUp();
    await until('it is refused', () => gateway.output().includes('configuration refused'));
    expect(await metric(gateway, 'doorward_reload_ok')).toBe(0);
    expect(await askBoth(carol)).toEqual([403, 403]);
    writeFileSync(gateway.configFile, text);
    gateway.hangUp();
    await until('both have it', async () => String(await askBoth(carol)) === '200,200');
    expect(await metric(gateway, 'doorward_reload_ok')).toBe(1);
    await load.stop();
    expect(Object.keys(load.counts())).toEqual(['200', '403']);
  });

  it('are counted as one', async () => {
    const name = 'doorward_checks_total{route="open"';
    const before = await metric(gateway, name);
    for (let i = 0; i < 20; i += 1) await new Client().open(`${gateway.app('open')}/`);
    const after = await metric(gateway, name);
    expect(after - (Number.isNaN(before) ? 0 : before)).toBe(20);
    expect(await metric(gateway, 'doorward_build_info')).toBe(1);
    const carol = new Client();
    await signInAt(gateway, carol, 'carol');
    const listed = await gateway.run(['session', 'list', '--json']);
    const sessions = (JSON.parse(listed.out) as unknown[]).length;
    expect(await metric(gateway, 'doorward_sessions')).toBe(sessions);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'replace one that gets %s, and lose only its own requests',
    async (signal) => {
      const carol = new Client();
      await signInAt(gateway, carol, 'carol');
      const counted = await metric(gateway, 'doorward_checks_total');
      const [first, second] = workers();
      const load = startLoad(gateway, carol, 'wiki', LANES);
      for (const victim of [first, second]) {
        process.kill(victim as number, signal);
        await until(
          'it is replaced',
          () => workers().length === 2 && !workers().includes(victim ?? 0),
        );
        await until('the new one answers', async () => {
          return String(await askBoth(carol).catch(() => '')) === '200,200';
        });
      }
      await load.stop();
      const { 0: lost = 0, ...answered } = load.counts();
      expect(Object.keys(answered)).toEqual(['200']);
      // One that receives a stop signal finishes its requests; one that is killed cannot.
      expect(lost).toBeLessThanOrEqual(signal === 'SIGTERM' ? 0 : 2 * 2 * LANES);
      expect(await adminStatus(gateway, '/readyz')).toBe(200);
      expect(await metric(gateway, 'doorward_checks_total')).toBeGreaterThanOrEqual(counted);
      expect(gateway.output()).toContain('worker ended');
    },
  );

  it('stop together, and write complete lines to the last', async () => {
    const carol = new Client();
    await signInAt(gateway, carol, 'carol');
    const { closed } = await dialSocket(gateway, carol);
    const ids = workers();
    const ended = once(gateway.process(), 'close');
    gateway.process().kill('SIGTERM');
    expect(await closed).toBe(1001);
    expect(await ended).toEqual([0, null]);
    expect(ids.filter(isAlive)).toEqual([]);
    expect(await isListening(gateway.port)).toBe(false);
    // The banner first, surrounded by blank lines; then only JSON, each line complete.
    const log = gateway.output().slice(gateway.output().indexOf('\n{'));
    const told = log.split('\n').filter((line) => line !== '');
    const events = told.map((line) => JSON.parse(line) as { msg: string });
    expect(events.filter(({ msg }) => msg === 'decision').length).toBeGreaterThan(50);
  });
});

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    // The process does not exist.
    return false;
  }
}
