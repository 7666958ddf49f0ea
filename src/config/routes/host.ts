/** Links the host names of routes, each with the ports it is valid with. */
import { domainToASCII } from 'node:url';
import { canonicalHost } from '../../core/request/host.ts';
import type { Site } from '../../core/access/return-to.ts';
import type { RouteHost } from '../../core/routes/route.ts';
import { blame, type Spot } from '../faults/spot.ts';

/** A pattern in place of the first label. */
const PATTERN = /^(\{user\}|\{group\}|[a-z0-9_-]*\*[a-z0-9_*-]*)\.(?=.)/i;

/** The host; null once its fault has been noted. */
export function linkHost(text: string, site: Site, spot: Spot): RouteHost | null {
  const pattern = PATTERN.exec(text)?.[1]?.toLowerCase() ?? null;
  const bare = pattern === null ? text : text.slice(pattern.length + 1);
  const authority = canonicalHost(bare, site.scheme);
  if (authority === null || (pattern !== null && !isUsable(pattern))) {
    const examples = 'wiki.example.com, *.example.com, app-*.example.com or {user}.example.com';
    blame(spot, `expected a host such as ${examples}`, plainHost(text));
    return null;
  }
  const { host, port } = authority;
  const isStated = bare.includes(':');
  const ports = isStated ? [port] : [...new Set([0, site.port])];
  return { name: pattern === null ? host : `${pattern}.${host}`, ports };
}

/** Whether some label matches, and `*` is beside other characters or alone. */
function isUsable(pattern: string): boolean {
  if (pattern.startsWith('{')) return true;
  return !pattern.includes('**') && canonicalHost(pattern.replaceAll('*', 'x'), 'https') !== null;
}

/** The host that a URL or a non-ASCII name means; null if there is none. */
function plainHost(text: string): string | null {
  const bare = /^(?:[a-z]+:\/\/)?([^/?#@\s]+)/i.exec(text)?.[1] ?? '';
  const ascii = domainToASCII(bare.replace(/:\d+$/, '').replace(/^\*\./, ''));
  if (ascii === '' || canonicalHost(ascii, 'https') === null) return null;
  const whole = (bare.startsWith('*.') ? '*.' : '') + ascii + (/:\d+$/.exec(bare)?.[0] ?? '');
  return whole === text ? null : `"${whole}"`;
}

/** Whether a host name always leads to this machine. */
export function isLoopbackHost(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === 'test' ||
    host.endsWith('.test') ||
    /^127\.\d+\.\d+\.\d+$/.test(host)
  );
}
