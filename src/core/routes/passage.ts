/**
 * Where the requests of a rule go, and what becomes of their paths. Only the front of a path changes,
 * and only where every server reads it alike; the rest is sent as it came.
 */
import { readingsOf } from '../request/readings.ts';
import type { UpstreamGroup } from './upstream.ts';

/** Where the requests of a rule go. Rules with the same passage have the same object. */
export interface Passage {
  /** Null for forward-auth only. */
  readonly upstream: UpstreamGroup | null;
  /** Cut from the path; `''` for nothing. Plain, without a slash at the end, like `addPrefix`. */
  readonly stripPrefix: string;
  /** Put before what is left, behind the base path of the upstream; `''` for nothing. */
  readonly addPrefix: string;
}

/** Why a request has no passage. */
export interface Blockage {
  readonly refused: string;
  readonly status: 400 | 404;
}

const CLIMBING: Blockage = { refused: 'path/dot-segment', status: 400 };
const DIVIDED: Blockage = { refused: 'path/upstream', status: 400 };
/** What is outside of the prefix could not be told from what is inside, once that is cut off. */
const OUTSIDE: Blockage = { refused: 'path/outside-prefix', status: 404 };

const BASE_PATH = /^https?:\/\/[^/]+\/./;
const CLIMBS = /\/\.\.(?:\/|$)/;

/** Whether every path goes to the root of the upstream as it was sent. */
export function isDirect({ upstream, stripPrefix, addPrefix }: Passage): boolean {
  if (stripPrefix !== '' || addPrefix !== '') return false;
  return upstream?.urls.some((url) => BASE_PATH.test(url)) !== true;
}

/**
 * The readings of a path, among them those of what an app receives behind a prefix: `//x/y`
 * of `/wiki//x/y` is `/y` to some servers. Null if there are too many. Linear time.
 */
export function readingsWithout(
  path: string,
  prefixes: readonly string[],
  frontControllers: readonly string[],
): readonly string[] | null {
  const readings = readingsOf(path, frontControllers);
  if (readings === null || prefixes.length === 0) return readings;
  const cuts = prefixes.filter((prefix) => isWithin(path, prefix));
  if (cuts.length === 0) return readings;
  const all = new Set(readings);
  for (const cut of cuts) {
    const rest = readingsOf(withoutPrefix(path, cut), frontControllers);
    if (rest === null) return null;
    for (const reading of rest) all.add(cut + reading);
  }
  return [...all];
}

/** Why a path cannot go where the rules of all its readings lead; null if it can. */
export function blockage(
  passages: readonly Passage[],
  path: string,
  readings: readonly string[],
): Blockage | null {
  const [passage, ...others] = passages;
  if (passage === undefined) return null;
  if (others.some((other) => other !== passage)) return DIVIDED;
  if (isDirect(passage)) return null;
  if (readings.some((reading) => CLIMBS.test(reading))) return CLIMBING;
  const { stripPrefix } = passage;
  const inside = readings.filter((reading) => isWithin(reading, stripPrefix));
  if (isWithin(path, stripPrefix) && inside.length === readings.length) return null;
  return inside.length === 0 ? OUTSIDE : DIVIDED;
}

/** Whether a path begins with a prefix, which ends with a segment. */
function isWithin(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/');
}

function withoutPrefix(path: string, prefix: string): string {
  return path.slice(prefix.length) || '/';
}

/** The path below the upstream's base path, for a path that no `blockage` holds up. */
export function pathThrough({ stripPrefix, addPrefix }: Passage, path: string): string {
  return addPrefix + withoutPrefix(path, stripPrefix);
}
