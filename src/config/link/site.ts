/** Links the address of the portal, and the domains whose apps share its sign-in. */
import { isIPv4 } from 'node:net';
import { canonicalHost, isWithin } from '../../core/request/host.ts';
import { originOf, type Site } from '../../core/access/return-to.ts';
import { enclosingDomain } from '../../core/routes/hosts.ts';
import { type Domains, domainWith } from '../../core/setup/domain.ts';
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

/** The root domains, that of the portal first. Without one, its cookie is for its host alone. */
export function linkDomains(config: Config, site: Site, root: Spot): Domains {
  const spot = below(root, 'session', 'cookie_domains');
  const linked = config.session.cookie_domains.map((text, i) => linkDomain(text, below(spot, i)));
  const domains = linked.filter((one) => one !== null);
  for (const [index, one] of linked.entries()) {
    const outer = domains.find(
      (other) => one !== null && other.domain !== one.domain && isWithin(one.domain, other.domain),
    );
    if (outer === undefined) continue;
    const message = `remove it: ${outer.domain} contains it, and its hosts would receive two session cookies`;
    blame(below(spot, index), message);
  }
  const mine = domains.find(({ domain }) => isWithin(site.host, domain));
  if (mine === undefined && domains.length > 0 && domains.length === linked.length) {
    blame(spot, `expected a domain that contains the host of public_url, ${site.host}`);
  }
  const shared = domains.flatMap(({ domain, isShared }) => (isShared ? [domain] : []));
  const others = new Set(shared.filter((domain) => domain !== mine?.domain));
  const first = domainWith(site, mine?.isShared === true ? mine.domain : null);
  return [first, ...[...others].map((domain) => domainWith(site, domain))];
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

/** Where browsers send session cookies. */
interface CookieReach {
  readonly site: Site;
  readonly domains: Domains;
  /** `session.cookies`. */
  readonly cookies: 'domain' | 'host';
  /** `session.cookie_domains`, as written. */
  readonly declared: readonly string[];
}

/** Notes faults for hosts that no session cookie can reach, one route in a step. `spotOf` finds a host in the file. */
export function* checkReach(
  routes: readonly Route[],
  reach: CookieReach,
  spotOf: (route: number, host: number) => Spot,
): Steps<void> {
  const { site } = reach;
  for (const [position, route] of routes.entries()) {
    for (const [index, host] of route.hosts.entries()) {
      const spot = spotOf(position, index);
      if (host.name === site.host && host.ports.includes(site.port)) {
        blame(spot, 'this is the host of public_url, which is reserved for the portal');
      } else if (reach.cookies === 'domain') {
        checkDomainReach(host.name, reach, spot);
      }
    }
    yield;
  }
}

/** A host outside all domains would need a cookie of its own, which is what `cookies: host` is for. */
function checkDomainReach(
  host: string,
  { site, domains, declared }: CookieReach,
  spot: Spot,
): void {
  const name = enclosingDomain(host);
  const shared = domains.flatMap(({ cookieDomain }) => cookieDomain ?? []);
  if (shared.length === 0) {
    if (host !== site.host) blame(spot, ...unreachable(site, name, declared));
  } else if (name === '' || !shared.some((domain) => isWithin(name, domain))) {
    const list = shared.join(' or ');
    const remedy = 'add its root domain to session.cookie_domains, or set session.cookies to host';
    blame(spot, `no session cookie can reach this host: it is not within ${list}; ${remedy}`);
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
