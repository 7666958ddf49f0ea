/** The options of a plain OAuth 2 provider. */
import { z } from 'zod';
import type { EmailTrust, Fields } from '../../oauth/claims.ts';
import type { Credential } from '../../oauth/client-auth.ts';
import {
  allOrigins,
  clientOptions,
  credentialOf,
  insecurity,
  providerUrl,
} from '../../oauth/options.ts';

const GITHUB = 'https://github.com';
const { hosts: _, ...client } = clientOptions;
const URLS = ['authorization_url', 'token_url', 'userinfo_url'] as const;

const config = z
  .strictObject({
    preset: z.enum(['github']).optional().describe('Defaults for a provider.'),
    url: providerUrl.optional().describe('With github: the address of a GitHub Enterprise Server.'),
    issuer: providerUrl
      .optional()
      .describe(
        'What the provider returns as `iss`, if it returns one. Subjects are unique in it; without it, in `userinfo_url`.',
      ),
    authorization_url: providerUrl.optional().describe('Where browsers sign in.'),
    token_url: providerUrl.optional().describe('Where Doorward redeems a code.'),
    userinfo_url: providerUrl.optional().describe('Where Doorward reads the user, as JSON.'),
    ...client,
  })
  .superRefine((options, context) => {
    const blame = (path: readonly string[], message: string): void =>
      context.addIssue({ code: 'custom', path: [...path], message });
    const isGithub = options.preset === 'github';
    for (const name of URLS) {
      if (!isGithub && options[name] === undefined) blame([name], 'required without a preset');
    }
    for (const name of ['url', 'issuer', ...URLS] as const) {
      const url = options[name];
      const open = url === undefined || options.insecure ? null : insecurity(url);
      if (open !== null) blame([name], open);
    }
    if (!isGithub && options.url !== undefined) blame(['url'], 'only with preset: github');
    if (!isGithub && options.fields.id === undefined) {
      blame(['fields', 'id'], 'required without a preset, for example id');
    }
    if (options.scopes?.includes('openid') === true) {
      blame(['scopes'], 'expected no openid; use type: oidc, which verifies ID tokens');
    }
    const credential = credentialOf(options);
    if (typeof credential === 'string') blame([credential], 'required');
  });

type Parsed = z.output<typeof config>;

/** The options with all defaults. */
export interface OauthOptions {
  /** `''`: the name of the source. */
  readonly title: string;
  readonly mark: string;
  /** In what subjects are unique. */
  readonly issuer: string;
  /** The only `iss` that an answer may have. */
  readonly iss: string;
  /** Whether an answer without `iss` is refused (RFC 9207). */
  readonly sendsIssuer: boolean;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  readonly userinfoUrl: string;
  readonly origins: readonly string[];
  readonly clientId: string;
  readonly credential: Credential;
  readonly scopes: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly idField: string;
  readonly fields: Fields;
  readonly emailTrust: EmailTrust;
  readonly isGithub: boolean;
  /** Path of a PEM file, or null. */
  readonly ca: string | null;
  readonly isInsecure: boolean;
}

/** The schema of the options. */
export const oauthOptions = config.transform(withDefaults);

function withDefaults(options: Parsed, context: z.RefinementCtx): OauthOptions {
  const isGithub = options.preset === 'github';
  const urls = isGithub ? { ...githubUrls(options.url), ...given(options) } : given(options);
  const { authorizationUrl, tokenUrl, userinfoUrl } = urls;
  const credential = credentialOf({
    ...options,
    ...(isGithub ? { client_auth: options.client_auth ?? 'client_secret_post' } : {}),
  });
  const isWhole =
    authorizationUrl !== undefined && tokenUrl !== undefined && userinfoUrl !== undefined;
  if (!isWhole || typeof credential === 'string') {
    // Reported above.
    context.addIssue({ code: 'custom', message: 'incomplete' });
    return z.NEVER;
  }
  const { fields } = options;
  return {
    title: isGithub ? 'GitHub' : '',
    mark: isGithub ? 'GH' : '',
    // Realms of one host number their users independently, and the user is what this URL says.
    issuer: urls.issuer ?? userinfoUrl,
    iss: urls.issuer ?? new URL(authorizationUrl).origin,
    sendsIssuer: isGithub && urls.issuer === `${GITHUB}/login/oauth`,
    authorizationUrl,
    tokenUrl,
    userinfoUrl,
    origins: allOrigins([authorizationUrl], []),
    clientId: options.client_id,
    credential,
    scopes: options.scopes ?? (isGithub ? ['user:email'] : []),
    parameters: options.authorization_params,
    idField: fields.id ?? 'id',
    fields: {
      username: fields.username ?? (isGithub ? 'login' : 'username'),
      displayName: fields.display_name ?? 'name',
      email: fields.email ?? 'email',
      emailVerified: fields.email_verified ?? 'email_verified',
      groups: fields.groups ?? 'groups',
    },
    emailTrust: options.email_verified,
    isGithub,
    ca: options.ca ?? null,
    isInsecure: options.insecure,
  };
}

interface Urls {
  readonly issuer?: string;
  readonly authorizationUrl?: string;
  readonly tokenUrl?: string;
  readonly userinfoUrl?: string;
}

function given(options: Parsed): Urls {
  const { issuer, authorization_url, token_url, userinfo_url } = options;
  return {
    ...(issuer === undefined ? {} : { issuer }),
    ...(authorization_url === undefined ? {} : { authorizationUrl: authorization_url }),
    ...(token_url === undefined ? {} : { tokenUrl: token_url }),
    ...(userinfo_url === undefined ? {} : { userinfoUrl: userinfo_url }),
  };
}

/** GitHub, or a server of one's own, whose API is below /api/v3. */
function githubUrls(server: string | undefined): Urls {
  const base = (server ?? GITHUB).replace(/\/$/, '');
  return {
    issuer: `${base}/login/oauth`,
    authorizationUrl: `${base}/login/oauth/authorize`,
    tokenUrl: `${base}/login/oauth/access_token`,
    userinfoUrl: server === undefined ? 'https://api.github.com/user' : `${base}/api/v3/user`,
  };
}
