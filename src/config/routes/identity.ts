/** Links identity headers: valid names without another meaning, and existing values. */
import {
  COMMAS,
  foldHeader,
  identitySource,
  type ReservedNames,
  reservedNames,
} from '../../core/access/identity.ts';
import { IDENTITY_PRESETS, type IdentityPreset } from '../../core/access/identity-presets.ts';
import type { IdentityHeader, IdentityHeaders } from '../../core/people/identity.ts';
import type { IdentityConfig } from '../schema/options/identity-schema.ts';
import type { Config } from '../schema/schema.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';

/** RFC 9110 §5.6.2 without `_` and `.`, because proxies drop or rename such headers. */
export const HEADER_NAME = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;

/** Headers with a meaning in HTTP or in the gateway; compared folded. */
export const TAKEN: ReadonlySet<string> = new Set(
  [
    'connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer',
    'transfer-encoding upgrade host cookie set-cookie authorization content-length content-type',
    'content-encoding content-range expect range accept accept-encoding accept-language origin',
    'referer user-agent forwarded via x-forwarded-for x-forwarded-host x-forwarded-proto',
    'x-forwarded-port x-forwarded-uri x-forwarded-method x-forwarded-prefix x-forwarded-server',
    'x-real-ip x-original-url x-original-method x-original-uri x-request-id date server location',
    'cache-control if-match if-none-match if-modified-since sec-fetch-mode sec-fetch-site',
    'sec-fetch-dest sec-websocket-key sec-websocket-protocol sec-websocket-version',
    'x-http-method-override x-requested-with traceparent tracestate',
  ]
    .join(' ')
    .split(' ')
    .map(foldHeader),
);

/** What a value can be read from, besides `user.attributes.NAME`. */
export const SOURCES: readonly string[] = [
  'user.id',
  'user.name',
  'user.email',
  'user.email_verified',
  'user.display_name',
  'user.groups',
];

/**
 * Most names over all routes. A check's reply contains all of them, and a proxy's file deletes each
 * in many spellings.
 */
const MAX_NAMES = 64;

/** What apps receive, and the names that no client may send. */
export interface Identities {
  readonly reserved: ReservedNames;
  /** By the index of the route. */
  ofRoute(index: number): IdentityHeaders;
}

/** A name that some identity has reserved. */
interface Taken {
  readonly name: string;
  readonly by: string;
}

/** What identities are linked with. */
interface IdentityTools {
  /** The portal's. */
  readonly origin: string;
  /** The header in which trusted peers name the client; null for X-Forwarded-For. */
  readonly clientField: string | null;
  /** The header in which they pass client certificates on; null for none. */
  readonly certificateField: string | null;
}

interface Linking {
  /** URL of the public keys. */
  readonly keys: string;
  /** What the headers in which trusted peers describe the client are for, by their folded names. */
  readonly ofProxies: ReadonlyMap<string, string>;
  /** The names of all routes by their folded form. */
  readonly spelled: Map<string, Taken>;
}

/** The headers of all routes. A route's own `identity` replaces that of the main file as a whole. */
export function linkIdentities(
  config: Config,
  { origin, clientField, certificateField }: IdentityTools,
  root: Spot,
): Identities {
  const keys = `${origin}/.well-known/jwks.json`;
  const ofProxies = new Map<string, string>();
  if (clientField !== null)
    ofProxies.set(foldHeader(clientField), 'names the client (client_address)');
  if (certificateField !== null) {
    ofProxies.set(foldHeader(certificateField), 'has the client’s certificate (certificates)');
  }
  const linking: Linking = { keys, ofProxies, spelled: new Map() };
  const shared = linkIdentity(config.identity, below(root, 'identity'), linking);
  const own = new Map<number, IdentityHeaders>();
  for (const [index, { identity }] of config.routes.entries()) {
    if (identity === undefined) continue;
    const spot = below(root, 'routes', index, 'identity');
    own.set(index, linkIdentity(identity, spot, linking));
  }
  const reserved = reservedNames([shared, ...own.values()], { clientField, certificateField });
  if (reserved.names.length > MAX_NAMES) {
    blame(
      below(root, 'identity'),
      `${reserved.names.length} header names over all routes; expected at most ${MAX_NAMES}`,
    );
  }
  return { reserved, ofRoute: (index) => own.get(index) ?? shared };
}

/** Notes faults for headers that are not possible. */
function linkIdentity(config: IdentityConfig, spot: Spot, linking: Linking): IdentityHeaders {
  const seen = new Map<string, Taken>();
  const headers: IdentityHeader[] = [];
  const assertions: string[] = [];
  const add = (name: string, by: string, at: Spot): void =>
    checkName(name, { by, at, seen, linking });
  const { unverified_email: unverifiedEmail, preset, jwt } = config;
  const presets = preset ?? (config.headers === undefined ? (['remote'] as const) : []);
  for (const one of presets) {
    const rows: IdentityPreset = IDENTITY_PRESETS[one];
    const at = preset === undefined ? spot : below(spot, 'preset');
    for (const [name, path] of Object.entries(rows.headers)) {
      add(name, `the preset ${one}`, at);
      const value =
        path === 'keys'
          ? () => linking.keys
          : identitySource(path, { unverifiedEmail, list: rows.list });
      if (value !== null) headers.push({ name, value });
    }
    for (const name of rows.assertions) add(name, `the preset ${one}`, at);
    assertions.push(...rows.assertions);
  }
  for (const [name, path] of Object.entries(config.headers ?? {})) {
    const at = below(spot, 'headers', name);
    add(name, 'headers', at);
    const value = identitySource(path, { unverifiedEmail, list: COMMAS });
    if (value === null) {
      const message = `expected one of ${SOURCES.join(', ')} or user.attributes.NAME`;
      blame(at, message, suggest(path, SOURCES));
    } else headers.push({ name, value });
  }
  if (jwt !== undefined) {
    add(jwt.header, 'jwt', below(spot, 'jwt', 'header'));
    assertions.push(jwt.header);
  }
  return { headers, assertions };
}

interface NameCheck {
  readonly by: string;
  readonly at: Spot;
  /** The names of this identity by their folded form. */
  readonly seen: Map<string, Taken>;
  readonly linking: Linking;
}

function checkName(name: string, { by, at, seen, linking }: NameCheck): void {
  const { spelled, ofProxies } = linking;
  const folded = foldHeader(name);
  const twin = seen.get(folded);
  const other = spelled.get(folded);
  if (!HEADER_NAME.test(name)) {
    blame(at, 'expected a header name of letters, digits and hyphens', null, 'key');
  } else if (TAKEN.has(folded)) {
    blame(at, `${name} has a meaning in HTTP; choose another header`, null, 'key');
  } else if (ofProxies.has(folded)) {
    blame(at, `${name} ${ofProxies.get(folded)}; choose another header`, null, 'key');
  } else if (twin?.name === name) {
    blame(at, `duplicate header: ${name} is sent by ${twin.by}, too`, null, 'key');
  } else if (twin !== undefined) {
    blame(at, `apps may confuse this with ${twin.name}; choose another header`, null, 'key');
  } else if (other !== undefined && other.name.toLowerCase() !== name.toLowerCase()) {
    blame(at, `another route spells this header ${other.name}; use one spelling`, null, 'key');
  }
  seen.set(folded, { name, by });
  spelled.set(folded, { name, by });
}
