/**
 * Implements our own functions of the language. Patterns and networks are compiled at load, and no
 * others can run. Literal time zones are checked at load.
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

// Loaded synchronously because compiling is synchronous, and only if an expression uses patterns.
const require = createRequire(import.meta.url);

/** Maximum length of a text that `re()` searches, in characters. */
const MAX_MATCHED = 4096;
/** Maximum length of a pattern of `re()`, in characters. */
const MAX_PATTERN = 500;
/** Maximum number of cached zones; attributes can contain any number of spellings. */
const MAX_ZONES = 1000;

const patterns = new Map<string, RE2JS>();
const networks = new Map<string, readonly Network[]>([
  ['private', PRIVATE_NETWORKS],
  ['loopback', LOOPBACK_NETWORKS],
]);
const zones = new Map<string, Intl.DateTimeFormat>();

/** Compiles a pattern of `re()`. Throws with the parser's message. */
export function addPattern(pattern: string): void {
  if (pattern.length > MAX_PATTERN) {
    throw new Problem('policy/pattern', `a pattern may have ${MAX_PATTERN} characters`);
  }
  if (patterns.has(pattern)) return;
  const re2: typeof import('re2js') = require('re2js');
  try {
    patterns.set(pattern, re2.RE2JS.compile(pattern));
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new Problem('policy/pattern', `the pattern of re() cannot be used: ${words}`, { cause });
  }
}

/** Compiles a network of `client.within()`. Throws if it is not a network. */
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

/** Throws if the time zone is unknown. */
export function checkZone(zone: string): void {
  try {
    formatOf(zone);
  } catch (cause) {
    const words = `the expression asks for a time zone ${JSON.stringify(zone)}; expected one such as Europe/Berlin`;
    throw new Problem('policy/zone', words, { cause });
  }
}

/** Whether a text contains a match, in time linear in pattern and text. */
export function matches(text: string, pattern: string): boolean {
  const compiled = patterns.get(pattern);
  if (compiled === undefined) throw new Problem('policy/pattern', 're() met an unknown pattern');
  if (text.length > MAX_MATCHED) {
    throw new Problem('policy/text', `re() looks at no more than ${MAX_MATCHED} characters`);
  }
  return compiled.test(text);
}

export function within({ address }: ClientView, network: string): boolean {
  const compiled = networks.get(network);
  if (compiled === undefined)
    throw new Problem('policy/network', 'within() met an unknown network');
  return compiled.some((one) => isIn(one, address));
}

export function inGroup({ groups }: UserView, group: string): boolean {
  return groups.includes(group);
}

/** Returns the domain of an email address in lower case, or `''` if it is not an address. */
export function domain(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 1 ? '' : address.slice(at + 1).toLowerCase();
}

/** Returns the time in a zone: `08:30`. */
export function clock(now: Date, zone: string): string {
  return shown(now, zone).slice(11);
}

/** Returns the date in a zone: `2026-11-23`. */
export function date(now: Date, zone: string): string {
  return shown(now, zone).slice(0, 10);
}

/** Formats as in Swedish, which sorts: `2026-11-23 08:30`. */
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
