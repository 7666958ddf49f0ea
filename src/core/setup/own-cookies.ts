/** Names of the gateway's own cookies. No app may read or set one. */
import type { Snapshot } from './snapshot.ts';

const OWN_COOKIES: readonly string[] = [
  '__Secure-doorward',
  '__Host-doorward',
  'doorward',
  '__Host-doorward-portal',
  'doorward-portal',
  '__Host-doorward-handover',
  'doorward-handover',
  '__Host-doorward-unsent',
  'doorward-unsent',
  '__Host-doorward-browser',
  'doorward-browser',
  '__Host-doorward-device',
  'doorward-device',
  '__Host-doorward-ended',
  'doorward-ended',
  '__Host-doorward-username',
  'doorward-username',
];

/** The names under any scheme, and the configured name of the session cookie. */
export function ownCookies({ session }: Snapshot): readonly string[] {
  const { cookieName } = session;
  return OWN_COOKIES.includes(cookieName) ? OWN_COOKIES : [...OWN_COOKIES, cookieName];
}

/**
 * Those that browsers may send to an app over the scheme of the portal: beside the session and the key to
 * unsent forms, the nonce of a handover, with which an app that sees a code could redeem it, and those of the portal if the app has
 * its host at another port, since cookies know no ports (RFC 6265 §8.5).
 */
export function sentCookies(snapshot: Snapshot): readonly string[] {
  const { site, session } = snapshot;
  const isPrefixed = site.scheme === 'https';
  return ownCookies(snapshot).filter(
    (name) => name === session.cookieName || name.startsWith('__') === isPrefixed,
  );
}
