/** Reads the files of `routes_dir`: each a list of routes, appended to the routes of the main file. */
import { resolve } from 'node:path';
import { type FaultPath, formatPath } from '../faults/fault.ts';
import type { Source, Tree } from '../faults/source.ts';
import type { Assembly } from '../merge/assembly.ts';
import { MAX_YAML_BYTES } from '../parse/yaml-weight.ts';
import { assembled, type Files, readSource, yamlFilesIn } from './files.ts';
import { isRecord } from '../../core/values/record.ts';

/** Most files of the directory. */
const MAX_FILES = 1000;

/** The main file with all routes. Faults of a route name its own file. */
export async function withRouteFiles(
  main: Source,
  assembly: Omit<Assembly, 'around' | 'overrides'>,
  files: Files,
): Promise<Source> {
  const value = isMapping(main.value) ? main.value : {};
  const { routes_dir: directory, routes = [] } = value;
  if (typeof directory !== 'string') return main;
  const limits = { option: 'routes_dir', most: MAX_FILES };
  const found = await yamlFilesIn(resolve(files.base, directory), limits, main, files);
  // A value that is no list is a fault of its own; the routes beside it are not lost in it.
  if (!Array.isArray(routes)) return main;
  const parts: Part[] = [];
  let count = routes.length;
  for (const file of found) {
    const read = await readSource(file, MAX_YAML_BYTES, files);
    if (read === null) continue;
    if (!Array.isArray(read.value)) {
      files.faults.push(read.fault([], 'expected a list of routes: - id: …'));
      continue;
    }
    const whole = await assembled(asRoutes(read, count), { ...assembly, overrides: [] }, files);
    const { routes: list } = isRecord(whole.value) ? whole.value : {};
    if (!Array.isArray(list)) continue;
    parts.push({ source: whole, first: count, list });
    count += list.length;
  }
  const all = [...routes, ...parts.flatMap(({ list }) => list)];
  return joined({ ...main, value: { ...value, routes: all } }, parts);
}

/** The routes of one file. */
interface Part {
  readonly source: Source;
  /** The index of its first route among all routes. */
  readonly first: number;
  readonly list: readonly Tree[];
}

/**
 * A list of routes in the form of a main file, so that references in it are filled by the same
 * schema. Faults name the index among all routes, of which the file's own begin at `first`.
 */
function asRoutes(source: Source, first: number): Source {
  return {
    ...source,
    value: { routes: source.value },
    fault: (path, ...about) => {
      const [key = 'routes', index = 0, ...rest] = path;
      const fault = source.fault(path.slice(1), ...about);
      return { ...fault, path: formatPath([key, first + Number(index), ...rest]) };
    },
    location: (path) => source.location(path.slice(1)),
  };
}

/** The main file, where each path below an appended route leads to the file of that route. */
function joined(main: Source, parts: readonly Part[]): Source {
  const locate = (path: FaultPath): { source: Source; path: FaultPath } => {
    const [key, index, ...rest] = path;
    if (key !== 'routes' || typeof index !== 'number') return { source: main, path };
    const owner = parts.findLast(({ first }) => index >= first);
    if (owner === undefined) return { source: main, path };
    return { source: owner.source, path: [key, index - owner.first, ...rest] };
  };
  return {
    ...main,
    fault(path, ...about) {
      const at = locate(path);
      return at.source.fault(at.path, ...about);
    },
    location(path) {
      const at = locate(path);
      return at.source.location(at.path);
    },
  };
}

function isMapping(value: Tree): value is { [key: string]: Tree } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
