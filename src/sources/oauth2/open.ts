/**
 * A plain OAuth 2 provider. It signs nothing: what it says over TLS about the token for which our own
 * code was redeemed is the proof.
 */
import { allowInsecureRequests, Configuration, customFetch } from 'openid-client';
import type { ProviderDoor, SourceTools } from '../../core/setup/adapters.ts';
import {
  type Passage,
  type Recheck,
  type Source,
  type SourceProfile,
  sourceRefused,
} from '../../core/sources/source.ts';
import { boundedClaims, claimAt, detailsOf, subjectOf } from '../../oauth/claims.ts';
import {
  authorizationUrl,
  fetchThrough,
  redeem,
  refresh,
  type Tokens,
} from '../../oauth/client.ts';
import { clientAuth } from '../../oauth/client-auth.ts';
import { GITHUB_JSON, githubDetails } from './github.ts';
import type { OauthOptions } from './options.ts';
import { resourceReader } from './resource.ts';

/** Before an access token that is kept in place of a refresh token: GitHub's does not expire. */
const LASTING = 'access:';

/** Connects to nothing yet. Problems `source/key`, `source/ca`. */
export async function openOauthSource(
  options: OauthOptions,
  { name, openDoor }: SourceTools,
): Promise<Source> {
  const door = await openDoor(options);
  const config = await configurationOf(options, door);
  const title = options.title === '' ? name : options.title;
  return {
    name,
    title,
    mark: options.mark === '' ? title.slice(0, 1).toUpperCase() : options.mark,
    origins: options.origins,
    returnsBy: 'query',
    provesAge: false,
    begin(passage, { username, prompt }) {
      const { scopes, parameters: extra } = options;
      return authorizationUrl(config, {
        passage,
        scopes,
        isOpenId: false,
        username,
        prompt,
        extra,
      });
    },
    finish: (passage, returned) => finish(config, options, { passage, returned }),
    recheck: (account, renewed) => recheck(config, options, account, renewed),
    signOutUrl: () => Promise.resolve(null),
    readLogout: () => Promise.reject(sourceRefused(new Error('OAuth 2 has no logout tokens'))),
    close: () => door.close(),
  };
}

async function configurationOf(options: OauthOptions, door: ProviderDoor): Promise<Configuration> {
  const { iss, authorizationUrl: page, tokenUrl, sendsIssuer } = options;
  const auth = await clientAuth(options.credential);
  const metadata = {
    issuer: iss,
    authorization_endpoint: page,
    token_endpoint: tokenUrl,
    authorization_response_iss_parameter_supported: sendsIssuer,
  };
  const config = new Configuration(metadata, options.clientId, {}, auth);
  config[customFetch] = fetchThrough(door);
  // The door decides where plain HTTP may go.
  allowInsecureRequests(config);
  return config;
}

async function finish(
  config: Configuration,
  options: OauthOptions,
  { passage, returned }: { readonly passage: Passage; readonly returned: URLSearchParams },
): Promise<SourceProfile> {
  if (passage.maxAge !== null) throw sourceRefused(new Error('OAuth 2 proves no time of sign-in'));
  const tokens = await redeem(config, passage, { returned, isOpenId: false });
  const profile = await profileOf(config, options, tokens);
  if (profile === null) throw sourceRefused(new Error('the provider refuses its own token'));
  return profile;
}

async function recheck(
  config: Configuration,
  options: OauthOptions,
  account: { readonly refreshToken: string; readonly subject: string },
  renewed: (refreshToken: string) => Promise<void>,
): Promise<Recheck> {
  const gone: Recheck = { stands: false, profile: null };
  const tokens = await tokensAnew(config, options, account.refreshToken);
  if (tokens === null) return gone;
  const { refreshToken } = tokens;
  if (refreshToken !== null && refreshToken !== account.refreshToken) await renewed(refreshToken);
  const profile = await profileOf(config, options, tokens);
  if (profile === null) return gone;
  if (profile.subject !== account.subject) {
    throw sourceRefused(new Error('the token is about another account'));
  }
  return { stands: true, profile };
}

async function tokensAnew(
  config: Configuration,
  { isGithub }: OauthOptions,
  secret: string,
): Promise<Tokens | null> {
  if (isGithub && secret.startsWith(LASTING)) {
    return { accessToken: secret.slice(LASTING.length), refreshToken: null, idToken: null };
  }
  const tokens = await refresh(config, secret);
  return tokens === null ? null : { ...tokens, refreshToken: tokens.refreshToken ?? secret };
}

/** Null if the access token does not count any more. */
async function profileOf(
  config: Configuration,
  options: OauthOptions,
  { accessToken, refreshToken }: Tokens,
): Promise<SourceProfile | null> {
  const { isGithub, userinfoUrl, fields, idField, issuer, emailTrust } = options;
  const accept = isGithub ? GITHUB_JSON : 'application/json';
  const read = resourceReader(config, { accessToken, accept });
  const user = await read(userinfoUrl);
  if (user === null) return null;
  const more = isGithub ? await githubDetails(read, options) : {};
  const claims = boundedClaims({ ...boundedClaims(user), ...more });
  return {
    ...detailsOf(claims, fields, emailTrust),
    subject: subjectOf(claimAt(claims, idField)),
    issuer,
    claims,
    sid: null,
    refreshToken: refreshToken ?? (isGithub ? `${LASTING}${accessToken}` : null),
    idToken: null,
  };
}
