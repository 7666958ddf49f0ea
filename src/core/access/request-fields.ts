/**
 * The only list of request fields that are removed or set for apps. The reverse proxy uses it
 * (gate/proxy/hop-by-hop.ts), and `generate` writes it for other proxies, so that an app receives
 * the same fields behind any proxy.
 */
import { foldHeader } from './identity.ts';

/** Fields of a single hop (RFC 9110 §7.6.1). Each proxy removes them. */
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

/** Fields of the message framing. Each proxy writes its own. */
export const OF_THE_MESSAGE: readonly string[] = ['Host', 'Content-Length', 'Expect'];

/** Fields that every app receives. Values from the client are always replaced. */
export const SET_FIELDS = [
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Real-IP',
  'Forwarded',
  'X-Request-Id',
] as const;

/** Those that contain the client's address alone. */
const ADDRESS_FIELDS: readonly string[] = ['X-Real-IP'];

/** Every field that contains the client's address alone, with the one in which proxies name it, if any. */
export function addressFields(clientField: string | null): readonly string[] {
  if (clientField === null || clientField.toLowerCase() === 'x-real-ip') return ADDRESS_FIELDS;
  return [...ADDRESS_FIELDS, clientField];
}

/**
 * Fields that some servers read instead of the request's own host, path, method or settings. No app
 * receives them, not even from a trusted proxy.
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
  // It made Next.js skip its own authorization (CVE-2025-29927).
  'X-Middleware-Subrequest',
  // They make Rack serve another file (CVE-2025-61780).
  'X-Sendfile-Type',
  'X-Accel-Mapping',
];

/** Fields that share a prefix. */
interface Family {
  /** Prefix of the names, compared folded. */
  readonly begins: string;
  /** Names in use, for proxies that can remove fields by exact name only. */
  readonly names: readonly string[];
}

/**
 * Fields in which proxies report the client's identity, address or certificate. Many apps trust
 * them, so apps receive only those from a trusted proxy.
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
    '-Meta-Jwks',
    '-Meta-Outpost',
    '-Meta-Provider',
    '-Meta-App',
    '-Meta-Version',
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
  // Beside the client's address and original path, fields with which a client steers Envoy itself.
  family('X-Envoy', [
    '-External-Address',
    '-Original-Path',
    '-Original-Host',
    '-Original-Dst-Host',
    '-Internal',
    '-Ip-Tags',
    '-Peer-Metadata',
    '-Peer-Metadata-Id',
    '-Downstream-Service-Cluster',
    '-Downstream-Service-Node',
    '-Force-Trace',
    '-Decorator-Operation',
    '-Retry-On',
    '-Retry-Grpc-On',
    '-Max-Retries',
    '-Upstream-Rq-Timeout-Ms',
    '-Upstream-Rq-Per-Try-Timeout-Ms',
    '-Upstream-Alt-Stat-Name',
  ]),
  family('Fastly-Client-IP', ['']),
  family('Client-IP', ['']),
];

function family(begins: string, endings: readonly string[]): Family {
  return { begins, names: endings.map((ending) => begins + ending) };
}

const OF_PROXIES = new RegExp(
  `^(?:${PROXY_FAMILIES.map(({ begins }) => foldHeader(begins)).join('|')})`,
);

/**
 * Whether a folded name is a field in which proxies describe clients. Check {@link OVERRIDES}
 * first.
 */
export function isOfProxies(folded: string): boolean {
  return OF_PROXIES.test(folded);
}

/**
 * Prefixes of the fields in which proxies describe clients, for a proxy that removes fields by
 * prefix. `X-Forwarded` is left out, because each proxy sets some of those fields itself.
 */
export function removedBeginnings(): readonly string[] {
  return PROXY_FAMILIES.map(({ begins }) => begins).filter((begins) => begins !== 'X-Forwarded');
}

/**
 * Exact names that a front proxy removes from client requests before an app sees them. Fields that
 * it sets are left out: {@link SET_FIELDS} and `managed`, such as the identity fields. Canonical
 * spelling, no duplicates.
 */
export function removedFields(managed: readonly string[]): readonly string[] {
  const set = new Set([...SET_FIELDS, ...managed].map(foldHeader));
  const names = [...OVERRIDES, ...PROXY_FAMILIES.flatMap((one) => one.names)];
  return names.filter((name) => !set.has(foldHeader(name)));
}

/**
 * Whether a name has only one reading on every server. nginx drops all other names by default, too.
 */
export function isPlainName(name: string): boolean {
  return /^[A-Za-z0-9-]+$/.test(name);
}
