/** The options of an OpenID Connect provider. */
import { z } from 'zod';
import type { EmailTrust, Fields } from '../../oauth/claims.ts';
import type { Credential } from '../../oauth/client-auth.ts';
import { clientOptions, credentialOf, insecurity, providerUrl } from '../../oauth/options.ts';
import { text } from '../../schema/words.ts';
import { PRESETS, type PresetName } from './presets.ts';

const MICROSOFT = 'https://login.microsoftonline.com';
/** Where personal accounts are. */
const PERSONAL = '9188040d-6c67-4c5b-b112-36a304b66dad';
const MAX_TENANTS = 100;

const { fields, ...client } = clientOptions;
const { id: _, ...claims } = fields.unwrap().shape;

const config = z
  .strictObject({
    preset: z
      .enum(['google', 'microsoft', 'gitlab', 'keycloak', 'authentik', 'authelia', 'apple'])
      .optional()
      .describe('Defaults for a provider.'),
    issuer: providerUrl
      .optional()
      .describe(
        'The issuer, exactly as the provider writes it: https://id.example.com/realms/main.',
      ),
    ...client,
    tenants: z
      .array(
        z
          .string()
          .regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'expected the id of a tenant'),
      )
      .min(1)
      .max(MAX_TENANTS)
      .optional()
      .describe('With microsoft: the ids of the tenants whose users may sign in.'),
    team_id: text(64).optional().describe('With apple: the id of the team.'),
    userinfo: z
      .boolean()
      .optional()
      .describe('Also reads the userinfo endpoint. Turn it off if the ID token says everything.'),
    fields: z
      .strictObject(claims)
      .prefault({})
      .describe('Which claim has which property: a name, or a path such as `realm_access.roles`.'),
  })
  .superRefine((options, context) => {
    const blame = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    const { preset, issuer, tenants } = options;
    const needsTenants = preset === 'microsoft';
    if (needsTenants && tenants === undefined) {
      blame('tenants', 'required with microsoft, or accounts of every company could sign in');
    }
    if (needsTenants && issuer !== undefined) blame('issuer', 'not with microsoft; use tenants');
    if (!needsTenants && tenants !== undefined) blame('tenants', 'only with preset: microsoft');
    if (issuer === undefined && !needsTenants && PRESETS[preset ?? 'none'].issuer === null) {
      blame(
        'issuer',
        preset === undefined ? 'required without a preset' : 'required with this preset',
      );
    }
    const open = issuer === undefined || options.insecure ? null : insecurity(issuer);
    if (open !== null) blame('issuer', open);
    for (const name of missing(options)) blame(name, 'required');
    if (preset !== 'apple' && options.team_id !== undefined)
      blame('team_id', 'only with preset: apple');
    if (options.scopes?.includes('openid') === false) {
      blame('scopes', 'expected openid among them, or there is no ID token');
    }
  });

type Parsed = z.output<typeof config>;

function missing(options: Parsed): readonly string[] {
  if (options.preset === 'apple' && options.client_auth === undefined) {
    return (['key', 'key_id', 'team_id'] as const).filter((name) => options[name] === undefined);
  }
  const credential = credentialOf(options);
  return typeof credential === 'string' ? [credential] : [];
}

/** The options with all defaults. */
export interface OidcOptions {
  readonly title: string;
  /** `''`: from the title. */
  readonly mark: string;
  /** The URL below which the metadata is. */
  readonly issuer: string;
  /** What the metadata calls it: with several tenants, it contains `{tenantid}`. */
  readonly publishedIssuer: string;
  /**
   * Tenants whose issuers are accepted in place of `issuer`; null for any other provider.
   */
  readonly tenants: readonly string[] | null;
  readonly clientId: string;
  readonly credential: Credential;
  readonly scopes: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
  readonly userinfo: boolean;
  readonly fields: Fields;
  readonly emailTrust: EmailTrust;
  readonly preset: PresetName;
  /** Path of a PEM file, or null. */
  readonly ca: string | null;
  readonly isInsecure: boolean;
}

/** The schema of the options. */
export const oidcOptions = config.transform(withDefaults);

function withDefaults(options: Parsed, context: z.RefinementCtx): OidcOptions {
  const name = options.preset ?? 'none';
  const preset = PRESETS[name];
  const credential = appleCredential(options) ?? credentialOf(options);
  const { issuer, tenants } = authorityOf(options);
  if (typeof credential === 'string' || issuer === null) {
    // Reported above.
    context.addIssue({ code: 'custom', message: 'incomplete' });
    return z.NEVER;
  }
  return {
    title: preset.title,
    mark: preset.mark,
    issuer,
    publishedIssuer: tenants === null ? issuer : `${MICROSOFT}/{tenantid}/v2.0`,
    tenants,
    clientId: options.client_id,
    credential,
    scopes: options.scopes ?? preset.scopes,
    parameters: { ...preset.parameters, ...options.authorization_params },
    hosts: options.hosts ?? preset.hosts,
    userinfo: options.userinfo ?? preset.userinfo,
    fields: {
      username: options.fields.username ?? preset.fields.username,
      displayName: options.fields.display_name ?? preset.fields.displayName,
      email: options.fields.email ?? preset.fields.email,
      emailVerified: options.fields.email_verified ?? preset.fields.emailVerified,
      groups: options.fields.groups ?? preset.fields.groups,
    },
    emailTrust: options.email_verified,
    preset: name,
    ca: options.ca ?? null,
    isInsecure: options.insecure,
  };
}

/** One tenant has an issuer of its own; several share an endpoint, and their tokens differ. */
function authorityOf({ preset, issuer, tenants }: Parsed) {
  if (preset !== 'microsoft') {
    return { issuer: issuer ?? PRESETS[preset ?? 'none'].issuer, tenants: null };
  }
  const [first, second] = tenants ?? [];
  const shared = tenants?.includes(PERSONAL) === true ? 'common' : 'organizations';
  const authority = second === undefined ? (first ?? null) : shared;
  return {
    issuer: authority === null ? null : `${MICROSOFT}/${authority}/v2.0`,
    tenants: second === undefined ? null : (tenants ?? null),
  };
}

function appleCredential({ preset, client_auth: auth, ...options }: Parsed): Credential | null {
  const { key: path, key_id: id, team_id: teamId } = options;
  const isWhole = path !== undefined && id !== undefined && teamId !== undefined;
  if (preset !== 'apple' || auth !== undefined || !isWhole) return null;
  return { method: 'apple', key: { path, id, algorithm: 'ES256' }, teamId };
}
