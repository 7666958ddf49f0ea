/**
 * The one list of request fields that are removed and set towards apps. The reverse proxy judges
 * names by it (gate/proxy/hop-by-hop.ts), and `generate` writes it out for other proxies, so that an
 * app receives the same whichever proxy it stands behind.
 */
import { foldHeader } from './identity.ts';

/** Fields of one hop (RFC 9110 §7.6.1): they end at each proxy. */
export const HOP_BY_HOP: readonly string[] = [
  'Connection',
  'Keep-Alive',
  'Proxy-Connection',
  'Proxy-Authenticate',
  'Proxy-Authentication-Info',
  'Proxy-Authorization',
  'TE',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
  'HTTP2-Settings',
];

/** Fields of the message itself: each proxy writes its own. */
export const OF_THE_MESSAGE: readonly string[] = ['Host', 'Content-Length', 'Expect'];

/** Fields that every app receives, always with a value of ours. */
export const SET_FIELDS = [
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Real-IP',
  'Forwarded',
  'X-Request-Id',
] as const;

/**
 * Fields that some server reads in place of the request's own host, path, method or settings.
 * They reach no app, not even from a trusted proxy.
 */
export const OVERRIDES: readonly string[] = [
  // CGI turns it into HTTP_PROXY, which many HTTP clients obey (httpoxy, CVE-2016-5385).
  'Proxy',
  'X-Forwarded-Protocol',
  'X-Forwarded-Scheme',
  'X-Forwarded-Ssl',
  'X-Forwarded-Server',
  'X-Original-URL',
  'X-Original-URI',
  'X-Original-Method',
  'X-Original-Host',
  'X-Rewrite-URL',
  'X-HTTP-Method',
  'X-HTTP-Method-Override',
  'X-Method-Override',
  'X-HTTP-Host-Override',
  // Next.js skipped its own authorization because of it (CVE-2025-29927).
  'X-Middleware-Subrequest',
  // Rack serves another file because of these (CVE-2025-61780).
  'X-Sendfile-Type',
  'X-Accel-Mapping',
];

/** Fields with a common beginning. */
interface Family {
  /** Beginning of the names, compared folded. */
  readonly begins: string;
  /** Names in use, for proxies that remove fields by exact name only. */
  readonly names: readonly string[];
}

/**
 * Fields by which proxies say who the client is, where it came from and which certificate it
 * showed. Many apps believe them, so only those of a trusted proxy reach an app.
 */
