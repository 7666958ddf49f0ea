/** Runs the contract for every directory. */
import { readdirSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chainDirectories } from '../../src/directories/chain.ts';
import { openEmbeddedDirectory } from '../../src/directories/embedded/directory.ts';
import { openFileDirectory } from '../../src/directories/file/directory.ts';
import { directories } from '../../src/directories/index.ts';
import { directoryTools } from '../support/directory-tools.ts';
import { type Bench, directoryContract, type Seed } from './directories.suite.ts';
import { putPeople } from './embedded-people.ts';
import { writableDirectoryContract } from './writable-directories.suite.ts';

/** Results are never cached longer than a call, and no timer refreshes them. */
const TIMING = { believed: -1, poll: 3_600_000 };

/** A second connection writes, as the command line does. */
async function embeddedBench(): Promise<Bench> {
  const tools = await directoryTools();
  const directory = openEmbeddedDirectory(tools, TIMING);
  const other = openEmbeddedDirectory(tools, TIMING);
  return {
    directory,
    async put(people) {
      await putPeople(other, tools.passwords, people);
      directory.freshFor();
    },
    async close() {
      await directory.close();
      await other.close();
      await tools.remove();
    },
  };
}

async function fileBench(): Promise<Bench> {
  const tools = await directoryTools();
  const path = join(tools.dataDir, 'users.yaml');
  const write = async (people: readonly Seed[]): Promise<void> => {
    const users: Record<string, unknown> = {};
    for (const { name, displayName, password, ...rest } of people) {
      const hash = await tools.passwords.hash(password);
      users[name] = { displayname: displayName ?? null, password: hash, ...rest };
    }
    await writeFile(`${path}.new`, JSON.stringify({ users }));
    await rename(`${path}.new`, path);
  };
  await write([]);
  const directory = await openFileDirectory({ path, name: 'file' }, tools, {
    settle: 1,
    poll: 3_600_000,
  });
  return {
    directory,
    async put(people) {
      await write(people);
      await directory.refresh();
    },
    async close() {
      await directory.close();
      await tools.remove();
    },
  };
}

describe('directories', () => {
  it('are listed, each folder once', () => {
    const folders = readdirSync(new URL('../../src/directories/', import.meta.url), {
      withFileTypes: true,
    })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
    expect(directories.map((d) => d.type).sort()).toEqual(folders.sort());
  });

  it('refuse unknown options', () => {
    for (const kind of directories) {
      expect(kind.config.safeParse({ path: '/x', surprise: true }).success).toBe(false);
    }
  });

  directoryContract('embedded', embeddedBench);
  directoryContract('file', fileBench);
  writableDirectoryContract('embedded', async () => {
    const tools = await directoryTools();
    const users = openEmbeddedDirectory(tools, TIMING);
    return {
      users,
      hash: (password) => tools.passwords.hash(password),
      async close() {
        await users.close();
        await tools.remove();
      },
    };
  });
  directoryContract('embedded, in a chain', async () => {
    const bench = await embeddedBench();
    const chain = chainDirectories([bench.directory]);
    return { ...bench, directory: { ...chain, name: bench.directory.name } };
  });
});
