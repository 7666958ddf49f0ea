/**
 * Links the options that change the messages of an app. Values can be secrets, so no fault shows a line
 * of the file.
 */
import {
  type BadPlaceholder,
  basicValue,
  fieldValue,
  type Template,
  template,
} from '../../core/access/field-value.ts';
import {
  foldHeader,
  hasControls,
  type IdentityTextOptions,
  type ReservedNames,
} from '../../core/access/identity.ts';
import {
  HOP_BY_HOP,
  OF_THE_MESSAGE,
  OVERRIDES,
  SET_FIELDS,
} from '../../core/access/request-fields.ts';
import { canonicalHost, isWithin } from '../../core/request/host.ts';
import { enclosingDomain } from '../../core/routes/hosts.ts';
import type { FieldValue, MessageRules, Rewrites, SetField } from '../../core/routes/messages.ts';
import type { RouteHost } from '../../core/routes/route.ts';
import type { RouteConfig } from '../schema/schema.ts';
import { below, blame, type Spot, withoutSource } from '../faults/spot.ts';
import { suggest } from '../faults/suggestion.ts';
import { HEADER_NAME, SOURCES } from './identity.ts';

/** What message options are linked with. */
export interface MessageTools extends IdentityTextOptions {
  readonly identity: ReservedNames;
}

type UpstreamObject = Exclude<NonNullable<RouteConfig['upstream']>, string>;

/** Fields with a meaning for the connection or the gateway, folded. */
const FORBIDDEN: ReadonlySet<string> = new Set(
  [...HOP_BY_HOP, ...OF_THE_MESSAGE, ...SET_FIELDS, ...OVERRIDES, 'Cookie', 'Set-Cookie'].map(
    foldHeader,
  ),
);

/** The rules of an upstream; null if its messages stay as they are. */
export function linkMessages(
  { headers, basic, rewrite }: Pick<UpstreamObject, 'headers' | 'basic' | 'rewrite'>,
  hosts: readonly RouteHost[],
  shown: Spot,
  tools: MessageTools,
): MessageRules | null {
  const spot = withoutSource(shown);
  const names = new Map<string, string>();
  const set: SetField[] = [];
  for (const [name, text] of Object.entries(headers?.set ?? {})) {
    const at = below(spot, 'headers', 'set', name);
    checkName(name, names, at, tools);
    const value = linkText(text, at, tools);
    if (value !== null) set.push({ name, value: fieldValue(value) });
  }
  for (const [index, name] of (headers?.remove ?? []).entries()) {
    const at = below(spot, 'headers', 'remove', index);
    if (names.has(foldHeader(name))) blame(at, 'has no effect: a header that is set replaces it');
    else checkName(name, names, at, tools);
  }
  const authorization = basic === undefined ? null : linkBasic(basic, below(spot, 'basic'), tools);
  if (basic !== undefined) {
    const named = names.get('authorization');
    if (named !== undefined) {
      blame(below(spot, 'basic'), `sets ${named} too; remove one of them`, null, 'key');
    }
    names.set('authorization', 'Authorization');
  }
  const rewrites = rewrite === undefined ? null : linkRewrites(rewrite, hosts, spot);
  if (names.size === 0 && rewrites === null) return null;
  const folded = new Set([...tools.identity.folded, ...names.keys()]);
  return { set, authorization, folded, rewrites };
}

function checkName(
  name: string,
  names: Map<string, string>,
  at: Spot,
  { identity }: MessageTools,
): void {
  const folded = foldHeader(name);
  const twin = names.get(folded);
  const { clientField } = identity;
  const isClient = clientField !== null && foldHeader(clientField) === folded;
  names.set(folded, name);
  if (!HEADER_NAME.test(name)) {
    blame(at, 'expected a header name of letters, digits and hyphens', null, 'key');
  } else if (FORBIDDEN.has(folded) || folded.startsWith('secwebsocket') || isClient) {
    blame(at, `${name} is written by Doorward for each request`, null, 'key');
  } else if (identity.folded.has(folded)) {
    blame(at, `${name} is an identity header, which identity.headers sets`, null, 'key');
  } else if (twin !== undefined) {
    blame(at, `apps may confuse this with ${twin}; remove one of them`, null, 'key');
  }
}

/** The text; null once its fault has been noted. */
function linkText(text: string, spot: Spot, options: IdentityTextOptions): Template | null {
  const compiled = template(text, options);
  if (isBad(compiled)) {
    const expected = SOURCES.map((source) => `{${source}}`).join(', ');
    const message = `expected placeholders among ${expected} and {user.attributes.NAME}`;
    const hint = suggest(compiled.unknown, SOURCES);
    blame(spot, message, hint === null ? null : hint.replace(/[\w.]+/, '{$&}'));
    return null;
  }
  if (compiled.fixed !== null && hasControls(compiled.fixed)) {
    blame(spot, 'must not contain line ends or other control characters');
    return null;
  }
  return compiled;
}

function isBad(compiled: Template | BadPlaceholder): compiled is BadPlaceholder {
  return 'unknown' in compiled;
}

function linkBasic(
  { user, password }: NonNullable<UpstreamObject['basic']>,
  spot: Spot,
  tools: MessageTools,
): FieldValue | null {
  const at = below(spot, 'user');
  const name = linkText(user, at, tools);
  const secret = linkText(password, below(spot, 'password'), tools);
  if (name?.fixed?.includes(':') === true) {
    blame(at, 'must not contain a colon, which ends the username (RFC 7617)');
  }
  return name === null || secret === null ? null : basicValue(name, secret);
}

function linkRewrites(
  {
    location,
    cookie_domain: domain,
    cookie_path: cookiePath,
  }: NonNullable<UpstreamObject['rewrite']>,
  hosts: readonly RouteHost[],
  spot: Spot,
): Rewrites | null {
  const cookieDomain =
    domain === undefined
      ? null
      : linkCookieDomain(domain, hosts, below(spot, 'rewrite', 'cookie_domain'));
  if (!location && !cookiePath && cookieDomain === null) return null;
  return { location, cookieDomain, cookiePath };
}

/** A domain for which browsers accept cookies of every host of the route, or `none`. */
function linkCookieDomain(text: string, hosts: readonly RouteHost[], spot: Spot): string {
  if (text === 'none') return text;
  const authority = canonicalHost(text.replace(/^\./, ''), 'https');
  if (authority === null || /[:*]/.test(text)) {
    blame(spot, 'expected a domain such as example.com, or none');
    return text;
  }
  const outside = hosts.find(({ name }) => !isWithin(enclosingDomain(name), authority.host));
  if (outside !== undefined) {
    blame(spot, `browsers would refuse the cookies: ${outside.name} is not within this domain`);
  }
  return authority.host;
}
