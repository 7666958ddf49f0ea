/** Links the addresses at which an app signs users out. */
import { foldReading } from '../../core/request/readings.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { linkPattern } from './pattern.ts';

/** The folded paths; null for none. `spot` is the spot of the list. */
export function linkSignOutPaths(paths: readonly string[], spot: Spot): ReadonlySet<string> | null {
  if (paths.length === 0) return null;
  const linked = new Set<string>();
  for (const [index, text] of paths.entries()) {
    const at = below(spot, index);
    const path = linkPattern(text, at);
    if (path === null) continue;
    if (path.includes('*')) blame(at, 'expected one path, without *');
    else if (path === '/') blame(at, 'opening the app would sign users out');
    else linked.add(foldReading(path));
  }
  return linked;
}
