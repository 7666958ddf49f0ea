/**
 * Which header fields cross the gateway. Fields of one hop end here in both directions, and
 * no client may speak our names: identity, forwarding and override fields are removed in
 * every spelling before ours are written (RFC 9110 §7.6.1, GHSA-vjrc-mh2v-45x6, CVE-2025-64484).
 */
import { foldHeader, type IdentityHeaders } from '../../core/access/identity.ts';
import {
  HOP_BY_HOP,
  isOfProxies,
  isPlainName,
  OF_THE_MESSAGE,
  OVERRIDES,
  SET_FIELDS,
} from '../../core/access/request-fields.ts';

/** What becomes of a request field, by its name. */
export type Fate =
  | 'keep'
  | 'drop'
  /** `Connection`: names further fields of this hop. */
  | 'connection'
  | 'cookie'
  /** Only `trailers` goes on. */
  | 'te'
  /** `Content-Length`: goes on, and no `Connection` may take it away. */
  | 'length'
  /** Passed on for a trusted peer only. */
  | 'trusted';

/** Removed from everyone's request, in every spelling. */
const DROPPED: ReadonlySet<string> = new Set(
  [...HOP_BY_HOP, ...OF_THE_MESSAGE, ...SET_FIELDS, ...OVERRIDES].map(foldHeader),
);

/** Names remembered for each identity configuration: a client may invent no more than this many. */
const REMEMBERED = 512;

const fates = new WeakMap<IdentityHeaders, Map<string, Fate>>();

/** What becomes of a request field of this name. Remembered, since browsers send the same few names. */
export function fateOf(identity: IdentityHeaders, name: string): Fate {
  let known = fates.get(identity);
  if (known === undefined) {
    known = new Map();
    fates.set(identity, known);
  }
  const remembered = known.get(name);
  if (remembered !== undefined) return remembered;
  const fate = judgeName(identity, name);
  if (known.size >= REMEMBERED) known.clear();
  if (name.length <= 64) known.set(name, fate);
  return fate;
}

function judgeName(identity: IdentityHeaders, name: string): Fate {
  // Managed names come first, so that nothing below can let one through.
  const folded = foldHeader(name);
  if (identity.folded.has(folded)) return 'drop';
  // Readers disagree on what the other characters mean, so no such name reaches an app.
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

/** What becomes of a field of an answer, by its name. */
export type ResponseFate =
  | 'keep'
  | 'drop'
  /** `Connection`: names further fields of this hop. */
  | 'connection'
  /** `Set-Cookie`: goes on unless it is of our name. */
  | 'cookie'
  /** `Content-Length` and `Trailer`: judged with the framing; no `Connection` may take them away. */
  | 'length'
  | 'trailer'
  /** `Date`: no `Connection` may take it away. */
  | 'date'
  /** Makes a proxy in front serve another file or address. */
  | 'internal'
  /** `Clear-Site-Data`: goes on without cookies. */
  | 'clear'
  /** `Cache-Control`, `Expires`, and what only caches in front read. */
  | 'cache'
  | 'expires'
  | 'cdn';

const ANSWER_FATES: Readonly<Record<string, ResponseFate>> = {
  ...Object.fromEntries(HOP_BY_HOP.map((name) => [name.toLowerCase(), 'drop'])),
  connection: 'connection',
  'set-cookie': 'cookie',
  'content-length': 'length',
  trailer: 'trailer',
  date: 'date',
  'x-sendfile': 'internal',
  'x-sendfile2': 'internal',
  'x-lighttpd-send-file': 'internal',
  'x-lighttpd-send-tempfile': 'internal',
  'x-reproxy-url': 'internal',
  'x-reproxy-file': 'internal',
  'x-litespeed-location': 'internal',
  'clear-site-data': 'clear',
  'cache-control': 'cache',
  expires: 'expires',
  'edge-control': 'cdn',
};

const answerFates = new Map<string, ResponseFate>();

/** What becomes of a field of an answer of this name. Remembered, since apps send the same few names. */
export function fateInResponse(name: string): ResponseFate {
  const remembered = answerFates.get(name);
  if (remembered !== undefined) return remembered;
  const lower = name.toLowerCase();
  let fate = Object.hasOwn(ANSWER_FATES, lower) ? (ANSWER_FATES[lower] as ResponseFate) : 'keep';
  if (lower.startsWith('x-accel-')) fate = 'internal';
  // By RFC 9213 §2 each cache in front may have one of its own: CDN-Cache-Control, Vercel-CDN-Cache-Control …
  if (/.-cache-control$|surrogate-control$/.test(lower)) fate = 'cdn';
  if (answerFates.size >= REMEMBERED) answerFates.clear();
  if (name.length <= 64) answerFates.set(name, fate);
  return fate;
}

/** The names listed in a `Connection` value added to a set, lower-case; parts that are no plain name list nothing. */
export function addListed(listed: Set<string> | null, value: string): Set<string> | null {
  // What nearly every message says lists no other field.
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

/** Trailer fields that may go on, as sent; flat in, flat out. */
export function trailersOf(identity: IdentityHeaders, raw: readonly string[]): string[] {
  const flat: string[] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    if (NOT_IN_TRAILERS.has(name.toLowerCase()) || fateOf(identity, name) !== 'keep') continue;
    flat.push(name, raw[i + 1] as string);
  }
  return flat;
}

/** The same for trailers of an answer, which may hold nothing that its head may not. */
export function responseTrailersOf(identity: IdentityHeaders, raw: readonly string[]): string[] {
  const flat = trailersOf(identity, raw);
  return flat.filter((_, i) => fateInResponse(flat[i - (i % 2)] as string) === 'keep');
}
