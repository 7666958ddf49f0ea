/**
 * Stops redirect loops. If an app requests a flow again right after the user completed it and nothing
 * has changed since, the user sees a page that names the cause instead. The browser itself remembers
 * for a few seconds what it completed; tampering with that only shows or hides a page.
 */
import { createHash } from 'node:crypto';
import { endedCookie, readEndedCookie, readTicketCookie, ticketSetBy } from './cookies.ts';
import type { Run } from '../run/run.ts';

/** How long a completed flow is remembered, in seconds. Loops repeat at once, users do not. */
const REMEMBERED = 10;
/** Flows and destinations remembered at a time. */
const MOST = 12;
/** How often a flow may end for the same destination, each time within `REMEMBERED` of the last. */
const REPEATS = 2;
const ENTRY = /^([A-Za-z0-9_-]{22})\.([a-z0-9]{1,11})\.([A-Za-z0-9_-]{11}|)\.([1-9])$/;

interface Past {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** One-way name of the session's ticket when the flow ended; `''` without a session. */
  readonly ticket: string;
  /** How often it ended, from 1 to 9; later ones count as 9. */
  readonly count: number;
}

/**
 * Whether this browser completed this flow for this destination a moment ago and nothing has changed
 * since: it has the same session, or its ticket is lost (cookies are blocked). A user who has signed
 * out, was signed out or switched accounts has a reason to run the flow again.
 */
export function isCircle(run: Run, returnTo: string | null): boolean {
  const name = nameOf(run.flow.name, returnTo);
  const past = pastOf(run).find((one) => one.name === name);
  if (past === undefined) return false;
  const ticket = readTicketCookie(run.snapshot, run.facts.header('cookie'));
  const isKept = ticket !== null && ticketName(ticket) === past.ticket;
  if (run.visitor !== null) return isKept;
  // A ticket that is still there but opens nothing: the session was ended, which happens once.
  return past.ticket === '' || !isKept || past.count >= REPEATS;
}

/**
 * Whether this browser was redirected for this destination twice, each time within seconds, and nothing
 * has changed since. A second time alone may be another tab.
 */
export function isRepeated(run: Run, returnTo: string | null): boolean {
  const name = nameOf(run.flow.name, returnTo);
  const count = pastOf(run).find((past) => past.name === name)?.count ?? 0;
  return count >= REPEATS && isCircle(run, returnTo);
}

/** Whether a redirect at that moment may still be part of a loop. Both in epoch milliseconds. */
export function isRecent(at: number, now: number): boolean {
  return at <= now && now - at < REMEMBERED * 1000;
}

/** Set-Cookie lines that remember it. `cookies`: the other lines of the response, which may set a new ticket. */
export function rememberEnd(
  run: Run,
  returnTo: string | null,
  cookies: readonly string[],
): readonly string[] {
  const name = nameOf(run.flow.name, returnTo);
  const known = pastOf(run);
  const others = known.filter((past) => past.name !== name);
  const before = known.find((past) => past.name === name)?.count ?? 0;
  const ticket =
    ticketSetBy(run.snapshot, cookies) ??
    (run.visitor === null ? null : readTicketCookie(run.snapshot, run.facts.header('cookie')));
  const now = {
    name,
    at: run.now,
    ticket: ticket === null ? '' : ticketName(ticket),
    count: Math.min(before + 1, 9),
  };
  const all = [now, ...others].slice(0, MOST);
  const value = all
    .map((past) => `${past.name}.${past.at.toString(36)}.${past.ticket}.${past.count}`)
    .join('~');
  return [endedCookie(run.snapshot, value, REMEMBERED)];
}

/** Set-Cookie lines that forget everything: a user who signed out may sign in again at once. */
export function forgetEnds(run: Run): readonly string[] {
  const isThere = readEndedCookie(run.snapshot, run.facts.header('cookie')) !== null;
  return isThere ? [endedCookie(run.snapshot, '', 0)] : [];
}

function pastOf(run: Run): readonly Past[] {
  const value = readEndedCookie(run.snapshot, run.facts.header('cookie')) ?? '';
  return value
    .split('~', MOST)
    .flatMap((entry) => {
      const [, name, time, ticket, count] = ENTRY.exec(entry) ?? [];
      return name === undefined || time === undefined || ticket === undefined
        ? []
        : [{ name, at: Number.parseInt(time, 36), ticket, count: Number(count) }];
    })
    .filter((past) => isRecent(past.at, run.now));
}

function nameOf(flow: string, returnTo: string | null): string {
  return hashed(`${flow}|${returnTo ?? ''}`, 22);
}

function ticketName(value: string): string {
  return hashed(`ticket|${value}`, 11);
}

function hashed(text: string, length: number): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, length);
}
