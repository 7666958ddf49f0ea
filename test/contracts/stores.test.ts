/** Runs the contract for both state stores. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import type { Stores } from '../../src/core/setup/stores.ts';
import { openEmbedded, STATE_FILE } from '../../src/stores/embedded/store.ts';
import { redisConfig } from '../../src/stores/redis/link/config.ts';
import { openRedis } from '../../src/stores/redis/store.ts';
import { type SharedRedis, sharedRedis } from '../support/redis.ts';
import { eventLog, testClock, testVault } from '../support/state.ts';
import { storeContract } from './stores.suite.ts';

/** Closes everything that was opened. */
function opener(open: () => Stores | Promise<Stores>): {
  open: () => Promise<Stores>;
  closeAll: () => Promise<void>;
} {
  const opened: Stores[] = [];
  return {
    async open() {
      const stores = await open();
      opened.push(stores);
      return stores;
    },
    closeAll: async () => void (await Promise.all(opened.map((stores) => stores.close()))),
  };
}

storeContract('embedded', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'doorward-state-'));
  const clock = testClock();
  const vault = testVault();
  const { open, closeAll } = opener(() => openEmbedded({ clock, vault, dataDir }));
  return {
    clock,
    vault,
    open,
    async damage(kind, id) {
      const db = new DatabaseSync(join(dataDir, STATE_FILE));
      const table = `${kind}s`;
      const { sealed } = db.prepare(`SELECT sealed FROM ${table} WHERE id = ?`).get(id) as {
        sealed: Uint8Array;
      };
      sealed.set([(sealed.at(-1) as number) ^ 1], sealed.length - 1);
      db.prepare(`UPDATE ${table} SET sealed = ? WHERE id = ?`).run(sealed, id);
      db.close();
    },
    async dump() {
      const file = join(dataDir, STATE_FILE);
      return Buffer.concat([readFileSync(file), readFileSync(`${file}-wal`)]);
    },
    async end() {
      await closeAll();
      rmSync(dataDir, { recursive: true });
    },
  };
});

let shared: SharedRedis;
beforeAll(async () => {
  shared = await sharedRedis();
});
afterAll(() => shared.stop());

let worlds = 0;
storeContract('redis', async () => {
  const prefix = `${shared.prefix.slice(0, -1)}-${worlds++}:`;
  const config = redisConfig.parse({ url: shared.url, prefix });
  const clock = testClock();
  const vault = testVault();
  const { open, closeAll } = opener(() => openRedis(config, { clock, vault, events: eventLog() }));
  const client = new Redis(shared.url);
  return {
    clock,
    vault,
    open,
    async damage(kind, id) {
      const key = `${prefix}${kind}:${id}`;
      const bytes = (await client.getBuffer(key)) as Buffer;
      bytes.set([(bytes.at(-1) as number) ^ 1], bytes.length - 1);
      await client.set(key, bytes, 'KEEPTTL');
    },
    async dump() {
      const parts: Buffer[] = [];
      for (const key of await client.keys(`${prefix}*`)) {
        const type = await client.type(key);
        parts.push(Buffer.from(key));
        if (type === 'string') parts.push((await client.getBuffer(key)) as Buffer);
        if (type === 'zset') parts.push(...(await client.zrangeBuffer(key, '0', '-1')));
      }
      return Buffer.concat(parts);
    },
    async end() {
      await closeAll();
      client.disconnect();
    },
  };
});
