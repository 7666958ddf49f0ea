/**
 * Several Redis servers as one: a master with a replica and a Sentinel, and a cluster of three
 * masters.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './ports.ts';
import { type RedisServer, startRedis } from './redis.ts';
import { until } from './until.ts';

/** A master, its replica, and the Sentinel that decides between them. */
export interface SentinelGroup {
  readonly name: string;
  /** `host:port` of the Sentinel. */
  readonly host: string;
  /** The initial master; query the Sentinel for the current one. */
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly stop: () => Promise<void>;
}

/**
 * Starts all three; resolves when the Sentinel knows the replica, so that a failover is possible.
 */
export async function startSentinelGroup(): Promise<SentinelGroup> {
  const master = await startRedis();
  const replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(master.port)] });
  const { name, host, stop } = await startSentinel(master.port);
  return {
    name,
    host,
    master,
    replica,
    stop: async () => void (await Promise.all([stop(), replica.stop(), master.stop()])),
  };
}

/** A Sentinel that watches a master; resolves when it knows a replica that follows. */
export async function startSentinel(
  port: number,
): Promise<Pick<SentinelGroup, 'name' | 'host' | 'stop'>> {
  const folder = mkdtempSync(join(tmpdir(), 'doorward-sentinel-'));
  const file = join(folder, 'sentinel.conf');
  const lines = [
    `sentinel monitor main 127.0.0.1 ${port} 1`,
    'sentinel down-after-milliseconds main 500',
    'sentinel failover-timeout main 3000',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const sentinel = await startRedis({ args: [file, '--sentinel'] });
  const client = new Redis(sentinel.url);
  await until('the Sentinel sees the replica', async () => {
    const replicas = (await client.call('SENTINEL', 'REPLICAS', 'main')) as string[][];
    return replicas.some((fields) => fields[fields.indexOf('master-link-status') + 1] === 'ok');
  });
  client.disconnect();
  return {
    name: 'main',
    host: `127.0.0.1:${sentinel.port}`,
    async stop() {
      await sentinel.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Servers that share the slots. */
export interface ClusterGroup {
  readonly hosts: readonly string[];
  readonly nodes: readonly RedisServer[];
  readonly stop: () => Promise<void>;
}

/** Three masters, a third of the slots each. */
export async function startClusterGroup(): Promise<ClusterGroup> {
  // The bus would use port + 10000, which is invalid for a high port.
  const buses = await Promise.all([1, 2, 3].map(() => freePort()));
  const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', '--cluster-port'];
  const nodes = await Promise.all(buses.map((bus) => startRedis({ args: [...args, String(bus)] })));
  const clients = nodes.map((node) => new Redis(node.url));
  const share = 16_384 / nodes.length;
  for (const [i, client] of clients.entries()) {
    const [from, to] = [Math.ceil(i * share), Math.ceil((i + 1) * share) - 1];
    await client.call('CLUSTER', 'ADDSLOTSRANGE', String(from), String(to));
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(i + 1));
  }
  for (const [i, node] of nodes.entries()) {
    if (i === 0) continue;
    await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', String(node.port), String(buses[i]));
  }
  await until('the cluster is whole', async () => {
    const infos = await Promise.all(clients.map((c) => c.call('CLUSTER', 'INFO')));
    return infos.every(
      (info) => String(info).includes('cluster_state:ok') && String(info).includes('known_nodes:3'),
    );
  });
  for (const client of clients) client.disconnect();
  return {
    hosts: nodes.map((node) => `127.0.0.1:${node.port}`),
    nodes,
    stop: async () => void (await Promise.all(nodes.map((node) => node.stop()))),
  };
}
