/** The address of an app and how to connect to it, as configured. Pure data. */

/** How the TLS certificate of an app is checked. */
export interface UpstreamTls {
  /** PEM of the authorities to trust instead of the system's; null for the system's. */
  readonly ca: string | null;
  /** Server name to request and to expect in the certificate; null for the URL's host. */
  readonly servername: string | null;
  /** Accept any certificate. */
  readonly insecure: boolean;
}

/** The address of an app. */
export interface Upstream {
  /**
   * Origin and base path without a trailing slash: `http://wiki:8080/base`, `unix:/run/app.sock`.
   */
  readonly url: string;
  readonly tls: UpstreamTls;
  /** Requests that may wait for the app's response at the same time. */
  readonly connections: number;
}

/** Checks certificates with the system's authorities, for the URL's host. */
export const CHECKED_TLS: UpstreamTls = { ca: null, servername: null, insecure: false };

/** Default of `connections`. */
export const CONNECTIONS = 1024;

/** An upstream with defaults for everything but the URL. */
export function plainUpstream(url: string): Upstream {
  return { url, tls: CHECKED_TLS, connections: CONNECTIONS };
}
