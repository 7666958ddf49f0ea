/**
 * Keeps people out of redirect loops: an app that asks for a flow again, right after somebody came
 * through it and with what it left behind, gets a page instead. The browser itself remembers for a
 * few seconds what it went through; whoever tampers with that only sees, or does not see, a page.
 */
import { createHash } from 'node:crypto';
import { endedCookie, readEndedCookie, readTicketCookie, ticketSetBy } from './cookies.ts';
import type { Run } from '../run/run.ts';

/** How long it is remembered, in seconds: loops turn at once, people do not. */
const REMEMBERED = 10;
/** Flows and destinations remembered at a time. */
const MOST = 4;
const ENTRY = /^([A-Za-z0-9_-]{22})\.([a-z0-9]{1,11})\.([A-Za-z0-9_-]{11}|)$/;

interface Past {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** One-way name of the ticket of the session it left behind; `''` when nobody was signed in. */
  readonly ticket: string;
}

/**
 * Whether this browser came through this flow to this destination a moment ago, and nothing has
 * changed since: it still has the session it had then, or its ticket is lost (cookies are blocked).
 * Whoever signed out, was signed out or is somebody else by now comes for a reason of their own.
 */
export function isCircle(run: Run, returnTo: string | null): boolean {
  const name = nameOf(run.flow.name, returnTo);
  const past = pastOf(run).find((one) => one.name === name);
  if (past === undefined) return false;
  const ticket = readTicketCookie(run.snapshot, run.facts.header('cookie'));
  const isKept = ticket !== null && ticketName(ticket) === past.ticket;
  // A ticket that was kept and opens nothing any more: the session was ended.
  return run.visitor === null ? past.ticket === '' || !isKept : isKept;
}

/** Set-Cookie lines that remember it. `cookies`: the lines that go with them, a new ticket perhaps. */
export function rememberEnd(
  run: Run,
  returnTo: string | null,
  cookies: readonly string[],
): readonly string[] {
  const name = nameOf(run.flow.name, returnTo);
  const others = pastOf(run).filter((past) => past.name !== name);
  const ticket =
    ticketSetBy(run.snapshot, cookies) ??
    (run.visitor === null ? null : readTicketCookie(run.snapshot, run.facts.header('cookie')));
  const now = { name, at: run.now, ticket: ticket === null ? '' : ticketName(ticket) };
  const all = [now, ...others].slice(0, MOST);
  const value = all.map((past) => `${past.name}.${past.at.toString(36)}.${past.ticket}`).join('~');
  return [endedCookie(run.snapshot, value, REMEMBERED)];
}

/** Set-Cookie lines that forget it all: whoever signed out may well sign in again at once. */
export function forgetEnds(run: Run): readonly string[] {
  const isThere = readEndedCookie(run.snapshot, run.facts.header('cookie')) !== null;
  return isThere ? [endedCookie(run.snapshot, '', 0)] : [];
}

function pastOf(run: Run): readonly Past[] {
  const value = readEndedCookie(run.snapshot, run.facts.header('cookie')) ?? '';
  return value
    .split('~', MOST)
    .flatMap((entry) => {
      const [, name, time, ticket] = ENTRY.exec(entry) ?? [];
      return name === undefined || time === undefined || ticket === undefined
        ? []
        : [{ name, at: Number.parseInt(time, 36), ticket }];
    })
    .filter((past) => past.at <= run.now && run.now - past.at < REMEMBERED * 1000);
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
