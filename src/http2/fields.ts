/**
 * Header fields between HTTP/2 and HTTP/1.1. node:http2 has refused malformed ones: fields of one hop,
 * a second pseudo-field, line ends (RFC 9113 §8.2). What could still have two meanings is passed on as
 * it is, so that the server refuses it as it does in HTTP/1.1.
 */
import type { OutgoingHttpHeaders } from 'node:http2';
import { nameAt, pairCount, pairsOf, valueAt } from '../core/request/header-pairs.ts';

/** A request's head as node:http writes it. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  /** Flat name, value, name, value …, latin-1. */
  readonly headers: string[];
}

/** The head of a stream with or without a body; null for CONNECT, which has no path. */
export function requestHead(
  raw: readonly string[],
  { hasBody }: { readonly hasBody: boolean },
): RequestHead | null {
  const pseudo = new Map<string, string>();
  const cookies: string[] = [];
  const headers: string[] = [];
  let hasLength = false;
  for (const [name, value] of pairsOf(raw)) {
    if (name.startsWith(':')) pseudo.set(name, value);
    // RFC 9113 §8.2.3: one Cookie line may arrive in pieces.
    else if (name === 'cookie') cookies.push(value);
    // Another Host than `:authority` remains, as a second one.
    else if (name !== 'host' || value !== pseudo.get(':authority')) headers.push(name, value);
    hasLength ||= name === 'content-length';
  }
  const [method, target] = [pseudo.get(':method'), pseudo.get(':path')];
  if (method === undefined || target === undefined) return null;
  const authority = pseudo.get(':authority');
  if (authority !== undefined) headers.unshift('host', authority);
  if (cookies.length > 0) headers.push('cookie', cookies.join('; '));
  if (hasBody && !hasLength) headers.push('transfer-encoding', 'chunked');
  headers.push('connection', 'close');
  return { method, target, headers };
}

/** Fields of a response that HTTP/2 has no use for (RFC 9113 §8.2.2). */
const OF_HTTP1: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** A response's head: flat, lower case, the status first. */
export function responseHead(status: number, raw: readonly string[]): string[] {
  const flat = [':status', String(status)];
  for (const [name, value] of pairsOf(raw)) {
    const lower = name.toLowerCase();
    if (!OF_HTTP1.has(lower)) flat.push(lower, value);
  }
  return flat;
}

/** Fields as node:http2 takes trailers and interim responses: by name in lower case, a list for each. */
export function byName(raw: readonly string[]): OutgoingHttpHeaders {
  const fields = Object.create(null) as Record<string, string[]>;
  for (let i = 0; i < pairCount(raw); i += 1) {
    const name = nameAt(raw, i).toLowerCase();
    if (!OF_HTTP1.has(name)) (fields[name] ??= []).push(valueAt(raw, i));
  }
  return fields;
}
