/** The addresses of an app and how to connect to them, as configured. Pure data. */
import type { MessageRules } from './messages.ts';

/** How the TLS certificate of an app is checked, and which one it is shown. */
export interface UpstreamTls {
  /** PEM of the authorities to trust instead of the system's; null for the system's. */
  readonly ca: string | null;
  /** Server name to request and to expect in the certificate; null for the URL's host. */
  readonly servername: string | null;
  /** Accept any certificate. */
  readonly insecure: boolean;
  /** The gateway's own certificate with its chain, and its key, as PEM; null for none. */
  readonly identity: { readonly cert: string; readonly key: string } | null;
}

/** How the member for a request is chosen; the first is the default. */
export const BALANCES = ['least_busy', 'first', 'hash'] as const;
export type Balance = (typeof BALANCES)[number];

/** A request that each member is sent from time to time, to see whether it works. */
export interface HealthCheck {
  /** Path and query, as they are sent. */
  readonly path: string;
  /** Milliseconds between two checks. */
  readonly every: number;
  /** Milliseconds for the response to begin. */
  readonly timeout: number;
  /** Failed checks in a row after which a member is down. */
  readonly fails: number;
  /** Passed checks in a row after which it is up again. */
  readonly passes: number;
  /** Statuses that pass; null for 200 to 399. */
  readonly statuses: readonly number[] | null;
}

/** What one `upstream` of the configuration says: where an app runs, and how to connect to it. */
export interface UpstreamGroup {
  /**
   * The members in their configured order, each an origin and base path without a trailing slash:
   * `http://wiki:8080/base`, `h2c://rpc:50051`, `unix:/run/app.sock`. All have the same scheme and base path.
   */
  readonly urls: readonly [string, ...string[]];
  readonly balance: Balance;
  /** Null for no checks. */
  readonly health: HealthCheck | null;
  readonly tls: UpstreamTls;
  /** Requests that may wait for the app's response at the same time, over all members. */
  readonly connections: number;
  /** Time limit for the app to start its response, in milliseconds. */
  readonly timeout: number;
  /** What changes in the messages to and from the app; null for nothing. */
  readonly messages: MessageRules | null;
}

/** Checks certificates with the system's authorities, for the URL's host. */
export const CHECKED_TLS: UpstreamTls = {
  ca: null,
  servername: null,
  insecure: false,
  identity: null,
};

/** Default of `connections`. */
export const CONNECTIONS = 1024;

/** Whether the app at this address speaks HTTP/2 in cleartext. */
export function isHttp2(text: string): boolean {
  return text.startsWith('h2c:');
}

/** The address with `http:` for `h2c:`, whose hosts and ports URL does not understand. */
export function httpUrl(text: string): string {
  return text.replace(/^h2c:/i, 'http:');
}

/** A group of one member, with defaults for everything but its URL and the time limit. */
export function plainUpstream(url: string, timeout: number): UpstreamGroup {
  return {
    urls: [url],
    balance: BALANCES[0],
    health: null,
    tls: CHECKED_TLS,
    connections: CONNECTIONS,
    timeout,
    messages: null,
  };
}

/** The upstreams of all routes and paths, each once. */
export function upstreamsOf({ routes }: UpstreamTable): ReadonlySet<UpstreamGroup> {
  const rules = routes.flatMap((route) => route.rules);
  return new Set(rules.flatMap(({ passage }) => passage.upstream ?? []));
}

/** Routes as far as their upstreams are concerned. */
export interface UpstreamTable {
  readonly routes: readonly {
    readonly rules: readonly { readonly passage: { readonly upstream: UpstreamGroup | null } }[];
  }[];
}
