/**
 * The original request out of headers that a trusted proxy wrote: each exactly once, each
 * readable. What is missing, repeated or strange is refused, never guessed.
 */
import { type Inbound, REPEATED } from './dialect.ts';
import type { RawRequest } from './facts.ts';
import { type Refusal, refuse } from './refusal.ts';

/** The four headers by which Traefik, Caddy and HAProxy say what the original request was. */
export const FORWARDED: readonly string[] = [
  'x-forwarded-method',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-uri',
];

/** A header that must stand exactly once and say something. */
export function requiredHeader(inbound: Inbound, name: string): string | Refusal {
  const value = inbound.header(name);
  if (value === REPEATED) return repeatedHeader(name);
  if (value === null || value === '') {
    return refuse(400, 'forwarded/missing', `the proxy must send ${name}`);
  }
  return value;
}

/** The refusal of a header that stands twice. */
export function repeatedHeader(name: string): Refusal {
  return refuse(400, 'forwarded/repeated', `${name} must stand exactly once`);
}

/** The client's address; a check without one is refused, or the proxy's own would pass for it. */
export function requiredClient(inbound: Inbound): string | Refusal {
  return (
    inbound.forwardedFor ??
    refuse(400, 'forwarded/missing', 'the proxy must send x-forwarded-for with the client address')
  );
}

/** `http` or `https`; websockets are told by their own headers. Null for anything else, lists too. */
export function schemeOf(proto: string): 'http' | 'https' | null {
  if (proto === 'https' || proto === 'wss') return 'https';
  return proto === 'http' || proto === 'ws' ? 'http' : null;
}

/** The refusal of a scheme that is none. */
export function strangeScheme(name: string): Refusal {
  return refuse(400, 'forwarded/scheme', `${name} must be http or https`);
}

/** A method is a token; a list of them (`GET, POST`) is not one. */
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
  return { method, scheme, authority, target, clientIp, header: singleHeader(inbound) };
}

/** The refusal of a method that is no token. */
export function strangeMethod(name: string): Refusal {
  return refuse(400, 'forwarded/method', `${name} must be one method`);
}

/** Request headers for facts: a repeated one counts as absent. */
export function singleHeader(inbound: Inbound): (name: string) => string | null {
  const { header } = inbound;
  return (name) => {
    const value = header(name);
    return value === REPEATED ? null : value;
  };
}
