/** The options of an LDAP directory. Messages never repeat a value, since it may contain a password. */
import { z } from 'zod';
import { duration } from '../../schema/duration.ts';
import { directoryName } from '../../schema/names.ts';
import type { PasswordOperation } from './protocol/connection.ts';
import { parseDn } from './protocol/dn.ts';
import { isLoginFilter, parseFilter, type Placeholder, placeholdersOf } from './protocol/filter.ts';
import { PRESETS, type PresetName } from './presets.ts';

/** Most servers, and most attributes that are copied. */
const MAX_SERVERS = 8;
const MAX_ATTRIBUTES = 64;
const LOOPBACK = /^ldap:\/\/(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d+)?$/i;

const url = z
  .string()
  .max(300)
  .regex(
    /^ldaps?:\/\/(?:\[[0-9a-f:]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i,
    'expected ldaps://host, ldaps://host:port or ldap://host, without a path',
  );
const dn = z
  .string()
  .max(1024)
  .refine((text) => parseDn(text) !== null, {
    error: 'expected a distinguished name such as dc=example,dc=com',
  });
const attribute = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,127}$/, 'expected the name of an LDAP attribute');

/** A filter in which only these placeholders occur. */
function filterWith(...allowed: readonly Placeholder[]) {
  return z
    .string()
    .max(2048)
    .refine(
      (text) => {
        const filter = parseFilter(text);
        return filter !== null && [...placeholdersOf(filter)].every((one) => allowed.includes(one));
      },
      { error: `expected an LDAP filter such as (objectClass=person)${placeholderWords(allowed)}` },
    );
}

function placeholderWords(allowed: readonly Placeholder[]): string {
  return `, in which ${allowed.map((one) => `{${one}}`).join(' and ')} can stand for a value`;
}

const config = z
  .strictObject({
    name: directoryName
      .default('ldap')
      .describe('Prefix of its users’ ids. Required if there are two LDAP directories.'),
    preset: z
      .enum(['openldap', 'active_directory', 'freeipa', 'lldap'])
      .optional()
      .describe('Defaults for filter, fields, groups, disabled and email_verified.'),
    url: url.optional().describe('The server: ldaps://dc1.example.com.'),
    urls: z
      .array(url)
      .min(1)
      .max(MAX_SERVERS)
      .optional()
      .describe('Several servers with the same users. The first one that can be reached is used.'),
    start_tls: z
      .boolean()
      .prefault(false)
      .describe('Begins TLS on an ldap:// connection before anything else is sent.'),
    ca: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('PEM file with the authority of the server’s certificate. Default: those of Node.'),
    insecure: z
      .boolean()
      .prefault(false)
      .describe('Allows ldap:// without TLS to another machine. It sends passwords in clear text.'),
    bind_dn: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .describe('The account that searches. Default: anonymous searches.'),
    bind_password: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .describe('Its password, for example ${file:/run/secrets/ldap}.'),
    base: dn.describe('Where users are: dc=example,dc=com.'),
    filter: filterWith('login')
      .refine((text) => findsByLogin(text), {
        error: 'expected {login} in comparisons with =, such as (uid={login})',
      })
      .optional()
      .describe('Finds a user. `{login}` is the username as typed, and is escaped.'),
    fields: z
      .strictObject({
        id: attribute.optional().describe('A value that never changes, such as entryUUID.'),
        username: attribute.optional().describe('The username, with one value.'),
        display_name: attribute.optional().describe('The name shown to users.'),
        email: attribute.optional().describe('The email address.'),
        password_set: attribute.optional().describe('When the password was set.'),
      })
      .prefault({})
      .describe('Which LDAP attribute has which property of a user.'),
    attributes: z
      .record(z.string().regex(/^[A-Za-z_][\w-]{0,63}$/, 'expected a name'), attribute)
      .refine((map) => Object.keys(map).length <= MAX_ATTRIBUTES, {
        message: `expected at most ${MAX_ATTRIBUTES} attributes`,
      })
      .prefault({})
      .describe('Further attributes, by the name under `user.attributes`.'),
    groups: z
      .strictObject({
        source: z
          .enum(['member_of', 'search', 'none'])
          .optional()
          .describe('member_of reads the user’s memberOf; search looks for groups with `filter`.'),
        base: dn.optional().describe('Only groups below it count. Default: `base`.'),
        filter: filterWith('dn', 'login')
          .optional()
          .describe('Finds the groups of a user: `{dn}` is the user’s DN, `{login}` the username.'),
        name: attribute.optional().describe('The attribute with a group’s name. Default: cn.'),
      })
      .prefault({})
      .describe('How groups are found.'),
    disabled: z
      .string()
      .max(2048)
      .refine((text) => isDisabledRule(text), {
        error: 'expected user_account_control, ns_account_lock, never or an LDAP filter',
      })
      .optional()
      .describe('How disabled users are recognized: by an attribute, or by a filter they match.'),
    email_verified: z
      .boolean()
      .optional()
      .describe('Whether users cannot change `email` themselves, so that it counts as verified.'),
    fresh_for: duration({ least: 1_000, most: 3_600_000 })
      .prefault('60s')
      .describe('How long a user is served without asking the server again.'),
    timeout: duration({ least: 100, most: 60_000 })
      .prefault('5s')
      .describe('Time limit of each question to the server.'),
    write: z
      .boolean()
      .prefault(false)
      .describe('Lets users change their passwords here. The account of bind_dn needs the right.'),
    connections: z.int().min(1).max(64).prefault(4).describe('Most connections for searches.'),
  })
  .superRefine((options, context) => {
    const blame = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: path.split('.'), message });
    if ((options.url === undefined) === (options.urls === undefined)) {
      blame('url', 'expected either url or urls');
    }
    if ((options.bind_dn === undefined) !== (options.bind_password === undefined)) {
      blame('bind_password', 'bind_dn and bind_password go together');
    }
    const open = serversOf(options).filter((one) => /^ldap:/i.test(one) && !LOOPBACK.test(one));
    if (open.length > 0 && !options.start_tls && !options.insecure) {
      blame(
        options.url === undefined ? 'urls' : 'url',
        'expected ldaps://, or start_tls: true; without TLS, passwords would be sent in clear text',
      );
    }
    const isClear = serversOf(options).some((one) => /^ldap:/i.test(one)) && !options.start_tls;
    if (options.write && isClear) {
      blame('write', 'expected ldaps://, or start_tls: true; new passwords are only sent with TLS');
    }
    if (options.write && options.bind_dn === undefined) {
      blame('write', 'expected bind_dn, the account that sets passwords');
    }
    if (options.start_tls && serversOf(options).some((one) => /^ldaps:/i.test(one))) {
      blame('start_tls', 'only for ldap://; ldaps:// begins with TLS');
    }
    for (const [path, is] of lacking(options)) {
      if (is) blame(path, 'required without a preset');
    }
    const { source, filter: found } = options.groups;
    if (source === 'search' && found === undefined && options.preset === undefined) {
      blame('groups.filter', 'required for source: search');
    }
  });

