/** Links `state` and `directories` to plug-ins with options. Opens nothing. */
import { resolve } from 'node:path';
import { frozen } from '../settings/freeze.ts';
import type { Lists } from '../settings/lists.ts';
import { parseAt } from '../schema/schema-faults.ts';
import type { Config } from '../schema/schema.ts';
import type { Settings } from '../settings/settings.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';

/** The store with its options; null once its fault has been noted. */
export function linkState(config: Config, lists: Lists, root: Spot): Settings['state'] | null {
  const spot = below(root, 'state');
  const kind = lists.stores.find((one) => one.claims(config.state));
  if (kind === undefined) {
    const types = lists.stores.map((one) => one.type);
    const hint = typeof config.state === 'string' ? suggest(config.state, types) : null;
    blame(spot, `no such state, expected one of ${types.join(', ')}`, hint);
    return null;
  }
  const options: unknown = parseAt(kind.config, config.state, spot);
  return options === null ? null : frozen({ kind, options });
}

/** The directories in order. The option `path` becomes absolute. */
export function linkDirectories(
  config: Config,
  lists: Lists,
  base: string,
  root: Spot,
): Settings['directories'] {
  const types = lists.directories.map((one) => one.type);
  const linked: Settings['directories'][number][] = [];
  const seen = new Set<string>();
  for (const [index, raw] of config.directories.entries()) {
    const spot = below(root, 'directories', index);
    const { type, ...options } = raw;
    const kind = lists.directories.find((one) => one.type === type);
    if (kind === undefined) {
      const hint = typeof type === 'string' ? suggest(type, types) : null;
      const what = type === undefined ? 'missing' : 'no such directory';
      blame(below(spot, 'type'), `${what}, expected one of ${types.join(', ')}`, hint);
      continue;
    }
    const name = `${kind.type} ${typeof options.name === 'string' ? options.name : ''}`;
    if (seen.has(name)) blame(spot, 'duplicate directory; its users would be ambiguous');
    seen.add(name);
    const placed =
      typeof options.path === 'string'
        ? { ...options, path: resolve(base, options.path) }
        : options;
    const parsed: unknown = parseAt(kind.config, placed, spot);
    if (parsed !== null) linked.push({ kind, options: parsed });
  }
  return frozen(linked);
}
