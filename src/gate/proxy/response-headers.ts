/**
 * The header fields that a client receives from an app: the app's own without those of this hop, and
 * without those that could harm other apps. An app must never plant or clear our cookies, make a proxy
 * in front serve other files, or let a shared cache keep what needs a sign-in.
 */
import type { AnswerRules } from '../../core/routes/messages.ts';
import { nameAt, pairCount, valueAt } from '../../core/request/header-pairs.ts';
import type { UpstreamGroup } from '../../core/routes/upstream.ts';
import { ownCookies } from '../../core/setup/own-cookies.ts';
import type { Admitted } from '../admission/admission.ts';
import { originOf } from '../../core/access/return-to.ts';
import { siteOf } from '../../core/setup/domain.ts';
import { basePathOf, originsOf } from '../upstream/target.ts';
import { addListed, type ResponseFate, fateInResponse } from './hop-by-hop.ts';
import { type Rewriting, rewriteCookie, rewriteLocation, rewriteRefresh } from './rewrite.ts';

/** A response's head as an app sent it. */
export interface RawHead {
  readonly status: number;
  readonly reason: string;
  /** Flat name, value, name, value …, latin-1. */
  readonly raw: readonly string[];
  /** No chunks follow (HEAD, 204, 304, HTTP/1.0), so no trailers either. */
  readonly isUnchunked: boolean;
}

/** A response's head, ready to be written. */
export interface ResponseHead {
  readonly status: number;
  /** As sent, or `''` when it holds what must not be repeated. */
  readonly reason: string;
  /** Flat name, value, name, value …, latin-1. */
  readonly headers: string[];
  /** Content-Length as sent, or null. */
  readonly length: string | null;
}

/** Fields that no `Connection` may remove: the response would mean something else without them. */
const KEPT: ReadonlySet<ResponseFate> = new Set(['length', 'date', 'trailer']);

const LATIN1 = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/** What is removed from a response, and rewritten. */
export interface Scrubbing {
  /** Names of our own cookies. */
  readonly cookies: readonly string[];
  readonly rules: AnswerRules;
  /** A rule is not public: no shared cache may store the response. */
  readonly isProtected: boolean;
  /** Null: no address is rewritten. */
  readonly rewriting: Rewriting | null;
}

/** What is removed from the response to a request that may pass. */
export function scrubbingOf(
  { snapshot, decision, facts }: Admitted,
  group: UpstreamGroup,
): Scrubbing {
  const rules = group.messages?.rewrites ?? null;
  const { stripPrefix, addPrefix } = decision.rule.passage;
  return {
    cookies: ownCookies(snapshot),
    rules: decision.route.answers,
    isProtected: !decision.rules.every((rule) => rule.public),
    rewriting: rules && {
      rules,
      farOrigins: originsOf(group),
      farPath: basePathOf(group) + addPrefix,
      nearOrigin: originOf(siteOf(snapshot, facts.host), facts.host, facts.port),
      nearPath: stripPrefix,
    },
  };
}

/** Scrubs a response's head. */
export function responseHead(
  { status, reason, raw, isUnchunked }: RawHead,
  scrubbing: Scrubbing,
): ResponseHead {
  let listed: Set<string> | null = null;
  let length: string | null = null;
  for (let i = 0; i < pairCount(raw); i += 1) {
    const fate = fateInResponse(nameAt(raw, i));
    if (fate === 'connection') listed = addListed(listed, valueAt(raw, i));
    else if (fate === 'length') length = valueAt(raw, i);
  }
  const headers: string[] = [];
  let expires = false;
  let isGuarded = false;
  for (let i = 0; i < pairCount(raw); i += 1) {
    const name = nameAt(raw, i);
    const value = valueAt(raw, i);
    const fate = fateInResponse(name);
    if (fate === 'drop' || fate === 'connection') continue;
    if (listed?.has(name.toLowerCase()) === true && !KEPT.has(fate)) continue;
    // RFC 9112 §6.3, RFC 9110 §8.6: a trailer needs chunks; 1xx and 204 have no length.
    if (fate === 'trailer' && (isUnchunked || length !== null)) continue;
    if (fate === 'length' && (status === 204 || status < 200)) continue;
    if (fate === 'cookie' && isOwnCookie(value, scrubbing.cookies)) continue;
    const kept = ADJUSTED.has(fate) ? adjusted(fate, value, scrubbing) : value;
    if (kept !== null) headers.push(name, kept);
    if (fate === 'expires') expires = true;
    else if (fate === 'cache') isGuarded ||= GUARDED.test(kept ?? '');
  }
  // RFC 9111 §3: Expires by itself lets a shared cache keep a response, as `public` does.
  const isShared = expires && !isGuarded && scrubbing.isProtected && !scrubbing.rules.publicCache;
  if (isShared) headers.push('Cache-Control', 'private');
  return { status, reason: LATIN1.test(reason) ? reason : '', headers, length };
}

