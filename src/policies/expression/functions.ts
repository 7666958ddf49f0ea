/**
 * What our own functions of the language do. Patterns and networks are compiled at load, and only
 * such are ever run; a zone that nobody knows is refused at load where it is written out.
 */
import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';
import {
  isIn,
  LOOPBACK_NETWORKS,
  type Network,
  parseNetwork,
  PRIVATE_NETWORKS,
} from '../../core/request/address.ts';
import { Problem } from '../../core/values/problem.ts';
import type { ClientView, UserView } from './views.ts';

// Synchronous, since compiling is; only those pay who write patterns.
const require = createRequire(import.meta.url);

/** Longest text that `re()` looks at, in characters. */
const MAX_MATCHED = 4096;
/** Longest pattern of `re()`, in characters. */
const MAX_PATTERN = 500;
/** Zones that are remembered; attributes may name more spellings than there are zones. */
const MAX_ZONES = 1000;

const patterns = new Map<string, RE2JS>();
const networks = new Map<string, readonly Network[]>([
  ['private', PRIVATE_NETWORKS],
  ['loopback', LOOPBACK_NETWORKS],
]);
const zones = new Map<string, Intl.DateTimeFormat>();

/** Compiles a pattern of `re()`. Throws with the words of the parser. */
export function addPattern(pattern: string): void {
  if (pattern.length > MAX_PATTERN) {
    throw new Problem('policy/pattern', `a pattern may have ${MAX_PATTERN} characters`);
  }
  if (patterns.has(pattern)) return;
  const re2 = require('re2js') as typeof import('re2js');
  try {
    patterns.set(pattern, re2.RE2JS.compile(pattern));
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new Problem('policy/pattern', `the pattern of re() cannot be used: ${words}`, { cause });
  }
}

/** Compiles a network of `client.within()`. Throws for what is none. */
export function addNetwork(text: string): void {
  if (networks.has(text)) return;
  const network = parseNetwork(text);
  if (network === null) {
    throw new Problem(
      'policy/network',
      `the expression asks for a network ${JSON.stringify(text)}; expected one such as 10.0.0.0/8, private or loopback`,
    );
  }
  networks.set(text, [network]);
}

/** Throws for a zone that nobody knows. */
export function checkZone(zone: string): void {
  try {
    formatOf(zone);
  } catch (cause) {
    const words = `the expression asks for a time zone ${JSON.stringify(zone)}; expected one such as Europe/Berlin`;
    throw new Problem('policy/zone', words, { cause });
  }
}

/** Whether a pattern is found anywhere in a text, in time linear in both. */
export function matches(text: string, pattern: string): boolean {
  const compiled = patterns.get(pattern);
  if (compiled === undefined) throw new Problem('policy/pattern', 're() met an unknown pattern');
  if (text.length > MAX_MATCHED) {
    throw new Problem('policy/text', `re() looks at no more than ${MAX_MATCHED} characters`);
  }
  return compiled.test(text);
}

/** Whether the client's address lies in a network. */
export function within({ address }: ClientView, network: string): boolean {
  const compiled = networks.get(network);
  if (compiled === undefined)
    throw new Problem('policy/network', 'within() met an unknown network');
  return compiled.some((one) => isIn(one, address));
}

/** Whether somebody is in a group. */
export function inGroup({ groups }: UserView, group: string): boolean {
  return groups.includes(group);
}

/** The domain of an address, lower-cased; `''` for what is none. */
export function domain(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? '' : address.slice(at + 1).toLowerCase();
}

/** What a clock shows in a zone: `08:30`. */
export function clock(now: Date, zone: string): string {
  return shown(now, zone).slice(11);
}

/** What a calendar shows in a zone: `2026-11-23`. */
export function date(now: Date, zone: string): string {
  return shown(now, zone).slice(0, 10);
}

/** As Swedes write it, which sorts: `2026-11-23 08:30`. */
function shown(now: Date, zone: string): string {
  return formatOf(zone).format(now);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = zones.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  if (zones.size >= MAX_ZONES) zones.clear();
  zones.set(zone, format);
  return format;
}
