/**
 * Requests with which users sign out of an app at its own address, and so out of all apps. Another
 * site must not be able to send one for them.
 */
import type { RequestFacts } from '../request/facts.ts';
import { foldReading, readingsOf } from '../request/readings.ts';
import type { Route } from '../routes/route.ts';
import { originOf, type Site } from './return-to.ts';

/** Whether some reading of the path is one of the app's own sign-out paths. */
export function isSignOutPath(
  { signOut: { paths }, frontControllers }: Pick<Route, 'signOut' | 'frontControllers'>,
  { path }: Pick<RequestFacts, 'path'>,
): boolean {
  if (paths === null) return false;
  // A path with too many readings is none that an app links to.
  const readings = readingsOf(path, frontControllers) ?? [];
  return readings.some((reading) => {
    const bare = reading.length > 1 && reading.endsWith('/') ? reading.slice(0, -1) : reading;
    return paths.has(foldReading(bare));
  });
}

/**
 * Whether the user asked for it on a page of the app, or in the address bar: a navigation of a whole
 * window, or another method than GET. An image, a frame, a prefetch or a form of another site is none.
 * By Fetch Metadata (W3C), or without it by Origin and Referer, which no page can forge.
 */
export function isByUser(site: Site, facts: RequestFacts): boolean {
  const { kind, method, host, port, origin, header } = facts;
  if (kind === 'websocket' || kind === 'preflight') return false;
  if (method === 'HEAD' || method === 'OPTIONS') return false;
  const own = originOf(site, host, port);
  const from = header('sec-fetch-site');
  if (method !== 'GET') {
    // Under the policy no-referrer, browsers send `Origin: null` with the app's own forms.
    if (from === 'same-origin') return origin === null || origin === 'null' || origin === own;
    return from === null && origin === own;
  }
  if (kind !== 'page' || isPrefetch(header)) return false;
  if (from === null) return header('referer')?.startsWith(`${own}/`) === true;
  return (from === 'same-origin' || from === 'none') && header('sec-fetch-dest') === 'document';
}

/** Browsers fetch what the user has not asked for yet, even from the address bar. */
function isPrefetch(header: RequestFacts['header']): boolean {
  const purpose = header('sec-purpose') ?? header('purpose') ?? header('x-moz');
  return purpose !== null;
}
