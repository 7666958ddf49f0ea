/**
 * Addresses of an app in its responses, as visitors reach them: redirects and cookies that name the
 * upstream's own origin, path or domain. What names anything else passes as it is. Linear time.
 */
import type { Rewrites } from '../../core/routes/messages.ts';

/** What is rewritten, from where to where. */
export interface Rewriting {
  readonly rules: Rewrites;
  /** The origins of the upstream's members: `http://wiki:8080`. */
  readonly farOrigins: readonly string[];
  /** Path at which the upstream has what visitors find at `nearPath`; `''` for its root. */
  readonly farPath: string;
  /** The public origin: `https://wiki.example.com`. */
  readonly nearOrigin: string;
  readonly nearPath: string;
}

/** The value of Location or Content-Location. */
export function rewriteLocation(value: string, rewriting: Rewriting): string {
  if (!rewriting.rules.location) return value;
  const { path, isAbsolute } = localPart(value, rewriting);
  const near = path === null ? null : nearPathOf(path, rewriting);
  if (near === null) return value;
  // Browsers take `x` of `//x` for a host, and do not see tabs (WHATWG URL, basic URL parser).
  const needsOrigin = isAbsolute || /^\/\t*[/\\]/.test(near);
  return needsOrigin ? rewriting.nearOrigin + near : near;
}

/** The value of Refresh: a number of seconds, then a URL (HTML, shared declarative refresh steps). */
export function rewriteRefresh(value: string, rewriting: Rewriting): string {
  const [before = '', quote = ''] = /^[\d.]+\s*[;,]\s*(?:url\s*=\s*)?(["']?)/i.exec(value) ?? [];
  if (before === '') return value;
  const rest = value.slice(before.length);
  const closing = quote === '' ? -1 : rest.indexOf(quote);
  const url = closing < 0 ? rest : rest.slice(0, closing);
  return before + rewriteLocation(url, rewriting) + rest.slice(url.length);
}

/** A Set-Cookie field. Everything but its Path and Domain is kept byte for byte. */
export function rewriteCookie(line: string, rewriting: Rewriting): string {
  const { cookieDomain, cookiePath } = rewriting.rules;
  const [pair = '', ...attributes] = line.split(';');
  // Browsers refuse it with another Path than `/` (RFC 6265bis §4.1.3.2).
  const isHostOnly = /^\s*__host-/i.test(pair);
  const kept = attributes.flatMap((attribute) => {
    const equals = attribute.indexOf('=');
    const name = attribute.slice(0, Math.max(equals, 0)).trim().toLowerCase();
    const value = attribute.slice(equals + 1).trim();
    if (name === 'domain' && cookieDomain !== null && value !== '') {
      return cookieDomain === 'none' ? [] : [`${attribute.slice(0, equals)}=${cookieDomain}`];
    }
    const near = name === 'path' && cookiePath && !isHostOnly ? nearPathOf(value, rewriting) : null;
    if (near === null) return [attribute];
    // `Path=/wiki/` would not match `/wiki`.
    const path = near.length > 1 && near === `${rewriting.nearPath}/` ? near.slice(0, -1) : near;
    return [`${attribute.slice(0, equals)}=${path}`];
  });
  return [pair, ...kept].join(';');
}

/** The path, query and fragment of a URL at the upstream; null for any other URL. */
function localPart(
  value: string,
  { farOrigins, nearOrigin }: Rewriting,
): { readonly path: string | null; readonly isAbsolute: boolean } {
  const start = /^(?:https?:)?\/\//i.exec(value)?.[0];
  if (start === undefined) return { path: value.startsWith('/') ? value : null, isAbsolute: false };
  const length = value.slice(start.length).search(/[/?#]/);
  const end = length < 0 ? value.length : start.length + length;
  const scheme = start.slice(0, -2).toLowerCase();
  const authority = value.slice(start.length, end).toLowerCase();
  const isFar = farOrigins.some((origin) => isOrigin(origin, scheme, authority));
  // An app that receives the public Host uses it in its own URLs, often with the scheme of its connection.
  const isNear = isOrigin(nearOrigin, '', authority);
  return { path: isFar || isNear ? value.slice(end) : null, isAbsolute: true };
}

/** Whether the scheme (`http:`, or `''` for any) and authority are those of the origin. */
function isOrigin(origin: string, scheme: string, authority: string): boolean {
  const [ownScheme = '', ownAuthority = ''] = origin.split('//');
  if (scheme !== '' && scheme !== ownScheme) return false;
  const standard = ownScheme === 'https:' ? ':443' : ':80';
  return authority === ownAuthority || authority === ownAuthority + standard;
}

/** The public path of an upstream's path, with whatever follows it; null outside of `farPath`. */
function nearPathOf(path: string, { farPath, nearPath }: Rewriting): string | null {
  if (!path.startsWith(farPath)) return null;
  const rest = path.slice(farPath.length);
  if (rest.startsWith('/')) return nearPath + rest;
  return rest === '' || /^[?#]/.test(rest) ? (nearPath || '/') + rest : null;
}
