/** Links identity headers: valid names without another meaning, and existing values. */
import {
  foldHeader,
  type IdentityHeader,
  type IdentityHeaders,
  identityHeaders,
  identitySource,
} from '../../core/access/identity.ts';
import type { Config } from '../schema/schema.ts';
import { below, blame, type Spot } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';

/** RFC 9110 §5.6.2 without `_` and `.`, because proxies drop or rename such headers. */
export const HEADER_NAME = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;

/** Headers with a meaning in HTTP or in the gateway; compared folded. */
const TAKEN = new Set(
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

/** The headers. Notes faults for those that are not possible. */
export function linkIdentity(config: Config, root: Spot): IdentityHeaders {
  const seen = new Map<string, string>();
  const headers: IdentityHeader[] = [];
  for (const [name, path] of Object.entries(config.identity.headers)) {
    const spot = below(root, 'identity', 'headers', name);
    checkName(name, seen, spot);
    const value = identitySource(path, { unverifiedEmail: config.identity.unverified_email });
    if (value === null) {
      const message = `expected one of ${SOURCES.join(', ')} or user.attributes.NAME`;
      blame(spot, message, suggest(path, SOURCES));
    } else headers.push({ name, value });
  }
  const assertion = config.identity.jwt?.header ?? null;
  if (assertion !== null) checkName(assertion, seen, below(root, 'identity', 'jwt', 'header'));
  return identityHeaders(headers, assertion);
}

function checkName(name: string, seen: Map<string, string>, spot: Spot): void {
  const folded = foldHeader(name);
  const twin = seen.get(folded);
  if (!HEADER_NAME.test(name)) {
    blame(spot, 'expected a header name of letters, digits and hyphens', null, 'key');
  } else if (TAKEN.has(folded)) {
    blame(spot, `${name} has a meaning in HTTP; choose another header`, null, 'key');
  } else if (twin !== undefined) {
    blame(spot, `apps may confuse this with ${twin}; choose another header`, null, 'key');
  }
  seen.set(folded, name);
}
