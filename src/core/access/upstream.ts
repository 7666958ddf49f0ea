/** Where an app is and how it is reached, as the configuration says it. Pure data. */

/** What a TLS connection to an app is checked against. */
export interface UpstreamTls {
  /** PEM of the authorities to trust in place of the machine's own; null for those. */
  readonly ca: string | null;
  /** Name or address to ask for and to find in the certificate; null for the URL's own. */
  readonly servername: string | null;
  /** Accept any certificate. */
  readonly insecure: boolean;
}

/** An app's place. */
export interface Upstream {
  /** Origin and base path without a last slash: `http://wiki:8080/base`, `unix:/run/app.sock`. */
  readonly url: string;
  readonly tls: UpstreamTls;
  /** Requests that may wait for the app's answer at one time. */
  readonly connections: number;
}

/** Certificates are checked, by the machine's authorities, for the URL's own name. */
export const CHECKED_TLS: UpstreamTls = { ca: null, servername: null, insecure: false };

/** Default of `connections`. */
export const CONNECTIONS = 1024;

/** An upstream of which only the URL was said. */
export function plainUpstream(url: string): Upstream {
  return { url, tls: CHECKED_TLS, connections: CONNECTIONS };
}