const PROXY_FAMILIES: readonly Family[] = [
  family('X-Forwarded', [
    '',
    '-User',
    '-Email',
    '-Groups',
    '-Roles',
    '-Name',
    '-Login',
    '-Preferred-Username',
    '-Access-Token',
    '-Uri',
    '-Method',
    '-Path',
    '-Prefix',
    '-By',
    '-Client-Cert',
    '-Tls-Client-Cert',
    '-Tls-Client-Cert-Info',
  ]),
  family('X-Original-For', ['']),
  family('X-Original-Forwarded', ['-For']),
  family('X-Original-Proto', ['']),
  family('X-Script-Name', ['']),
  family('X-Scheme', ['']),
  family('X-Url-Scheme', ['']),
  family('Front-End-Https', ['']),
  family('X-Auth-Request', [
    '-User',
    '-Email',
    '-Groups',
    '-Preferred-Username',
    '-Access-Token',
    '-Redirect',
  ]),
  family('X-Authenticated', ['-User', '-Userid', '-Email', '-Groups']),
  family('X-Authentik', [
    '-Username',
    '-Groups',
    '-Entitlements',
    '-Email',
    '-Name',
    '-Uid',
    '-Jwt',
    '-Meta-Outpost',
    '-Meta-Provider',
    '-Meta-App',
  ]),
  family('X-WebAuth', [
    '-User',
    '-Username',
    '-Name',
    '-Fullname',
    '-Email',
    '-Role',
    '-Roles',
    '-Group',
    '-Groups',
  ]),
  family('X-Pomerium', [
    '-Jwt-Assertion',
    '-Claim-Email',
    '-Claim-User',
    '-Claim-Name',
    '-Claim-Sub',
    '-Claim-Groups',
  ]),
  family('X-Vouch', [
    '-User',
    '-Success',
    '-IdP-Claims-Email',
    '-IdP-Claims-Name',
    '-IdP-Claims-Groups',
    '-IdP-AccessToken',
    '-IdP-IdToken',
  ]),
  family('X-Remote-User', ['', '-Email', '-Name']),
  family('X-Remote-Group', ['', 's']),
  family('X-Remote-Name', ['']),
  family('X-Remote-Email', ['']),
  family('X-Remote-Addr', ['']),
  family('X-Remote-IP', ['']),
  family('X-Proxy-User', ['']),
  family('Remote-User', ['']),
  family('Remote-Group', ['', 's']),
  family('Remote-Name', ['']),
  family('Remote-Email', ['']),
  family('X-SSL', [
    '',
    '-Cert',
    '-Client-Cert',
    '-Client-Verify',
    '-Client-CN',
    '-Client-DN',
    '-Client-S-DN',
    '-Client-I-DN',
    '-Client-Subject-DN',
    '-Client-Serial',
    '-Client-Fingerprint',
    '-Client-SHA1',
    '-Client-Issuer',
    '-Issuer',
  ]),
  family('SSL-Client', ['-Cert', '-Verify', '-S-DN', '-I-DN', '-Subject-DN', '-Serial']),
  family('X-Client-Cert', ['', '-Subject']),
  family('Client-Cert', ['', '-Chain']),
  family('CF-Connecting', ['-IP', '-IPv6']),
  family('CF-Access', ['-Authenticated-User-Email', '-Jwt-Assertion']),
  family('X-Goog-Authenticated', ['-User-Email', '-User-Id']),
  family('X-Goog-IAP', ['-Jwt-Assertion']),
  family('X-Amzn-Oidc', ['-Identity', '-Data', '-Accesstoken']),
  family('X-MS-Client-Principal', ['', '-Name', '-Id', '-Idp']),
  family('Tailscale-User', ['-Login', '-Name', '-Profile-Pic']),
  family('True-Client-IP', ['']),
  family('X-Client-IP', ['']),
  family('X-Cluster-Client-IP', ['']),
  family('X-Originating-IP', ['']),
  family('X-Azure-ClientIP', ['']),
  family('X-Envoy-External-Address', ['']),
  family('Fastly-Client-IP', ['']),
  family('Client-IP', ['']),
];

function family(begins: string, endings: readonly string[]): Family {
  return { begins, names: endings.map((ending) => begins + ending) };
}

const OF_PROXIES = new RegExp(
  `^(?:${PROXY_FAMILIES.map(({ begins }) => foldHeader(begins)).join('|')})`,
);

/** Whether a folded name is one by which proxies describe clients; ask for {@link OVERRIDES} first. */
export function isOfProxies(folded: string): boolean {
  return OF_PROXIES.test(folded);
}

/**
 * Beginnings of the names by which proxies describe clients, for a proxy that removes fields by
 * their beginning. Without `X-Forwarded`, of which each proxy writes some itself.
 */
export function removedBeginnings(): readonly string[] {
  return PROXY_FAMILIES.map(({ begins }) => begins).filter((begins) => begins !== 'X-Forwarded');
}

/**
 * Exact names that a proxy in front removes from each request of a client before an app sees it,
 * without those that it sets ({@link SET_FIELDS}) and without `managed`, the names of the
 * identity fields, which it sets too. Canonical spelling, no duplicates.
 */
export function removedFields(managed: readonly string[]): readonly string[] {
  const set = new Set([...SET_FIELDS, ...managed].map(foldHeader));
  const names = [...OVERRIDES, ...PROXY_FAMILIES.flatMap((one) => one.names)];
  return names.filter((name) => !set.has(foldHeader(name)));
}

/** A name that no server can mistake for another: nginx drops all others by default, too. */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9-]+$/.test(name);
}
