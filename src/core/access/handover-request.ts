/**
 * The request of an app's host for a session: sealed, and carried by the browser to the portal, so
 * that nothing is stored for anonymous visitors.
 */
import type { Vault } from '../values/system.ts';
import { MAX_RETURN_TO } from './return-to.ts';

/** What the host asks for. */
export interface HandoverRequest {
  /** The origin of the host, where the session will be used. */
  readonly origin: string;
  /** Where the visitor wants to go: a URL of that origin. */
  readonly returnTo: string;
  /** One-way name of the nonce in the host's cookie. */
  readonly nonce: string;
  /** When the request expires, in epoch milliseconds; exclusive. */
  readonly until: number;
}

/** Our path on the hosts of apps and on the portal: from the one to the other. */
export const HANDOVER_PATH = '/.doorward/handover';
/** Our path on the hosts of apps where a code is redeemed. */
export const ARRIVE_PATH = '/.doorward/arrive';
/** Our path on the hosts of apps that leads to the sign-out. */
export const SIGN_OUT_PATH = '/.doorward/sign-out';

/** Our path on the hosts of apps that offers an unsent form. Only in proxy mode. */
export const UNSENT_PATH = '/.doorward/unsent';

/** How long a request is valid, in milliseconds: browsers follow redirects at once. */
export const REQUEST_LASTS = 5 * 60_000;

const PURPOSE = 'handover-request';
/** Longest sealed request, in characters: one with the longest return-to, sealed and encoded. */
const MAX_SEALED = 2 * MAX_RETURN_TO;
const SEALED = /^[A-Za-z0-9_-]+$/;

/** The request as text for a URL. */
export function sealRequest(vault: Pick<Vault, 'seal'>, request: HandoverRequest): string {
  return Buffer.from(vault.seal(PURPOSE, '', JSON.stringify(request))).toString('base64url');
}

/** The request; null if it is not ours, was changed, or has expired. */
export function openRequest(
  vault: Pick<Vault, 'open'>,
  text: string | null,
  now: number,
): HandoverRequest | null {
  if (text === null || text.length > MAX_SEALED || !SEALED.test(text)) return null;
  const opened = vault.open(PURPOSE, '', Buffer.from(text, 'base64url'));
  // What opens was written by sealRequest: only gateways with our secret have the key.
  const request = opened === null ? null : (JSON.parse(opened) as HandoverRequest);
  return request !== null && now < request.until ? request : null;
}

/** The URL at which a host asks for a session and then leads to `returnTo`, which belongs to it. */
export function handoverUrl(returnTo: string): string {
  return `${new URL(returnTo).origin}${HANDOVER_PATH}?rd=${encodeURIComponent(returnTo)}`;
}
