/**
 * The canonical request, read once. Every ambiguous spelling of the host, path or method is refused
 * here, so that rules, logs and upstreams always see the same request. Sources of the refusals: RFC
 * 3986 §6, RFC 9110 §4 and §7, CVE-2025-32431 and related advisories.
 */
import { canonicalHost } from './host.ts';
import { refusePath } from './path.ts';
import { isPlain } from './readings.ts';
import { type Refusal, refuse } from './refusal.ts';

/** How the client will use the response. */
type RequestKind = 'page' | 'fetch' | 'websocket' | 'preflight';

/** The canonical request. */
export interface RequestFacts {
  readonly kind: RequestKind;
  /** Upper case; never CONNECT, TRACE or TRACK. */
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** Lower case, no trailing dot, no port. */
  readonly host: string;
  /** The port in the authority; 0 if none is stated or it is the scheme's default. */
  readonly port: number;
  /** The path as sent. Rules are looked up for every reading of it; see readings.ts. */
  readonly path: string;
  /** The path has no reading but itself, except for the case of its letters. */
  readonly isPlain: boolean;
  /** The raw query with its `?`, or `''`. */
  readonly query: string;
  /** Canonical address of the client. */
  readonly clientIp: string;
  /**
   * Whether the peer on our socket may report another client's request. Information that only a
   * proxy has is accepted from trusted proxies only.
   */
  readonly viaTrustedProxy: boolean;
  /** The Origin header as sent, or null. */
  readonly origin: string | null;
  /** A request header by lower-case name; null if it is absent or repeated. */
  readonly header: (name: string) => string | null;
  /** Whether a header was sent more than once, by lower-case name. */
  readonly isRepeated: (name: string) => boolean;
}

/** The raw parts of a request, as a dialect read them. */
export interface RawRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** The Host header or its forwarded counterpart, as sent. */
  readonly authority: string;
  /** Origin-form target `/path?query`, as sent. */
  readonly target: string;
  /** Canonical address, chosen by the rules for trusted proxies. */
  readonly clientIp: string;
  readonly header: (name: string) => string | null;
  /** Whether a header was sent more than once. Left out: none was. */
  readonly isRepeated?: (name: string) => boolean;
}

/** Longest request target, in characters. */
export const MAX_TARGET = 8192;

/** Every method but those that no app may be asked for. */
const METHOD = /^(?!(?:CONNECT|TRACE|TRACK)$)[A-Z][A-Z-]{0,23}$/;
const QUERY = /^[\x21\x22\x24-\x7e]*$/;

const UNTRUSTED = { trusted: false };

const never = (): boolean => false;

/** Turns the raw parts into facts, or refuses them. `trusted`: sent by a trusted proxy. */
export function readFacts(
  raw: RawRequest,
  { trusted }: { readonly trusted: boolean } = UNTRUSTED,
): RequestFacts | Refusal {
  if (!METHOD.test(raw.method)) {
    return refuse(405, 'method/refused', 'this method is not served here');
  }
  if (raw.target.length > MAX_TARGET) {
    return refuse(414, 'target/too-long', `a request target may have ${MAX_TARGET} characters`);
  }
  const authority = canonicalHost(raw.authority, raw.scheme);
  if (authority === null) {
    return refuse(400, 'host/malformed', 'the host is not a plain host name with an optional port');
  }
  const mark = raw.target.indexOf('?');
  const path = (mark < 0 ? raw.target : raw.target.slice(0, mark)) || '/';
  const plain = isPlain(path);
  const refused = plain ? null : refusePath(path);
  if (refused !== null) return refused;
  const query = mark < 0 ? '' : raw.target.slice(mark);
  if (!QUERY.test(query)) {
    return refuse(
      400,
      'query/characters',
      'the query holds characters that must be percent-encoded',
    );
  }
  return {
    kind: kindOf(raw),
    method: raw.method,
    scheme: raw.scheme,
    host: authority.host,
    port: authority.port,
    path,
    isPlain: plain,
    query,
    clientIp: raw.clientIp,
    viaTrustedProxy: trusted,
    origin: raw.header('origin'),
    header: raw.header,
    isRepeated: raw.isRepeated ?? never,
  };
}

/**
 * Distinguishes navigations from other requests: by Fetch Metadata (W3C), then by older headers. A
 * doubtful request is not a navigation, so it gets a status instead of a redirect.
 */
function kindOf(raw: RawRequest): RequestKind {
  const { header } = raw;
  if (header('sec-websocket-key') !== null || header('upgrade')?.toLowerCase() === 'websocket') {
    return 'websocket';
  }
  if (
    raw.method === 'OPTIONS' &&
    header('origin') !== null &&
    header('access-control-request-method') !== null
  ) {
    return 'preflight';
  }
  const mode = header('sec-fetch-mode');
  if (mode !== null) return mode === 'navigate' ? 'page' : 'fetch';
  if (header('x-requested-with') !== null) return 'fetch';
  return header('accept')?.includes('text/html') === true ? 'page' : 'fetch';
}

/**
 * Whether the method is safe (RFC 9110 §9.2.1), so that the request can be repeated after a
 * sign-in.
 */
export function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
}