function isDisabledRule(text: string): boolean {
  return (
    ['user_account_control', 'ns_account_lock', 'never'].includes(text) ||
    filterWith().safeParse(text).success
  );
}

function findsByLogin(text: string): boolean {
  const filter = parseFilter(text);
  // A fault of its own otherwise.
  return filter === null || isLoginFilter(filter);
}

type Parsed = z.output<typeof config>;

function serversOf({ url: one, urls }: Pick<Parsed, 'url' | 'urls'>): readonly string[] {
  return urls ?? (one === undefined ? [] : [one]);
}

function lacking({ preset, filter: found, fields }: Parsed): readonly [string, boolean][] {
  if (preset !== undefined) return [];
  return [
    ['filter', found === undefined],
    ['fields.id', fields.id === undefined],
    ['fields.username', fields.username === undefined],
  ];
}

/** How disabled users are recognized. */
type DisabledRule = 'user_account_control' | 'ns_account_lock' | 'never' | { filter: string };

/** How groups are found; null: there are none. */
type GroupRule =
  | { readonly source: 'member_of'; readonly base: string }
  | {
      readonly source: 'search';
      readonly base: string;
      readonly filter: string;
      readonly name: string;
    };

/** The options with all defaults. */
export interface LdapOptions {
  readonly name: string;
  readonly urls: readonly string[];
  readonly startTls: boolean;
  /** Path of a PEM file, or null. */
  readonly ca: string | null;
  /** Null: searches are anonymous. */
  readonly bind: { readonly dn: string; readonly password: string } | null;
  readonly base: string;
  readonly filter: string;
  /** LDAP attributes; `''` if a property has none. */
  readonly fields: {
    readonly id: string;
    readonly username: string;
    readonly displayName: string;
    readonly email: string;
    readonly passwordSet: string;
  };
  readonly attributes: Readonly<Record<string, string>>;
  readonly groups: GroupRule | null;
  readonly disabled: DisabledRule;
  readonly emailVerified: boolean;
  /** Milliseconds. */
  readonly freshFor: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly connections: number;
  /** How passwords are changed; null: they are changed elsewhere. */
  readonly write: PasswordOperation | null;
}

/** The schema of the options. */
export const ldapOptions = config.transform(withDefaults);

function withDefaults(options: Parsed): LdapOptions {
  const preset = presetOf(options.preset);
  const { fields, base } = options;
  const { bind_dn: bindDn, bind_password: password } = options;
  return {
    name: options.name,
    urls: serversOf(options),
    startTls: options.start_tls,
    ca: options.ca ?? null,
    bind: bindDn === undefined || password === undefined ? null : { dn: bindDn, password },
    base,
    filter: options.filter ?? preset.filter,
    fields: {
      id: fields.id ?? preset.fields.id,
      username: fields.username ?? preset.fields.username,
      displayName: fields.display_name ?? preset.fields.displayName,
      email: fields.email ?? preset.fields.email,
      passwordSet: fields.password_set ?? preset.fields.passwordSet,
    },
    attributes: options.attributes,
    groups: groupRule(options),
    disabled: disabledRule(options.disabled ?? preset.disabled),
    emailVerified: options.email_verified ?? preset.emailVerified,
    freshFor: options.fresh_for,
    timeout: options.timeout,
    connections: options.connections,
    write: options.write ? preset.write : null,
  };
}

function presetOf(name: PresetName | undefined) {
  return PRESETS[name ?? 'none'];
}

function groupRule({ groups, preset, base }: Parsed): GroupRule | null {
  const ours = presetOf(preset).groups;
  const source = groups.source ?? (groups.filter === undefined ? ours.source : 'search');
  if (source === 'none') return null;
  const below = groups.base ?? (ours.below === '' ? base : `${ours.below},${base}`);
  if (source === 'member_of') return { source, base: below };
  return {
    source,
    base: below,
    filter: groups.filter ?? ours.filter,
    name: groups.name ?? ours.name,
  };
}

function disabledRule(rule: string): DisabledRule {
  if (rule === 'user_account_control' || rule === 'ns_account_lock' || rule === 'never') {
    return rule;
  }
  return { filter: rule };
}
