/**
 * Why a browser goes in circles, as far as its requests show. A browser that returns no cookie at all
 * is found by a redirect that sets one; the time in its URL ties the test to that redirect.
 */
import type { Message } from '../../core/values/message.ts';
import type { Run } from '../run/run.ts';
import { isRecent } from './circles.ts';
import { readTicketCookie } from './cookies.ts';

/** The cause, as the last part of a code. */
export type CircleCause =
  /** The browser sends two cookies of one name, so neither counts. */
  | 'two-cookies'
  /** The cookie is only for https, and the request arrived over http. */
  | 'scheme'
  /** The browser returns no cookie at all. */
  | 'no-cookie'
  /** The browser does not return the cookie with the session. */
  | 'no-session'
  /** The session cookie opens nothing: it was ended, or the instances differ in clock, key or store. */
  | 'unrecognized'
  /** The portal knows the session, and its cookie does not reach the app. */
  | 'app-cookie'
  /** The app, or a proxy in front of it, sends signed-in users back. */
  | 'app';

/** The parts of a run that decide which cookies can come. */
type Seen = Pick<Run, 'snapshot' | 'facts' | 'now'>;

const TIME = /^[a-z0-9]{1,11}$/;

/** Why a browser is back at a flow that it completed a moment ago. */
export function circleCause(run: Run): CircleCause {
  const { visitor, flow, absence, snapshot, facts } = run;
  if (visitor !== null || flow.designation !== 'authentication') return 'app';
  if (absence === 'session/two-cookies') return 'two-cookies';
  const ticket = readTicketCookie(snapshot, facts.header('cookie'));
  return ticket === null ? lossOf(run, 'no-session') : 'unrecognized';
}

/** The time of a redirect that sets a cookie, as text for its URL. */
export function cookieTest(now: number): string {
  return now.toString(36);
}

/**
 * Why a browser comes back without any cookie from the redirect that set one; null if it does not
 * come from there. `tested`: the text of `cookieTest` in the URL. A URL opened later proves nothing.
 */
export function lostCookie(run: Seen, tested: string | null): CircleCause | null {
  if (tested === null || !TIME.test(tested)) return null;
  return isRecent(Number.parseInt(tested, 36), run.now) ? lossOf(run, 'no-cookie') : null;
}

/** What the page says: a title and a text. */
export function circleWords(cause: CircleCause): {
  readonly title: Message;
  readonly text: Message;
} {
  const title = cause === 'app' ? 'flow.circle.title' : 'flow.circle.title-lost';
  return { title: { key: title }, text: { key: TEXTS[cause] } };
}

const TEXTS: Readonly<Record<CircleCause, string>> = {
  'two-cookies': 'flow.circle.two-cookies',
  scheme: 'flow.circle.scheme',
  'no-cookie': 'flow.circle.no-cookie',
  'no-session': 'flow.circle.lost',
  unrecognized: 'flow.circle.unrecognized',
  'app-cookie': 'flow.circle.app-cookie',
  app: 'flow.circle.text',
};

function lossOf({ snapshot, facts }: Omit<Seen, 'now'>, otherwise: CircleCause): CircleCause {
  return snapshot.site.scheme === 'https' && facts.scheme === 'http' ? 'scheme' : otherwise;
}
