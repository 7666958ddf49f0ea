/**
 * What a demo app reads of a request. It believes the identity headers because it listens on
 * loopback and only the gateway knows its port; a real app must be out of others' reach as well.
 */
import type { IncomingMessage } from 'node:http';

/** Who the gateway says is there. */
export interface Person {
  readonly name: string;
  readonly displayName: string;
  readonly email: string;
  readonly groups: readonly string[];
}

/** The public side of the address the browser asked for. */
export interface PublicPlace {
  /** `whoami.demo.localhost:4747`, or null when unknown or not a plain host. */
  readonly host: string | null;
  readonly scheme: 'http' | 'https';
}

const HOST = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?$/;

/** One header as UTF-8 text (node:http gives its bytes as latin-1); `''` when absent. */
export function headerText(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  const first = Array.isArray(value) ? value.join(', ') : (value ?? '');
  return utf8(first);
}

/** Latin-1 bytes read as UTF-8. */
export function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

/** The person in the identity headers, or null. */
export function personOf(request: IncomingMessage): Person | null {
  const name = headerText(request, 'remote-user');
  if (name === '') return null;
  const displayName = headerText(request, 'remote-name');
  return {
    name,
    displayName: displayName === '' ? name : displayName,
    email: headerText(request, 'remote-email'),
    groups: headerText(request, 'remote-groups')
      .split(',')
      .filter((group) => group !== '')
      .map((group) => group.replaceAll('%2C', ',').replaceAll('%25', '%')),
  };
}

/** Where the browser thinks it is. */
export function publicPlace(request: IncomingMessage): PublicPlace {
  const forwarded = headerText(request, 'x-forwarded-host').toLowerCase();
  const scheme = headerText(request, 'x-forwarded-proto') === 'https' ? 'https' : 'http';
  const host = forwarded === '' ? headerText(request, 'host').toLowerCase() : forwarded;
  return { host: HOST.test(host) ? host : null, scheme };
}

/** The other demo app's address beside this one, or null when this host is not named as expected. */
export function siblingUrl(place: PublicPlace, from: string, to: string): string | null {
  if (place.host === null || !place.host.startsWith(`${from}.`)) return null;
  return `${place.scheme}://${to}${place.host.slice(from.length)}/`;
}

/**
 * Whether a form came from our own page. Browsers say so in Sec-Fetch-Site, older ones in
 * Origin; who says neither is refused.
 */
export function isOwnForm(request: IncomingMessage): boolean {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = request.headers;
  const { host, scheme } = publicPlace(request);
  return origin !== undefined && host !== null && origin === `${scheme}://${host}`;
}
