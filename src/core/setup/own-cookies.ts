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
