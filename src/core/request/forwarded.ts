/**
 * Reads the original request from the headers of a trusted proxy. Each header must be present
 * exactly once and be readable. A missing, repeated or malformed header is refused; nothing is
 * guessed.
 */
import { type Inbound, REPEATED } from './dialect.ts';
import type { RawRequest, RequestFacts } from './facts.ts';
import { type Refusal, refuse } from './refusal.ts';

/** The four headers in which Traefik, Caddy and HAProxy report the original request. */
export const FORWARDED: readonly string[] = [
  'x-forwarded-method',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-uri',
];

/** A header that must be present exactly once and not be empty. */
export function requiredHeader(inbound: Pick<Inbound, 'header'>, name: string): string | Refusal {
  const value = inbound.header(name);
  if (value === REPEATED) return repeatedHeader(name);
  if (value === null || value === '') {
    return refuse(400, 'forwarded/missing', `the proxy must send ${name}`);
  }
  return value;
}

/** The refusal of a repeated header. */
export function repeatedHeader(name: string): Refusal {
  return refuse(400, 'forwarded/repeated', `${name} must stand exactly once`);
}

/**
 * The client's address. A check without one is refused; otherwise the proxy's own address would be
 * taken for the client's.
 */
export function requiredClient(inbound: Inbound): string | Refusal {
  return (
    inbound.forwardedFor ??
    refuse(400, 'forwarded/missing', 'the proxy must send x-forwarded-for with the client address')
  );
}

/**
 * Maps `ws` to `http` and `wss` to `https`, because websockets are recognized by other headers.
 * Null for anything else, including lists.
 */
export function schemeOf(proto: string): 'http' | 'https' | null {
  if (proto === 'https' || proto === 'wss') return 'https';
  return proto === 'http' || proto === 'ws' ? 'http' : null;
}

/** The refusal of an unknown scheme. */
export function strangeScheme(name: string): Refusal {
  return refuse(400, 'forwarded/scheme', `${name} must be http or https`);
}

/** Whether the text is a single method. A list (`GET, POST`) is not. */
export function isMethod(method: string): boolean {
  return /^[A-Za-z-]{1,24}$/.test(method);
}

/** Reads X-Forwarded-Method, -Proto, -Host, -Uri and -For. */
export function readForwarded(inbound: Inbound): RawRequest | Refusal {
  const method = requiredHeader(inbound, 'x-forwarded-method');
  if (typeof method !== 'string') return method;
  if (!isMethod(method)) return strangeMethod('x-forwarded-method');
  const proto = requiredHeader(inbound, 'x-forwarded-proto');
  if (typeof proto !== 'string') return proto;
  const scheme = schemeOf(proto);
  if (scheme === null) return strangeScheme('x-forwarded-proto');
  const authority = requiredHeader(inbound, 'x-forwarded-host');
  if (typeof authority !== 'string') return authority;
  const target = requiredHeader(inbound, 'x-forwarded-uri');
  if (typeof target !== 'string') return target;
  const clientIp = requiredClient(inbound);
  if (typeof clientIp !== 'string') return clientIp;
  return { method, scheme, authority, target, clientIp, ...headersOf(inbound) };
}

/** The refusal of a malformed method. */
export function strangeMethod(name: string): Refusal {
  return refuse(400, 'forwarded/method', `${name} must be one method`);
}

/** Request headers for the facts. A repeated header counts as absent. */
export function headersOf({
  header,
}: Pick<Inbound, 'header'>): Pick<RawRequest, 'header'> & Pick<RequestFacts, 'isRepeated'> {
  return {
    header(name) {
      const value = header(name);
      return value === REPEATED ? null : value;
    },
    isRepeated: (name) => header(name) === REPEATED,
  };
}

/** The headers of nginx and ingress-nginx. The last two often come from a proxy before nginx; they are only compared. */
export const ORIGINAL_URL: readonly string[] = [
  'x-original-url',
  'x-original-method',
  'x-forwarded-proto',
  'x-forwarded-host',
];

/** Reads X-Original-URL, X-Original-Method and X-Forwarded-For. */
export function readOriginalUrl(inbound: Inbound): RawRequest | Refusal {
  const url = requiredHeader(inbound, 'x-original-url');
  if (typeof url !== 'string') return url;
  const method = requiredHeader(inbound, 'x-original-method');
  if (typeof method !== 'string') return method;
  if (!isMethod(method)) return strangeMethod('x-original-method');
  const clientIp = requiredClient(inbound);
  if (typeof clientIp !== 'string') return clientIp;
  // Parsed by hand: the WHATWG URL parser would repair what must be refused (RFC 3986 §3, no
  // userinfo here). The path is required: nginx accepts `Host: a.test?.b.test`, and the part
  // after `?` would be read as a query.
  const parts = /^https?:\/\/([^/?#\\@]+)(\/.*)$/.exec(url);
  if (parts === null) {
    return refuse(
      400,
      'forwarded/url',
      'x-original-url must be $scheme://NAME$request_uri, with the name of the server block',
    );
  }
  const scheme = url.startsWith('https:') ? 'https' : 'http';
  const authority = parts[1] as string;
  const target = parts[2] as string;
  const contradiction =
    disagreement(inbound, 'x-forwarded-proto', scheme) ??
    disagreement(inbound, 'x-forwarded-host', authority);
  if (contradiction !== null) return contradiction;
  return { method, scheme, authority, target, clientIp, ...headersOf(inbound) };
}

/** The header may be absent, but must not contradict the URL. */
function disagreement(inbound: Inbound, name: string, expected: string): Refusal | null {
  const value = inbound.header(name);
  if (value === null || value === '') return null;
  if (value === REPEATED) return repeatedHeader(name);
  if (value.toLowerCase() === expected.toLowerCase()) return null;
  return refuse(
    400,
    'forwarded/contradiction',
    `${name} and x-original-url differ: clear ${name} in the location that asks`,
  );
}
