/**
 * When part of the main file has faults of form, the rest is linked all the same, so that an
 * operator hears of everything at once. What is salvaged is never put in force.
 */
import type { Tree } from './document.ts';
import type { Fault } from './fault.ts';
import { parseAt } from './schema-faults.ts';
import { type Config, configSchema } from './schema.ts';
import type { Spot } from './spot.ts';

/** A main file, whole or in part. */
export interface Parsed {
  readonly config: Config;
  /** Beginnings of the paths that were left out; what is found there afterwards means nothing. */
  readonly broken: readonly string[];
}

/** Parses the main file; null when too little of it is left to go on with. `known`: faults found before. */
export function parseMain(value: Tree, root: Spot, known: readonly Fault[]): Parsed | null {
  const bad = known.map(beginning);
  const before = root.faults.length;
  const config = parseAt(configSchema, value, root);
  if (config !== null) return { config, broken: bad };
  const broken = [...new Set(root.faults.slice(before).map(beginning))];
  const rest = salvaged(value, broken);
  const result = rest === null ? null : configSchema.safeParse(rest);
  return result?.success === true ? { config: result.data, broken: [...bad, ...broken] } : null;
}

/** Whether a fault of linking is a fault of the file, rather than of what was left out of it. */
export function isGenuine(fault: Fault, broken: readonly string[]): boolean {
  return !broken.some((path) => fault.path === path || /^[.[]/.test(restOf(fault.path, path)));
}

function restOf(path: string, start: string): string {
  return path.startsWith(start) ? path.slice(start.length) : '';
}

/** `routes[3]` for anything in that route, `session.idle` in groups of independent keys, else the key of the first level. */
function beginning(fault: Fault): string {
  const pattern = /^routes\[\d+\]|^(?:session|identity|brand|admin)\.[^.[]+|^[^.[]*/;
  return pattern.exec(fault.path)?.[0] ?? '';
}

function salvaged(value: Tree, broken: readonly string[]): Tree {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  if (broken.some((path) => ['', 'public_url', 'routes'].includes(path))) return null;
  const routes = value.routes;
  const kept = Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !broken.includes(key))
      .map(([key, inner]) => [key, isGroup(inner) ? without(inner, key, broken) : inner]),
  );
  if (!Array.isArray(routes)) return kept;
  // A stand-in keeps the numbers of the routes after it.
  return {
    ...kept,
    routes: routes.map((route, i) => (broken.includes(`routes[${i}]`) ? standIn(i) : route)),
  };
}

function isGroup(value: Tree): value is { readonly [key: string]: Tree } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A group of keys without those of it that are broken. */
function without(
  group: { readonly [key: string]: Tree },
  name: string,
  broken: readonly string[],
): Tree {
  const entries = Object.entries(group);
  return Object.fromEntries(entries.filter(([key]) => !broken.includes(`${name}.${key}`)));
}

function standIn(index: number): Tree {
  return { id: `route-${index}`, host: `route-${index}.invalid` };
}
