/**
 * All configured directories as one: asked in order, the first that knows a name answers for
 * it. A directory that fails is never skipped, for the next one may know another person by that name.
 */
import type { Directory } from '../core/ports.ts';
import { Problem } from '../core/problem.ts';

/** Joins directories; their names must differ (Problem `directory/name`). */
export function chainDirectories(directories: readonly Directory[]): Directory {
  const byName = new Map<string, Directory>();
  for (const directory of directories) {
    if (byName.has(directory.name)) {
      throw new Problem(
        'directory/name',
        `Two directories are called ${directory.name}: give one of them another name.`,
      );
    }
    byName.set(directory.name, directory);
  }
  const ownerOf = (id: string): Directory | undefined => {
    const slash = id.indexOf('/');
    return slash < 1 ? undefined : byName.get(id.slice(0, slash));
  };
  return {
    name: 'all',
    async find(login, by) {
      for (const directory of directories) {
        const user = await directory.find(login, by);
        if (user !== null) return user;
      }
      return null;
    },
    async read(id) {
      const owner = ownerOf(id);
      if (owner !== undefined) return owner.read(id);
      // Nobody costs a lookup as well.
      await directories[0]?.read('');
      return null;
    },
    async verifyPassword(id, password) {
      const owner = id === null ? undefined : ownerOf(id);
      if (owner !== undefined) return owner.verifyPassword(id, password);
      // Once, whoever would have been asked: unknown people cost what known ones cost.
      return (await directories[0]?.verifyPassword(null, password)) ?? 'wrong';
    },
    async isEmpty() {
      for (const directory of directories) if (!(await directory.isEmpty())) return false;
      return true;
    },
    async hasPassword(id) {
      const owner = ownerOf(id);
      return owner !== undefined && ((await owner.hasPassword?.(id)) ?? true);
    },
    watch(listener) {
      const stops = directories.map((directory) => directory.watch(listener));
      return () => {
        for (const stop of stops) stop();
      };
    },
    isCoherent() {
      // Every one is asked, since asking is how some of them notice changes.
      let coherent = true;
      for (const directory of directories) coherent = directory.isCoherent() && coherent;
      return coherent;
    },
    async close() {
      const closed = await Promise.allSettled(directories.map((directory) => directory.close()));
      for (const result of closed) if (result.status === 'rejected') throw result.reason;
    },
  };
}
