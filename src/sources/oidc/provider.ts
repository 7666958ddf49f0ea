/**
 * What a provider publishes: its metadata and keys. Read when it is first needed and cached, so that a
 * provider that is away delays neither the start nor other ways to sign in. Metadata is never believed
 * for another issuer, nor for endpoints on hosts that are not the provider's.
 */
import { createRemoteJWKSet, customFetch as joseFetch, errors, type JWTVerifyGetKey } from 'jose';
import {
  allowInsecureRequests,
  type ClientAuth,
  clockTolerance,
  type Configuration,
  customFetch,
  discovery,
} from 'openid-client';
import { z } from 'zod';
import type { ProviderDoor } from '../../core/setup/adapters.ts';
import { sourceUnavailable } from '../../core/sources/source.ts';
import { asProblem, type Problem } from '../../core/values/problem.ts';
import type { Clock } from '../../core/values/system.ts';
import { CLOCK_SKEW, fetchThrough } from '../../oauth/client.ts';
import { isWithin } from '../../oauth/endpoints.ts';
import { problemOf } from '../../oauth/faults.ts';
import type { OidcOptions } from './options.ts';

/** Ages in milliseconds. */
export interface Ages {
  /** Metadata is read again in the background after this time. */
  readonly refreshAfter: number;
  /** Older metadata is not used. */
  readonly longest: number;
  /** Time between two attempts while the provider is away. */
  readonly retryAfter: number;
  /** Time between two reads of the keys because of an unknown key. */
  readonly keyCooldown: number;
  /** Keys are not used for longer, so that a withdrawn one is. */
  readonly keys: number;
}
export const AGES: Ages = {
  refreshAfter: 3_600_000,
  longest: 24 * 3_600_000,
  retryAfter: 5_000,
  keyCooldown: 10_000,
  keys: 600_000,
};

const endpoint = z.string().max(2048);
const published = z.object({
  issuer: endpoint,
  authorization_endpoint: endpoint,
  token_endpoint: endpoint,
  jwks_uri: endpoint,
  userinfo_endpoint: endpoint.optional(),
  end_session_endpoint: endpoint.optional(),
});

/** A provider, ready to be used. */
export interface Provider {
  readonly config: Configuration;
  readonly keys: JWTVerifyGetKey;
  /** With `{tenantid}` for several tenants. */
  readonly issuer: string;
  readonly hasUserinfo: boolean;
  readonly hasEndSession: boolean;
}

/** What reading needs. */
interface ReadTools {
  readonly options: OidcOptions;
  readonly auth: ClientAuth;
  readonly door: ProviderDoor;
  readonly ages: Ages;
}

/** The provider, read at most once at a time. Rejects with Problem `source/unavailable`. */
export function createProvider(tools: ReadTools, clock: Clock): () => Promise<Provider> {
  const { ages } = tools;
  let known: { readonly provider: Provider; readonly at: number } | null = null;
  let failed: { readonly problem: Problem; readonly at: number } | null = null;
  let reading: Promise<Provider> | null = null;

  async function read(): Promise<Provider> {
    try {
      const provider = await readProvider(tools, clock);
      known = { provider, at: clock.now() };
      failed = null;
      return provider;
    } catch (caught) {
      failed = { problem: asProblem(caught), at: clock.now() };
      throw caught;
    } finally {
      reading = null;
    }
  }

  return async () => {
    const now = clock.now();
    const rests = failed !== null && now - failed.at < ages.retryAfter;
    if (known !== null && now - known.at < ages.longest) {
      if (now - known.at >= ages.refreshAfter && !rests) {
        reading ??= read();
        // Named fallback: what is known is used until it is too old.
        reading.catch(() => undefined);
      }
      return known.provider;
    }
    if (failed !== null && rests) throw failed.problem;
    reading ??= read();
    return reading;
  };
}

async function readProvider(
  { options, auth, door, ages }: ReadTools,
  clock: Clock,
): Promise<Provider> {
  const { issuer, clientId } = options;
  const isPlain = issuer.startsWith('http:');
  let config: Configuration;
  try {
    config = await discovery(new URL(issuer), clientId, { [clockTolerance]: CLOCK_SKEW }, auth, {
      [customFetch]: fetchThrough(door),
      execute: isPlain ? [allowInsecureRequests] : [],
    });
  } catch (caught) {
    // A refusal would blame the browser, which has not brought anything yet.
    throw sourceUnavailable(problemOf(caught).cause);
  }
  const metadata = trusted(config.serverMetadata(), options);
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri), {
    [joseFetch]: (url, { headers, signal }) =>
      door.fetch(url, { method: 'GET', headers, form: null, signal }),
    // What follows decides when they are read again.
    cooldownDuration: Number.MAX_SAFE_INTEGER,
    cacheMaxAge: ages.keys,
  });
  return {
    config,
    keys: findingNewKeys(keys, ages, clock),
    issuer: metadata.issuer,
    hasUserinfo: metadata.userinfo_endpoint !== undefined,
    hasEndSession: metadata.end_session_endpoint !== undefined,
  };
}

/**
 * An unknown key may be new, also moments after the keys were read: a provider that restarts with other keys
 * signs with them at once. Only reads for this reason wait for one another.
 */
function findingNewKeys(
  keys: ReturnType<typeof createRemoteJWKSet>,
  { keyCooldown }: Pick<Ages, 'keyCooldown'>,
  clock: Clock,
): JWTVerifyGetKey {
  let lastRead = Number.NEGATIVE_INFINITY;
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (caught) {
      const now = clock.now();
      const isCooling = now - lastRead < keyCooldown && lastRead <= now;
      if (!(caught instanceof errors.JWKSNoMatchingKey) || isCooling) throw caught;
      lastRead = now;
      await keys.reload();
      return keys(header, token);
    }
  };
}

/** The metadata that we use. Problem `source/unavailable` if it cannot be this provider's. */
function trusted(metadata: unknown, { issuer, publishedIssuer, hosts }: OidcOptions) {
  const { data, error } = published.safeParse(metadata);
  if (data === undefined) {
    throw sourceUnavailable(new Error(`the metadata lacks ${error.issues[0]?.path.join('.')}`));
  }
  if (data.issuer !== publishedIssuer) {
    throw sourceUnavailable(new Error(`the issuer must be written ${data.issuer.slice(0, 200)}`));
  }
  for (const [name, url] of Object.entries(data)) {
    if (name === 'issuer' || url === undefined) continue;
    if (!isWithin({ home: issuer, hosts }, url)) {
      const named = URL.canParse(url) ? new URL(url).host : url.slice(0, 200);
      throw sourceUnavailable(new Error(`${name} is on ${named}, which is not listed in hosts`));
    }
  }
  return data;
}
