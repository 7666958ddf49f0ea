/**
 * Parses the main file. If a part has a faulty form, the rest is linked anyway, so that the operator
 * sees all faults at once. A salvaged file never takes effect.
 */
import type { Steps } from '../../core/values/steps.ts';
import { type Fault, MAX_FAULTS } from '../faults/fault.ts';
import { parseAt } from '../schema/schema-faults.ts';
import { MAX_ROUTES, routeSchema } from '../schema/options/route-schema.ts';
import { type Config, configSchema, type RouteConfig } from '../schema/schema.ts';
import { below, type Spot } from '../faults/spot.ts';
import type { Tree } from '../faults/source.ts';

/** A main file, complete or without its faulty parts. */
export interface Parsed {
  readonly config: Config;
  /** Prefixes of the paths that were left out. Later faults at these paths are ignored. */
  readonly broken: readonly string[];
}

/**
 * Parses the main file, one route in a step; null if too little is left to link. `known`: earlier
 * faults.
 */
export function* parseMain(value: Tree, root: Spot, known: readonly Fault[]): Steps<Parsed | null> {
  const bad = known.map(beginning);
  const before = root.faults.length;
  const { rest, routes } = withoutRoutes(value);
  const config = parseAt(configSchema, rest, root);
  const parsed: (RouteConfig | null)[] = [];
  for (const [index, route] of routes.entries()) {
    const isReported = root.faults.length - before < MAX_FAULTS;
    const faults = isReported ? root.faults : [];
    parsed.push(parseAt(routeSchema, route, { ...below(root, 'routes', index), faults }));
    yield;
  }
  const sound = parsed.filter((route) => route !== null);
  if (config !== null && sound.length === parsed.length) {
    return { config: routes.length === 0 ? config : { ...config, routes: sound }, broken: bad };
  }
  const unread = parsed.flatMap((route, i) => (route === null ? [`routes[${i}]`] : []));
  const broken = [...new Set([...root.faults.slice(before).map(beginning), ...unread])];
  const kept = salvaged(rest, broken);
  const result = kept === null ? null : configSchema.safeParse(kept);
  if (result?.success !== true) return null;
  // A placeholder keeps the indices of the routes after it.
  const all = parsed.map((route, i) => route ?? routeSchema.parse(placeholder(i)));
  const whole = routes.length === 0 ? result.data : { ...result.data, routes: all };
  return { config: whole, broken: [...bad, ...broken] };
}

/** The main file without its routes, and the routes. Not split if the routes are not a list or too many. */
function withoutRoutes(value: Tree): { readonly rest: Tree; readonly routes: readonly Tree[] } {
  const routes = isGroup(value) ? value['routes'] : null;
  if (!isGroup(value) || !Array.isArray(routes) || routes.length > MAX_ROUTES) {
    return { rest: value, routes: [] };
  }
  return { rest: { ...value, routes: [] }, routes };
}

/** Whether a link fault is about the file itself, and not about a part that was left out. */
export function isGenuine(fault: Fault, broken: readonly string[]): boolean {
  return !broken.some((path) => fault.path === path || /^[.[]/.test(restOf(fault.path, path)));
}

function restOf(path: string, start: string): string {
  return path.startsWith(start) ? path.slice(start.length) : '';
}

/** `routes[3]` for all of that route, `session.idle` in groups of independent keys, otherwise the top key. */
function beginning(fault: Fault): string {
  const pattern = /^routes\[\d+\]|^(?:session|identity|brand|admin)\.[^.[]+|^[^.[]*/;
  return pattern.exec(fault.path)?.[0] ?? '';
}

function salvaged(value: Tree, broken: readonly string[]): Tree {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  if (broken.some((path) => ['', 'public_url', 'routes'].includes(path))) return null;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !broken.includes(key))
      .map(([key, inner]) => [key, isGroup(inner) ? without(inner, key, broken) : inner]),
  );
}

function isGroup(value: Tree): value is { readonly [key: string]: Tree } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A mapping without its broken keys. */
function without(
  group: { readonly [key: string]: Tree },
  name: string,
  broken: readonly string[],
): Tree {
  const entries = Object.entries(group);
  return Object.fromEntries(entries.filter(([key]) => !broken.includes(`${name}.${key}`)));
}

function placeholder(index: number): Tree {
  return { id: `route-${index}`, host: `route-${index}.invalid` };
}
