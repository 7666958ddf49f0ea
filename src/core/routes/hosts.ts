/**
 * Which route serves a host: an exact name wins over a name with `*` for a part of its first label,
 * that over `{user}` and `{group}`, and that over `*`.
 */
import { fits, type Glob, globOf } from './glob.ts';

/** Whom the first label of a host must name. */
export type HostOwner = 'user' | 'group' | 'user or group';

/** A host of which the first label stands for several. */
export interface HostPattern {
  /** `.example.com` */
  readonly suffix: string;
  /** What the first label must match; null for every label. */
  readonly glob: Glob | null;
  readonly owner: 'user' | 'group' | null;
}

/** The pattern in a canonical host name; null for an exact name. */
export function hostPattern(name: string): HostPattern | null {
  const dot = name.indexOf('.');
  const [label, suffix] = [name.slice(0, dot), name.slice(dot)];
  if (label === '{user}') return { suffix, glob: null, owner: 'user' };
  if (label === '{group}') return { suffix, glob: null, owner: 'group' };
  if (!label.includes('*')) return null;
  return { suffix, glob: label === '*' ? null : globOf(label), owner: null };
}

/** The domain that contains every host of this name: the name itself, or what follows its pattern. */
export function enclosingDomain(name: string): string {
  return hostPattern(name)?.suffix.slice(1) ?? name;
}

/** The first label of a host. */
export function labelOf(host: string): string {
  const dot = host.indexOf('.');
  return dot < 0 ? host : host.slice(0, dot);
}

/** RFC 1123 §2.1, in lower case. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The label that a name of a user or group can have in hosts; null if it is none. */
export function labelFor(name: string): string | null {
  // Tested first: other letters must not become ASCII in lower case, as the Kelvin sign does.
  if (!/^[A-Za-z0-9-]+$/.test(name)) return null;
  const label = name.toLowerCase();
  return LABEL.test(label) ? label : null;
}

interface Member {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Whether the host belongs to the user or to one of the user's groups. */
export function isOwn(owner: HostOwner, host: string, { name, groups }: Member): boolean {
  const label = labelOf(host);
  if (owner !== 'group' && labelFor(name) === label) return true;
  return owner !== 'user' && groups.some((group) => labelFor(group) === label);
}

/** Sorts patterns: the most specific first. Patterns of one place share their hosts. */
export function compareHosts(a: HostPattern, b: HostPattern): number {
  return placeOf(b) - placeOf(a);
}

function placeOf({ glob, owner }: HostPattern): number {
  if (glob !== null) return 1 + glob.weight;
  return owner === null ? 0 : 1;
}

/** Hosts and what serves each: several values if they differ in their ports. */
export interface HostTable<T> {
  add(name: string, value: T): void;
  /** The values of the most specific name that matches the canonical host, or null. */
  find(host: string): readonly T[] | null;
}

/** An empty table. A lookup takes the same time for any number of exact names. */
export function hostTable<T>(): HostTable<T> {
  const exact = new Map<string, T[]>();
  const wild = new Map<string, Wild<T>[]>();
  return {
    add(name, value) {
      const pattern = hostPattern(name);
      if (pattern === null) exact.set(name, [...(exact.get(name) ?? []), value]);
      else addWild(wild, pattern, { name, value });
    },
    find(host) {
      const found = exact.get(host);
      if (found !== undefined) return found;
      const dot = host.indexOf('.');
      if (dot < 1) return null;
      for (const { pattern, values } of wild.get(host.slice(dot)) ?? NONE) {
        if (pattern.glob === null || fits(pattern.glob, host.slice(0, dot))) return values;
      }
      return null;
    },
  };
}

/** The values of one pattern. `{user}` and `{group}` match the same hosts, so they share theirs. */
interface Wild<T> {
  readonly key: string;
  readonly pattern: HostPattern;
  readonly values: T[];
}

const NONE: readonly never[] = [];

function addWild<T>(
  wild: Map<string, Wild<T>[]>,
  pattern: HostPattern,
  { name, value }: { readonly name: string; readonly value: T },
): void {
  const siblings = wild.get(pattern.suffix) ?? [];
  const key = pattern.owner === null ? name : '{}';
  const known = siblings.find((one) => one.key === key);
  if (known !== undefined) known.values.push(value);
  else {
    siblings.push({ key, pattern, values: [value] });
    siblings.sort((a, b) => compareHosts(a.pattern, b.pattern) || (a.key < b.key ? -1 : 1));
  }
  wild.set(pattern.suffix, siblings);
}
