/**
 * Links where the requests of a route go: its own upstream and prefixes, and those of its paths. A path
 * takes what it does not state from the closest path around it, otherwise from the route.
 */
import { decodeBytes } from '../../core/request/path-text.ts';
import { isPlain } from '../../core/request/readings.ts';
import { fits, globOf } from '../../core/routes/glob.ts';
import type { Passage } from '../../core/routes/passage.ts';
import type { RouteHost } from '../../core/routes/route.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import type { PathConfig, RouteConfig } from '../schema/schema.ts';
import { patternAround } from './path-expression.ts';
import { isPartial } from './pattern.ts';
import { linkUpstream, type UpstreamTools } from './upstream.ts';

/** The passages of a route. */
export interface Passages {
  readonly own: Passage;
  /** One for each of `paths`, in their order. */
  readonly paths: readonly Passage[];
}

type Stated = Pick<PathConfig, 'upstream' | 'strip_prefix' | 'add_prefix'>;

/** What all passages of a route are linked with. */
interface PassageContext {
  readonly timeout: number;
  readonly hosts: readonly RouteHost[];
  readonly tools: UpstreamTools;
}

const NOWHERE: Passage = { upstream: null, stripPrefix: '', addPrefix: '' };

/** Links them. */
export function linkPassages(
  route: RouteConfig,
  hosts: readonly RouteHost[],
  spot: Spot,
  tools: UpstreamTools,
): Passages {
  const context = { timeout: route.timeout, hosts, tools };
  const own = linkPassage(route, NOWHERE, spot, context);
  const isUsed = [route, ...route.paths].some(({ upstream }) => upstream !== undefined);
  if (!isUsed) blamePrefixes(route, spot);
  const linked = new Map<PathConfig, Passage>();
  // What is around a path comes before it.
  const outward = [...route.paths.entries()].sort(([, a], [, b]) => depthOf(a) - depthOf(b));
  for (const [index, path] of outward) {
    const at = below(spot, 'paths', index);
    const around = closestAround(path, [...linked.keys()]);
    const inherited = (around === null ? undefined : linked.get(around)) ?? own;
    const passage = linkPassage(path, inherited, at, context);
    const isNowhere = [path, around, route].every((stated) => stated?.upstream === undefined);
    if (passage.upstream === null && isNowhere) blamePrefixes(path, at);
    checkInside(path, passage, at);
    linked.set(path, passage);
  }
  return { own, paths: route.paths.map((path) => linked.get(path) ?? own) };
}

/** The inherited one itself if nothing else is stated: rules with the same passage share it. */
function linkPassage(
  { upstream, strip_prefix: strip, add_prefix: add }: Stated,
  inherited: Passage,
  at: Spot,
  { timeout, hosts, tools }: PassageContext,
): Passage {
  if (upstream === undefined && strip === undefined && add === undefined) return inherited;
  return {
    upstream:
      upstream === undefined
        ? inherited.upstream
        : linkUpstream({ upstream, timeout, hosts }, below(at, 'upstream'), tools),
    stripPrefix: linkPrefix(strip, below(at, 'strip_prefix')) ?? inherited.stripPrefix,
    addPrefix: linkPrefix(add, below(at, 'add_prefix')) ?? inherited.addPrefix,
  };
}

/** Plain text only: other text could be sent in several spellings. `''` is none. */
function linkPrefix(text: string | undefined, spot: Spot): string | null {
  if (text === undefined || text === '') return text ?? null;
  if (isPlain(text) && !text.endsWith('/')) return text;
  const bare = `/${text.replace(/^\/+|\/+$/g, '')}`;
  const hint = isPlain(bare) && bare !== '/' ? `"${bare}"` : null;
  blame(spot, 'expected a plain path such as /wiki2, without a slash at the end', hint);
  return null;
}

/** Notes prefixes that nothing uses. */
function blamePrefixes(stated: Stated, at: Spot): void {
  for (const key of ['strip_prefix', 'add_prefix'] as const) {
    if (stated[key]) blame(below(at, key), 'has no effect without an upstream', null, 'key');
  }
}

/** No request for a path outside of the prefix is passed on. */
function checkInside({ path: pattern, strip_prefix: own }: PathConfig, passage: Passage, at: Spot) {
  const { stripPrefix } = passage;
  // What an expression matches is known to requests only.
  if (pattern === undefined) return;
  if (stripPrefix === '' || pattern === '/**' || `${pattern}/`.startsWith(`${stripPrefix}/`))
    return;
  const place = own === undefined ? below(at, 'path') : below(at, 'strip_prefix');
  blame(place, `no request would pass: ${pattern} is outside of the prefix ${stripPrefix}`);
}

/** `/a/**` is around `/a`. */
function depthOf(config: PathConfig): number {
  const path = patternOf(config);
  const segments = path.split('/').length;
  return path.endsWith('/**') ? segments - 1.5 : segments;
}

/** The longest pattern that ends with `/**` and matches everything that `inner` matches. */
function closestAround(inner: PathConfig, outer: readonly PathConfig[]): PathConfig | null {
  const segments = patternOf(inner).split('/');
  const around = outer.filter(({ path, methods }) => {
    if (path === undefined) return false;
    if (methods !== undefined || !path.endsWith('/**')) return false;
    const own = path.split('/').slice(0, -1);
    return own.every((segment, i) => isAround(segment, segments[i] ?? ''));
  });
  return around.at(-1) ?? null;
}

/** Whether the segment of a pattern matches every name that the other one matches. */
function isAround(outer: string, inner: string): boolean {
  if (outer === inner || outer === '*') return true;
  const [glob, name] = [decodeBytes(outer, 'literal'), decodeBytes(inner, 'literal')];
  return isPartial(outer) && !inner.includes('*') && fits(globOf(glob), name);
}

function patternOf({ path, re }: PathConfig): string {
  return path ?? (re === undefined ? '/**' : patternAround(re));
}
