/** Links the host names of routes, each with the ports it is valid with. */
import { domainToASCII } from 'node:url';
import { canonicalHost } from '../../core/request/host.ts';
import type { Site } from '../../core/access/return-to.ts';
import type { RouteHost } from '../../core/routes/route.ts';
import { blame, type Spot } from '../faults/spot.ts';

/** The host; null once its fault has been noted. */
export function linkHost(text: string, site: Site, spot: Spot): RouteHost | null {
  const isWildcard = text.startsWith('*.');
  const bare = isWildcard ? text.slice(2) : text;
  const authority = canonicalHost(bare, site.scheme);
  if (authority === null) {
    blame(spot, 'expected a host such as wiki.example.com or *.example.com', plainHost(text));
    return null;
  }
  const { host, port } = authority;
  const isStated = bare.includes(':');
  const ports = isStated ? [port] : [...new Set([0, site.port])];
  return { name: isWildcard ? `*.${host}` : host, ports };
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