/** Unqualified: `private="x"` is about one field alone (RFC 9111 §5.2.2.7). */
const GUARDED = /(?:^|,)\s*(?:private|no-store)\s*(?:,|$)/i;

const ADJUSTED: ReadonlySet<ResponseFate> = new Set([
  'internal',
  'clear',
  'cache',
  'cdn',
  'cookie',
  'location',
  'refresh',
]);

/** The value as it is passed on, or null for a field that is not. */
function adjusted(fate: ResponseFate, value: string, scrubbing: Scrubbing): string | null {
  const { rules, isProtected, rewriting } = scrubbing;
  if (fate === 'cookie') return rewriting === null ? value : rewriteCookie(value, rewriting);
  if (fate === 'location') return rewriting === null ? value : rewriteLocation(value, rewriting);
  if (fate === 'refresh') return rewriting === null ? value : rewriteRefresh(value, rewriting);
  if (fate === 'internal') return rules.internalRedirects ? value : null;
  if (fate === 'clear') return clearedData(value);
  if (!isProtected || rules.publicCache) return value;
  return fate === 'cdn' ? null : privateCache(value);
}

/** What Clear-Site-Data may clear: data of the app's own origin, and no cookies. */
const CLEARABLE: ReadonlySet<string> = new Set([
  '"cache"',
  '"storage"',
  '"executionContexts"',
  '"clientHints"',
  '"prefetchCache"',
  '"prerenderCache"',
]);

/**
 * Browsers clear `"cookies"` for the whole registrable domain, ours included, so an app's sign-out
 * would sign the user out of all apps (W3C Clear Site Data §3.1). The rest is the app's own origin's.
 */
function clearedData(value: string): string | null {
  const listed = value.split(',').map((part) => part.trim());
  const kept = new Set(listed.filter((part) => CLEARABLE.has(part)));
  if (kept.size < listed.length && /cookies|\*/i.test(value.replaceAll('\\', ''))) {
    kept.add('"cache"').add('"storage"');
  }
  return kept.size === 0 ? null : [...kept].join(', ');
}

/** Without `public`, and with `private` where a shared cache could keep it (RFC 9111 §3). */
function privateCache(value: string): string {
  if (!/public|max-age|s-maxage/i.test(value)) return value;
  const directives = value.split(',').map((part) => part.trim());
  const names = directives.map((part) => part.split('=', 1)[0]?.trim().toLowerCase());
  const kept = directives.filter((_, i) => names[i] !== 'public' && names[i] !== 's-maxage');
  return (GUARDED.test(value) ? kept : ['private', ...kept]).join(', ');
}

/** Prefixes with a meaning to browsers; the same name behind one is treated as ours. */
const PREFIX = /^__(?:host-http|host|secure|http)-/;

/**
 * Whether a browser would send a Set-Cookie back as one of ours. A nameless one (`=doorward=x`, RFC
 * 6265bis §5.6) comes back as its bare value; blanks and quotes around a name are ignored here.
 */
function isOwnCookie(line: string, own: readonly string[]): boolean {
  const [pair = ''] = line.split(';', 1);
  const named = pair.replace(/^[\s=]+/, '');
  const equals = named.indexOf('=');
  const name = bareName(equals < 0 ? named : named.slice(0, equals));
  return own.some((ours) => bareName(ours) === name);
}

function bareName(name: string): string {
  return name.trim().replaceAll('"', '').trim().toLowerCase().replace(PREFIX, '');
}

/** Raw fields as a parser gives them, as latin-1 strings. */
export function latin1Fields(raw: unknown): string[] {
  const fields: string[] = [];
  if (!Array.isArray(raw)) return fields;
  for (const part of raw) {
    fields.push(Buffer.isBuffer(part) ? part.toString('latin1') : String(part));
  }
  return fields;
}
