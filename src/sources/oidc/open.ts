/** An OpenID Connect provider, over the authorization code flow. */
import { buildEndSessionUrl, fetchUserInfo } from 'openid-client';
import type { SourceTools } from '../../core/setup/adapters.ts';
import {
  type Passage,
  type Recheck,
  type Source,
  type SourceProfile,
  sourceRefused,
} from '../../core/sources/source.ts';
import { boundedClaims, type Claims, detailsOf, isText, subjectOf } from '../../oauth/claims.ts';
import { authorizationUrl, redeem, refresh, type Tokens } from '../../oauth/client.ts';
import { clientAuth } from '../../oauth/client-auth.ts';
import { originsOf } from '../../oauth/endpoints.ts';
import { problemOf } from '../../oauth/faults.ts';
import type { OidcOptions } from './options.ts';
import { PRESETS } from './presets.ts';
import { type Ages, AGES, createProvider, type Provider } from './provider.ts';
import { readIdToken, readLogoutToken } from './tokens.ts';

/** Longest ID token that fits into a URL. */
const MAX_HINT = 4096;
const MAX_SID = 255;
const MAX_FORM_NAME = 2048;
/** Claims about a token, not about the user; every token has others. */
const OF_TOKEN = new Set(['at_hash', 'aud', 'azp', 'c_hash', 'exp', 'iat', 'jti', 'nbf', 'nonce']);

/** Connects to nothing yet. Problems `source/key`, `source/ca`. */
export async function openOidcSource(
  options: OidcOptions,
  { name, clock, openDoor }: SourceTools,
  ages: Ages = AGES,
): Promise<Source> {
  const auth = await clientAuth(options.credential);
  const door = await openDoor(options);
  const provider = createProvider({ options, auth, door, ages }, clock);
  const { title, mark, issuer, hosts, preset } = options;
  const { returnsBy } = PRESETS[preset];
  const shownTitle = title === '' ? name : title;

  return {
    name,
    title: shownTitle,
    mark: mark === '' ? shownTitle.slice(0, 1).toUpperCase() : mark,
    origins: originsOf({ home: issuer, hosts }),
    returnsBy,
    provesAge: true,
    async begin(passage, { username, prompt, isLasting }) {
      const { config } = await provider();
      const lasting = isLasting === true ? PRESETS[preset].lasting : { scopes: [], parameters: {} };
      const extra = {
        ...lasting.parameters,
        ...options.parameters,
        ...(returnsBy === 'query' ? {} : { response_mode: returnsBy }),
      };
      const scopes = [...new Set([...options.scopes, ...lasting.scopes])];
      return authorizationUrl(config, { passage, scopes, isOpenId: true, username, prompt, extra });
    },
    finish: async (passage, returned) => finish(await provider(), options, { passage, returned }),
    recheck: async (account, renewed) => recheck(await provider(), options, account, renewed),
    async signOutUrl({ idToken, returnTo, state }) {
      const { config, hasEndSession } = await provider();
      if (!hasEndSession) return null;
      const isHint = idToken !== null && idToken.length <= MAX_HINT;
      return buildEndSessionUrl(config, {
        post_logout_redirect_uri: returnTo,
        state,
        ...(isHint ? { id_token_hint: idToken } : {}),
      }).href;
    },
    readLogout: async (token) => readLogoutToken(await provider(), options, token),
    close: () => door.close(),
  };
}

async function finish(
  provider: Provider,
  options: OidcOptions,
  { passage, returned }: { readonly passage: Passage; readonly returned: URLSearchParams },
): Promise<SourceProfile> {
  const tokens = await redeem(provider.config, passage, { returned, isOpenId: true });
  const { idToken: token, accessToken } = tokens;
  if (token === null) throw sourceRefused(new Error('no ID token'));
  const signed = await readIdToken(provider, options, { token, accessToken });
  const claims = { ...firstName(returned, options), ...signed.claims };
  const more = await userinfo(provider, options, { tokens, subject: subjectOf(claims.sub) });
  return profileOf(options, { ...signed, claims: boundedClaims({ ...more, ...claims }), tokens });
}

async function recheck(
  provider: Provider,
  options: OidcOptions,
  account: { readonly refreshToken: string; readonly subject: string; readonly issuer: string },
  renewed: (refreshToken: string) => Promise<void>,
): Promise<Recheck> {
  const tokens = await refresh(provider.config, account.refreshToken);
  if (tokens === null) return { stands: false, profile: null };
  const { idToken: token, accessToken } = tokens;
  const refreshToken = tokens.refreshToken ?? account.refreshToken;
  if (refreshToken !== account.refreshToken) await renewed(refreshToken);
  const signed =
    token === null ? null : await readIdToken(provider, options, { token, accessToken });
  const isOther =
    signed !== null && (signed.claims.sub !== account.subject || signed.issuer !== account.issuer);
  if (isOther) throw sourceRefused(new Error('the refreshed ID token is about another account'));
  const more = await userinfo(provider, options, { tokens, subject: account.subject });
  if (signed === null && more === null) return { stands: true, profile: null };
  const claims = boundedClaims({ ...more, ...signed?.claims });
  const profile = profileOf(options, {
    claims,
    issuer: account.issuer,
    tokens: { ...tokens, refreshToken },
  });
  return { stands: true, profile };
}

/** What the userinfo endpoint says, about this subject only (OpenID Connect Core 5.3.2). */
async function userinfo(
  { config, hasUserinfo }: Provider,
  options: OidcOptions,
  { tokens, subject }: { readonly tokens: Tokens; readonly subject: string },
): Promise<Claims | null> {
  if (!options.userinfo || !hasUserinfo) return null;
  try {
    return boundedClaims(await fetchUserInfo(config, tokens.accessToken, subject));
  } catch (caught) {
    throw problemOf(caught);
  }
}

/**
 * The name that Apple sends once, beside the token and unsigned. It is shown and nothing else; the
 * address next to it is ignored.
 */
function firstName(returned: URLSearchParams, { preset }: OidcOptions): Claims {
  const text = preset === 'apple' ? returned.get('user') : null;
  if (text === null || text.length > MAX_FORM_NAME) return {};
  try {
    const { name } = boundedClaims(JSON.parse(text));
    const parts = boundedClaims(name);
    const words = [parts.firstName, parts.lastName].filter((part) => isText(part, 100));
    return words.length === 0 ? {} : { name: words.join(' ') };
  } catch {
    // Named fallback: a name that cannot be read is none.
    return {};
  }
}

function profileOf(
  options: OidcOptions,
  {
    claims,
    issuer,
    tokens,
  }: { readonly claims: Claims; readonly issuer: string; readonly tokens: Tokens },
): SourceProfile {
  const details = detailsOf(claims, options.fields, options.emailTrust);
  const isOwn = options.emailTrust === 'always' || PRESETS[options.preset].owns(claims);
  return {
    ...details,
    emailVerified: details.emailVerified && isOwn,
    subject: subjectOf(claims.sub),
    issuer,
    claims: Object.fromEntries(Object.entries(claims).filter(([name]) => !OF_TOKEN.has(name))),
    sid: isText(claims.sid, MAX_SID) ? claims.sid : null,
    refreshToken: tokens.refreshToken,
    idToken: tokens.idToken,
  };
}
