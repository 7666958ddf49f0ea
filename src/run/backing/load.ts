/** Loads a configuration with everything that it may name. */
import { basename } from 'node:path';
import type { Chosen } from '../../cli/shell/context.ts';
import type { ShippedFlow } from '../../config/files/flow-files.ts';
import type { Loaded, LoadInput } from '../../config/load.ts';
import { pathOf, readShipped, shippedNames } from '../../shipped/shipped.ts';

/** The flows that ship with the gateway. */
export function shippedFlows(): readonly ShippedFlow[] {
  return shippedNames('flows').map((file) => ({
    name: basename(file, '.yaml'),
    path: pathOf('flows', file),
    text: readShipped('flows', file).toString('utf8'),
  }));
}

/** The environment is this process's own unless given. */
export async function load(
  { file, flags }: Chosen,
  { env = process.env, ...more }: Partial<Pick<LoadInput, 'background' | 'demos' | 'env'>> = {},
): Promise<Loaded> {
  // Imported when needed: --help would wait for all of it.
  const [{ loadConfiguration }, { lists }] = await Promise.all([
    import('../../config/load.ts'),
    import('./adapters.ts'),
  ]);
  return loadConfiguration({
    file,
    flags,
    cwd: process.cwd(),
    env,
    lists,
    shippedFlows: shippedFlows(),
    ...more,
  });
}
