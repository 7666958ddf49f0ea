/** Links the address of the portal, and the cookie that it shares with the apps. */
import { isIPv4 } from 'node:net';
import { canonicalHost, isWithin } from '../../core/request/host.ts';
import { originOf, type Site } from '../../core/access/return-to.ts';
import type { Route } from '../../core/routes/route.ts';
import type { Steps } from '../../core/values/steps.ts';
import { isLoopbackHost } from '../routes/host.ts';
import type { Config } from '../schema/schema.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { capture } from '../../core/values/capture.ts';

const URL_FORM = /^(https?):\/\/([^/?#@\s\\]+)\/?$/i;

/** The address of the portal; null once its fault has been noted. */
export function linkSite(config: Config, root: Spot): Site | null {
  const spot = below(root, 'public_url');
  const [prefix, written] = capture(URL_FORM, config.public_url, 2) ?? ['', ''];
  const scheme: Site['scheme'] = prefix.toLowerCase() === 'https' ? 'https' : 'http';
  const authority = canonicalHost(written, scheme);
  if (authority === null) {
    blame(spot, 'expected the portal’s origin such as https://auth.example.com, without a path');
    return null;
  }
  const { host, port } = authority;
  if (scheme === 'http' && !isLoopbackHost(host) && !config.insecure_http) {
    const message =
      'sessions can be stolen over http; use https (a proxy can terminate TLS), or set insecure_http: true';
    blame(spot, message, `"https://${written}"`);
    return null;
  }
  const site = { origin: '', scheme, host, port };
  return { ...site, origin: originOf(site, host, port) };
}

/** Common suffixes that unrelated sites share. Browsers refuse cookies for them; publicsuffix.org has the full list. */
const PUBLIC_SUFFIXES = new Set(
  'co.uk org.uk ac.uk gov.uk com.au net.au org.au co.nz co.jp ne.jp com.br com.cn com.tr co.in co.za com.mx com.sg co.kr github.io gitlab.io pages.dev workers.dev vercel.app netlify.app herokuapp.com web.app'.split(
    ' ',
  ),
);

/** The Domain attribute of the session cookie; null for the portal's host alone. */
export function linkCookieDomain(config: Config, site: Site, root: Spot): string | null {
  const spot = below(root, 'session', 'cookie_domains');
  const domains = config.session.cookie_domains.map((text, i) => linkDomain(text, below(spot, i)));
  if (domains.length === 0) return null;
  const mine = domains.find((d) => d !== null && isWithin(site.host, d.domain));
  if (mine === undefined || mine === null) {
    if (!domains.includes(null)) {
      blame(spot, `expected a domain that contains the host of public_url, ${site.host}`);
    }
    return null;
  }
  return mine.isShared ? mine.domain : null;
}

/** A domain; `isShared`: whether browsers accept a cookie for it and all hosts below. */
function linkDomain(text: string, spot: Spot): { domain: string; isShared: boolean } | null {
  const authority = canonicalHost(text.replace(/^\./, ''), 'https');
  if (authority === null || text.includes(':') || text.startsWith('*')) {
    blame(spot, 'expected a domain such as example.com');
    return null;
  }
  const domain = authority.host;
  if (PUBLIC_SUFFIXES.has(domain)) {
    blame(spot, `browsers refuse a cookie for ${domain}, because unrelated sites share it`);
    return null;
  }
  return { domain, isShared: domain.includes('.') && !isIPv4(domain) };
}

/** Where browsers send the session cookie. */
interface CookieReach {
  readonly site: Site;
  /** Null: to the host of the portal alone. */
  readonly cookieDomain: string | null;
  /** `session.cookie_domains`, as written. */
  readonly declared: readonly string[];
}

/** Notes faults for hosts that the session cookie cannot reach, one route in a step. `spotOf` finds a host in the file. */
export function* checkReach(
  routes: readonly Route[],
  { site, cookieDomain, declared }: CookieReach,
  spotOf: (route: number, host: number) => Spot,
): Steps<void> {
  for (const [position, route] of routes.entries()) {
    for (const [index, host] of route.hosts.entries()) {
      const name = host.name.replace(/^\*\./, '');
      const isWildcard = name !== host.name;
      const spot = spotOf(position, index);
      if (host.name === site.host && host.ports.includes(site.port)) {
        blame(spot, 'this is the host of public_url, which is reserved for the portal');
      } else if (cookieDomain === null) {
        if (host.name !== site.host) blame(spot, ...unreachable(site, name, declared));
      } else if (!isWithin(name, cookieDomain) || (isWildcard && name === '')) {
        const isDeclared = declared.some((domain) => isWithin(name, domain));
        const reason = isDeclared
          ? 'sign-in across several root domains is not supported yet'
          : `it is not within ${cookieDomain}`;
        blame(spot, `the session cookie cannot reach this host: ${reason}`);
      }
    }
    yield;
  }
}

function unreachable(
  site: Site,
  host: string,
  declared: readonly string[],
): [string, string | null] {
  if (declared.length > 0) {
    const reason = `browsers do not share cookies below ${declared.join(' or ')}`;
    const remedy = 'use names with at least two shared labels, such as demo.localhost';
    return [`the session cookie cannot reach this host: ${reason}; ${remedy}`, null];
  }
  const shared = commonSuffix(site.host, host);
  const remedy = 'add the root domain that it shares with public_url to session.cookie_domains';
  const hint = shared === null ? null : `session: { cookie_domains: [${shared}] }`;
  return [`the session cookie cannot reach this host; ${remedy}`, hint];
}

function commonSuffix(a: string, b: string): string | null {
  const [x, y] = [a.split('.').toReversed(), b.split('.').toReversed()];
  let shared = 0;
  while (shared < x.length && x[shared] === y[shared]) shared += 1;
  const suffix = x.slice(0, shared).toReversed().join('.');
  return shared < 2 || PUBLIC_SUFFIXES.has(suffix) ? null : suffix;
}
