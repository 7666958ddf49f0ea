/** Links the logo: a small picture in a format that browsers show. */
import { statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import type { Config } from '../schema/schema.ts';
import { below, blame, type Spot } from '../faults/spot.ts';

const KINDS = ['.svg', '.png', '.webp', '.jpg'];
const MAX_BYTES = 256 * 1024;

/** The absolute path of the logo; null for none. */
export function linkLogo(config: Config, base: string, root: Spot): string | null {
  const { logo } = config.brand;
  if (logo === undefined) return null;
  const spot = below(root, 'brand', 'logo');
  const path = resolve(base, logo);
  if (!KINDS.includes(extname(path).toLowerCase())) {
    blame(spot, `expected a file that ends in ${KINDS.join(', ')}`);
    return null;
  }
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile() !== true) blame(spot, 'the file does not exist');
  else if (found.size > MAX_BYTES) blame(spot, `expected at most ${MAX_BYTES / 1024} KiB`);
  return path;
}
