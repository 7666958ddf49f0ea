/**
 * Requests that name a second path. WebDAV's `COPY` and `MOVE` write to what the field Destination
 * names (RFC 4918 §10.3), which must be guarded like the path itself.
 */
import { type Authority, canonicalHost } from '../request/host.ts';
import { refusePath } from '../request/path.ts';

/** Whether a request by this method acts on the path in Destination as well. */
export function isTransfer(method: string): boolean {
  return method === 'COPY' || method === 'MOVE';
}

/** Whether its body names a second path (RFC 5842 §4, §6), under which the app then serves the first or has it moved. */
export function isBinding(method: string): boolean {
  return method === 'BIND' || method === 'REBIND';
}

/** An absolute path, alone or in an http URL. Some apps ignore the URL's host, so any will do. */
const DESTINATION = /^(?:https?:\/\/[a-z0-9.:[\]_-]+(?=\/|$))?((?:\/[!-~]*)?)$/i;

/**
 * The path in a Destination field as it was sent; null if there is none, or more than one, or servers
 * could find different ones.
 */
export function destinationOf(field: string | null): string | null {
  const target = DESTINATION.exec(field ?? '')?.[1];
  if (field === null || field === '' || target === undefined) return null;
  const mark = target.indexOf('?');
  const path = (mark < 0 ? target : target.slice(0, mark)) || '/';
  return refusePath(path) === null ? path : null;
}

/** What a URL names before its path, or a path that begins with several slashes. */
const URL_START = /^([a-z][a-z0-9+.-]*:)?[\\/]{2,}([^\\/?#]*)/i;

/** IPv6 literals name no host of a route. */
const LITERAL = /^\[[0-9a-f:.]+\](?::[0-9]+)?$/i;

/**
 * The host that servers could find in a Destination field; null if there is none that a route could
 * have. `unreadable`: they could find different ones.
 */
export function hostInDestination(
  field: string | null,
  scheme: 'http' | 'https',
): Authority | 'unreadable' | null {
  const [, own = '', authority = ''] = URL_START.exec(field ?? '') ?? [];
  if (authority === '' || LITERAL.test(authority)) return null;
  const isTls = own === '' ? scheme === 'https' : own.toLowerCase() === 'https:';
  return canonicalHost(authority, isTls ? 'https' : 'http') ?? 'unreadable';
}
