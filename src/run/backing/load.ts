/** Loads a configuration with everything that it may name. */
import { join } from 'node:path';
import type { Chosen } from '../../cli/shell/context.ts';
import type { Loaded, LoadInput } from '../../config/load.ts';

const SHIPPED_FLOWS = join(import.meta.dirname, '../../../flows');

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
    shippedFlows: SHIPPED_FLOWS,
    ...more,
  });
}
