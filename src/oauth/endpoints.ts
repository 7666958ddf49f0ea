/**
 * Where a provider may be asked. What a provider says of its own endpoints is believed only for its
 * own origin and for hosts that the operator or a preset lists: a metadata document must not make us
 * send requests, or browsers, to other machines.
 */

/** Which origins a provider has. */
export interface Realm {
  /** The issuer, or the URL of an endpoint. */
  readonly home: string;
  /** Further hosts, without a scheme; with a port where it is not that of the scheme. */
  readonly hosts: readonly string[];
}

/** Its origins, the first one that of `home`. All have the scheme of `home`. */
export function originsOf({ home, hosts }: Realm): readonly string[] {
  const { origin, protocol } = new URL(home);
  return [...new Set([origin, ...hosts.map((host) => new URL(`${protocol}//${host}`).origin)])];
}

/** Whether the provider may name the URL as an endpoint. */
export function isWithin(realm: Realm, url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, username, password, hash } = new URL(url);
  return username === '' && password === '' && hash === '' && originsOf(realm).includes(origin);
}
