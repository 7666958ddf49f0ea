/**
 * Which header fields cross the gateway. Fields of one hop end here in both directions, and no client
 * may send our names: identity, forwarding and override fields are removed in every spelling before
 * ours are written (RFC 9110 §7.6.1, GHSA-vjrc-mh2v-45x6, CVE-2025-64484).
 */
import { foldHeader, type ReservedNames } from '../../core/access/identity.ts';
import {
  HOP_BY_HOP,
  isOfProxies,
  isPlainName,
  OF_THE_MESSAGE,
  OVERRIDES,
  SET_FIELDS,
} from '../../core/access/request-fields.ts';
import { nameAt, pairCount, valueAt } from '../../core/request/header-pairs.ts';

/** What happens to a request field, by its name. */
export type Fate =
  | 'keep'
  | 'drop'
  /** `Connection`: names further fields of this hop. */
  | 'connection'
  | 'cookie'
  /** `TE`: only `trailers` is passed on. */
  | 'te'
  /** `Content-Length`: passed on, whatever `Connection` lists. */
  | 'length'
  /** Passed on for a trusted peer only. */
  | 'trusted';

/** Removed from every request, in every spelling. */
const DROPPED: ReadonlySet<string> = new Set(
  [...HOP_BY_HOP, ...OF_THE_MESSAGE, ...SET_FIELDS, ...OVERRIDES].map(foldHeader),
);

/** Names remembered for each set of reserved names: a client may invent no more than this many. */
const REMEMBERED = 512;

/** Names that no client may send to an app: identity headers, and those that a route sets or removes. */
export type Reserved = Pick<ReservedNames, 'folded'>;

const fates = new WeakMap<Reserved, Map<string, Fate>>();

/** What happens to a request field of this name. Cached, since browsers send the same few names. */
export function fateOf(reserved: Reserved, name: string): Fate {
  let known = fates.get(reserved);
  if (known === undefined) {
    known = new Map();
    fates.set(reserved, known);
  }
  const remembered = known.get(name);
  if (remembered !== undefined) return remembered;
  const fate = classify(reserved, name);
  if (known.size >= REMEMBERED) known.clear();
  if (name.length <= 64) known.set(name, fate);
  return fate;
}

function classify(reserved: Reserved, name: string): Fate {
  // Reserved names come first, so that nothing below can let one through.
  const folded = foldHeader(name);
  if (reserved.folded.has(folded)) return 'drop';
  // Servers disagree on what the other characters mean, so no such name reaches an app.
  if (!isPlainName(name)) return 'drop';
  switch (name.toLowerCase()) {
    case 'connection':
    case 'proxy-connection':
      return 'connection';
    case 'cookie':
      return 'cookie';
    case 'te':
      return 'te';
    case 'content-length':
      return 'length';
    default:
  }
  if (folded === 'cookie' || DROPPED.has(folded)) return 'drop';
  if (isOfProxies(folded)) return 'trusted';
  return 'keep';
}

/** What happens to a response field, by its name. */
export type ResponseFate =
  | 'keep'
  | 'drop'
  /** `Connection`: names further fields of this hop. */
  | 'connection'
  /** `Set-Cookie`: passed on unless the name is ours. */
  | 'cookie'
  /** Names a URL of the app. */
  | 'location'
  | 'refresh'
  /** `Content-Length` and `Trailer`: decided with the framing, whatever `Connection` lists. */
  | 'length'
  | 'trailer'
  /** `Date`: passed on, whatever `Connection` lists. */
  | 'date'
  /** Makes a proxy in front serve another file or URL. */
  | 'internal'
  /** `Clear-Site-Data`: passed on without cookies. */
  | 'clear'
  /** `Cache-Control`, `Expires`, and fields for shared caches only. */
  | 'cache'
  | 'expires'
  | 'cdn';

const RESPONSE_FATES: ReadonlyMap<string, ResponseFate> = new Map<string, ResponseFate>([
  ...HOP_BY_HOP.map((name): [string, ResponseFate] => [name.toLowerCase(), 'drop']),
  ['connection', 'connection'],
  ['set-cookie', 'cookie'],
  ['location', 'location'],
  ['content-location', 'location'],
  ['refresh', 'refresh'],
  ['content-length', 'length'],
  ['trailer', 'trailer'],
  ['date', 'date'],
  ['x-sendfile', 'internal'],
  ['x-sendfile2', 'internal'],
  ['x-lighttpd-send-file', 'internal'],
  ['x-lighttpd-send-tempfile', 'internal'],
  ['x-reproxy-url', 'internal'],
  ['x-reproxy-file', 'internal'],
  ['x-litespeed-location', 'internal'],
  ['clear-site-data', 'clear'],
  ['cache-control', 'cache'],
  ['expires', 'expires'],
  ['edge-control', 'cdn'],
]);

const responseFates = new Map<string, ResponseFate>();

/** What happens to a response field of this name. Cached, since apps send the same few names. */
export function fateInResponse(name: string): ResponseFate {
  const remembered = responseFates.get(name);
  if (remembered !== undefined) return remembered;
  const lower = name.toLowerCase();
  let fate = RESPONSE_FATES.get(lower) ?? 'keep';
  if (lower.startsWith('x-accel-')) fate = 'internal';
  // RFC 9213 §2 allows one for each kind of cache: CDN-Cache-Control, Vercel-CDN-Cache-Control …
  if (/.-cache-control$|surrogate-control$/.test(lower)) fate = 'cdn';
  if (responseFates.size >= REMEMBERED) responseFates.clear();
  if (name.length <= 64) responseFates.set(name, fate);
  return fate;
}

/** Adds the names listed in a `Connection` value to a set, in lower case; parts that are not names are ignored. */
export function addListed(listed: Set<string> | null, value: string): Set<string> | null {
  // The values of nearly every message list no field.
  if (value === 'keep-alive' || value === 'close') return listed;
  const names = listed ?? new Set();
  for (const part of value.split(',')) {
    const name = part.trim().toLowerCase();
    if (/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) names.add(name);
  }
  return names;
}

/** Trailer fields that must never be merged into a message (RFC 9110 §6.5.1). */
const NOT_IN_TRAILERS: ReadonlySet<string> = new Set([
  ...[...HOP_BY_HOP, ...OF_THE_MESSAGE, ...SET_FIELDS, ...OVERRIDES].map((name) =>
    name.toLowerCase(),
  ),
  'authorization',
  'cache-control',
  'content-encoding',
  'content-range',
  'content-type',
  'cookie',
  'max-forwards',
  'set-cookie',
  'www-authenticate',
]);

/** Request trailers that may be passed on, as sent; flat in, flat out. */
export function trailersOf(reserved: Reserved, raw: readonly string[]): string[] {
  const flat: string[] = [];
  for (let i = 0; i < pairCount(raw); i += 1) {
    const name = nameAt(raw, i);
    if (NOT_IN_TRAILERS.has(name.toLowerCase()) || fateOf(reserved, name) !== 'keep') continue;
    flat.push(name, valueAt(raw, i));
  }
  return flat;
}

/** The same for response trailers, which may contain nothing that a response head may not. */
export function responseTrailersOf(reserved: Reserved, raw: readonly string[]): string[] {
  const flat = trailersOf(reserved, raw);
  return flat.filter((_, i) => fateInResponse(nameAt(flat, i >> 1)) === 'keep');
}
