/** Header fields between HTTP/1.1 and HTTP/2: the same fields, but the request and status lines are fields, too. */
import type { OutgoingHttpHeaders } from 'node:http2';
import { nameAt, pairCount, valueAt } from '../../core/request/header-pairs.ts';

/** The line and fields of a request, as they would stand in HTTP/1.1. */
export interface RequestHead {
  readonly method: string;
  readonly path: string;
  /** For `:authority` if the fields have no Host. */
  readonly authority: string;
  /** Flat name, value, name, value …, latin-1; no fields of one hop. */
  readonly headers: readonly string[];
}

/** A request's head as HTTP/2 has it (RFC 9113 §8.3.1): flat, lower case, pseudo-fields first. */
export function http2Request({ method, path, authority, headers }: RequestHead): string[] {
  const flat: string[] = [];
  let host = authority;
  for (let i = 0; i < pairCount(headers); i += 1) {
    const name = nameAt(headers, i).toLowerCase();
    if (name === 'host') host = valueAt(headers, i);
    else flat.push(name, valueAt(headers, i));
  }
  return [':method', method, ':scheme', 'http', ':authority', host, ':path', path, ...flat];
}

/** Fields as they were received, without the pseudo-fields; flat. */
export function plainFields(raw: readonly string[]): string[] {
  return raw.filter((_, i) => !nameAt(raw, i >> 1).startsWith(':'));
}

/** Trailers as node:http2 takes them: by name in lower case, a list for each. */
export function http2Trailers(flat: readonly string[]): OutgoingHttpHeaders {
  const trailers: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (let i = 0; i < pairCount(flat); i += 1) {
    const name = nameAt(flat, i).toLowerCase();
    (trailers[name] ??= []).push(valueAt(flat, i));
  }
  return trailers;
}
