/** The addresses of an app and how to connect to them, as configured. Pure data. */
import type { MessageRules } from './messages.ts';

/** How the TLS certificate of an app is checked. */
export interface UpstreamTls {
  /** PEM of the authorities to trust instead of the system's; null for the system's. */
  readonly ca: string | null;
  /** Server name to request and to expect in the certificate; null for the URL's host. */
  readonly servername: string | null;
  /** Accept any certificate. */
  readonly insecure: boolean;
}

/** What one `upstream` of the configuration says: where an app runs, and how to connect to it. */
export interface UpstreamGroup {
  /**
   * The members in their configured order, each an origin and base path without a trailing slash:
   * `http://wiki:8080/base`, `unix:/run/app.sock`. All have the same scheme and base path.
   */
  readonly urls: readonly [string, ...string[]];
  readonly tls: UpstreamTls;
  /** Requests that may wait for the app's response at the same time, over all members. */
  readonly connections: number;
  /** Time limit for the app to start its response, in milliseconds. */
  readonly timeout: number;
  /** What changes in the messages to and from the app; null for nothing. */
  readonly messages: MessageRules | null;
}

/** Checks certificates with the system's authorities, for the URL's host. */
export const CHECKED_TLS: UpstreamTls = { ca: null, servername: null, insecure: false };

/** Default of `connections`. */
export const CONNECTIONS = 1024;

/** A group of one member, with defaults for everything but its URL and the time limit. */
export function plainUpstream(url: string, timeout: number): UpstreamGroup {
  return { urls: [url], tls: CHECKED_TLS, connections: CONNECTIONS, timeout, messages: null };
}
