/** Links `signals`: which ones this configuration provides, and their options. Opens nothing. */
import { resolve } from 'node:path';
import { frozen } from '../settings/freeze.ts';
import type { Lists } from '../settings/lists.ts';
import { parseAt } from '../schema/schema-faults.ts';
import type { Config } from '../schema/schema.ts';
import type { Settings } from '../settings/settings.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';

/** The available signals, and the reason for each that is not. */
export interface LinkedSignals {
  readonly signals: Settings['signals'];
  readonly missing: ReadonlyMap<string, string>;
}

/** Links all signals. The options `path` and `paths` become absolute. */
export function linkSignals(
  given: Config['signals'],
  lists: Lists,
  base: string,
  root: Spot,
): LinkedSignals {
  const spot = below(root, 'signals');
  const names = lists.signals.map((kind) => kind.name);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    blame(
      below(spot, name),
      `no such signal, expected one of ${names.join(', ')}`,
      suggest(name, names),
      'key',
    );
  }
  const signals: Settings['signals'][number][] = [];
  const missing = new Map<string, string>();
  for (const kind of lists.signals) {
    const options = given[kind.name];
    if (options !== undefined) {
      const parsed: unknown = parseAt(kind.config, placed(options, base), below(spot, kind.name));
      if (parsed !== null) signals.push({ kind, options: parsed });
      continue;
    }
    const parsed = kind.config.safeParse({});
    if (parsed.success) signals.push({ kind, options: parsed.data });
    else missing.set(kind.name, parsed.error.issues[0]?.message ?? 'it is not configured');
  }
  return { signals: frozen(signals), missing };
}

function placed(
  options: Readonly<Record<string, unknown>>,
  base: string,
): Readonly<Record<string, unknown>> {
  const { path, paths } = options;
  return {
    ...options,
    ...(typeof path === 'string' ? { path: resolve(base, path) } : {}),
    ...(Array.isArray(paths)
      ? {
          paths: paths.map((one: unknown) => (typeof one === 'string' ? resolve(base, one) : one)),
        }
      : {}),
  };
}
