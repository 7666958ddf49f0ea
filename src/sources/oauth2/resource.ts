/** JSON that a provider returns for an access token. */
import { type Configuration, fetchProtectedResource } from 'openid-client';
import { sourceUnavailable } from '../../core/sources/source.ts';
import { problemOf } from '../../oauth/faults.ts';

/** The JSON at a URL; null if the token does not count any more (401). Rejects with a Problem. */
export type ReadResource = (url: string) => Promise<unknown>;

/** Reads with one access token. */
export function resourceReader(
  config: Configuration,
  { accessToken, accept }: { readonly accessToken: string; readonly accept: string },
): ReadResource {
  return async (url) => {
    const response = await fetchProtectedResource(
      config,
      accessToken,
      new URL(url),
      'GET',
      null,
      new Headers({ accept }),
    ).catch((caught: unknown) => {
      // With a challenge, the client throws; its status says what it means.
      if (isUnauthorized(caught)) return null;
      throw problemOf(caught);
    });
    if (response === null || response.status === 401) return null;
    if (response.status !== 200) {
      throw sourceUnavailable(new Error(`${new URL(url).pathname}: status ${response.status}`));
    }
    try {
      return await response.json();
    } catch {
      throw sourceUnavailable(new Error(`${new URL(url).pathname}: no JSON`));
    }
  };
}

function isUnauthorized(caught: unknown): boolean {
  return caught instanceof Error && 'status' in caught && caught.status === 401;
}
