/**
 * What the configuration of a proxy in front is written from, and the writers that a dialect has for
 * its proxies. Knows no proxy's language.
 */
import { ARRIVE_PATH, HANDOVER_PATH, SIGN_OUT_PATH } from '../access/handover-request.ts';
import type { Dialect } from '../request/dialect.ts';

/** A dialect, and what `doorward generate` writes for the proxies that speak it. */
export interface ProxyDialect extends Dialect {
  /** One for each form of configuration; none if the operator writes it by hand. */
  readonly writers: readonly ProxyWriter[];
}

/** Writes one form of configuration of one proxy. */
export interface ProxyWriter {
  /** What `doorward generate` calls it. Unique among all dialects. */
  readonly target: string;
  /** Whether the proxy can reach Doorward through a unix socket. */
  readonly reachesSockets: boolean;
  /** Whether the proxy can set every one of the plan's `addressFields`. If not, only X-Real-IP. */
  readonly setsAddressFields: boolean;
  /** What the configuration must have first, or null; without it, the plan always suffices. */
  readonly lacks?: (plan: ProxyPlan) => string | null;
  /** Whether it respects `ProxyHost.matching`, so that apps may share a domain and port. */
  readonly matchesHosts?: boolean;
  /**
   * The whole configuration. It must never let a request reach an app without a check, and never let
   * a client set a header that only Doorward or the proxy may set.
   */
  write(plan: ProxyPlan): string;
}

/** A host with the port it is served on. */
export interface ProxyHost {
  /** An exact name, or `*.example.com`: every host one label below, some of which have no route. */
  readonly host: string;
  readonly port: number;
  /**
   * A regular expression that the whole host must match, without anchors. Null if `host` says enough:
   * Doorward refuses hosts without a route.
   */
  readonly matching: string | null;
  /** 0 for an exact name. Of hosts with patterns, the lowest that matches serves a request. */
  readonly rank: number;
}

/** Where an app listens. */
export interface ProxyUpstream {
  /** `h2c`: HTTP/2 in cleartext, without a base path. */
  readonly scheme: 'http' | 'https' | 'h2c';
  /**
   * The members, each with host and port, the port always stated, or `unix:/run/app.sock`. Of
   * several, the one with the fewest open requests is next.
   */
  readonly authorities: readonly [string, ...string[]];
  /** What the app’s own Host field contains. */
  readonly name: string;
  /** The name to find in its certificate. */
  readonly host: string;
  /** Base path without a trailing slash, or `''`. */
  readonly base: string;
}

/** One app behind the proxy. */
export interface ProxyApp {
  readonly id: string;
  readonly hosts: readonly ProxyHost[];
  /** Null: the configuration names none. */
  readonly upstream: ProxyUpstream | null;
  /** Names of the identity headers that the app receives: one of the plan's `identityLists`. */
  readonly identity: readonly string[];
  /** Only Doorward itself serves it as configured, so the proxy passes its requests on to Doorward. */
  readonly isBundled: boolean;
  readonly preserveHost: boolean;
  /** Origins whose preflights Doorward answers, for proxies that cannot pass the answer of a check on. */
  readonly preflightOrigins: readonly string[];
  /**
   * Whether the allow of a check has the Authorization field that the app receives: the client's own, or
   * empty for none. Tokens and passwords for Doorward then stay away from the app.
   */
  readonly takesAuthorization: boolean;
  /** Whether the proxy must ask its clients for a certificate. */
  readonly takesCertificates: boolean;
}

/** Everything that a generated configuration depends on. */
export interface ProxyPlan {
  /** The configuration file, for the first line. */
  readonly file: string;
  readonly scheme: 'http' | 'https';
  readonly portal: ProxyHost;
  /** Where the proxy reaches Doorward: `127.0.0.1:4747` or `unix:/run/doorward.sock`. */
  readonly doorward: string;
  /** Where Envoy asks over gRPC, in the same format; null if no listener serves it. */
  readonly grpc: string | null;
  /** Names of our cookies that browsers may send to an app. */
  readonly cookies: readonly string[];
  /** Names of all our cookies, without the prefixes `__Secure-` and `__Host-`. */
  readonly ownCookies: readonly string[];
  /**
   * Names of all identity headers of all apps, as configured. None of them may reach an app from a
   * client, not even those that the app does not receive.
   */
  readonly identity: readonly string[];
  /** The distinct lists of identity headers that apps receive. */
  readonly identityLists: readonly (readonly string[])[];
  /** Other spellings that CGI maps to the same variables. */
  readonly forgeries: readonly string[];
  /**
   * Fields that the proxy sets to the client's address alone, in each check and each request for an
   * app or Doorward.
   */
  readonly addressFields: readonly string[];
  /** The field in which checks name the client, as `client_address` says; null: X-Forwarded-For. */
  readonly clientField: string | null;
  /**
   * The field in which the proxy passes the client's certificate on to Doorward; null if none counts. It
   * must be set in each check and each request for Doorward, or be empty, and never reach an app.
   */
  readonly certificateField: string | null;
  /** Fields of a client that no app may see, in addition to the identity headers. */
  readonly removed: readonly string[];
  readonly apps: readonly ProxyApp[];
}

/** Headers in which other proxies report the original request. No client may send them through this one. */
export const OTHER_PROXY_HEADERS = [
  'X-Original-URL',
  'X-Original-Method',
  'X-Auth-Request-Redirect',
  'X-Envoy-Original-Path',
  'X-Envoy-Original-Host',
];

/** Paths below `/.doorward/` on an app's host that Doorward serves; the rest there is reserved. */
export const OWN_PATHS: readonly string[] = [SIGN_OUT_PATH, HANDOVER_PATH, ARRIVE_PATH];

/** A host as browsers write it: with its port, unless that is the scheme's default. */
export function authorityOf(
  { scheme }: Pick<ProxyPlan, 'scheme'>,
  { host, port }: Pick<ProxyHost, 'host' | 'port'>,
): string {
  return port === (scheme === 'https' ? 443 : 80) ? host : `${host}:${port}`;
}

/**
 * Ends the name of what all apps with the same identity headers share: `''` for the first list,
 * `-2` for the second.
 */
export function listSuffix({ identityLists }: ProxyPlan, names: readonly string[]): string {
  const at = identityLists.indexOf(names);
  if (at === -1) throw new TypeError('the plan lacks a list of identity headers');
  return at === 0 ? '' : `-${at + 1}`;
}

/** The text as part of a name in the proxy's configuration. */
export function identifier(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '_');
}

/** The text as a regular expression that matches it. */
export function quotedRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
