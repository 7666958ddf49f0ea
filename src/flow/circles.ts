/**
 * Keeps people out of redirect loops: an app that asks for a flow again, right after somebody came
 * through it, gets a page instead. The browser itself remembers what it went through in the last
 * minute; whoever tampers with that only sees, or does not see, a page.
 */
import { createHash } from 'node:crypto';
import { endedCookie, readEndedCookie } from './cookies.ts';
import type { Run } from './run.ts';

/** How long it is remembered, in seconds. */
const REMEMBERED = 60;
/** Flows and destinations remembered at a time. */
const MOST = 4;
const ENTRY = /^([A-Za-z0-9_-]{22})\.([a-z0-9]{1,11})$/;

interface Past {
  readonly name: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** Whether this browser came through this flow to this destination less than a minute ago. */
export function isCircle(run: Run, returnTo: string | null): boolean {
  const name = nameOf(run.flow.name, returnTo);
  return pastOf(run).some((past) => past.name === name);
}

/** Set-Cookie lines that remember it. */
export function rememberEnd(run: Run, returnTo: string | null): readonly string[] {
  const name = nameOf(run.flow.name, returnTo);
  const others = pastOf(run).filter((past) => past.name !== name);
  const all = [{ name, at: run.now }, ...others].slice(0, MOST);
  const value = all.map((past) => `${past.name}.${past.at.toString(36)}`).join('~');
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
      const [, name, time] = ENTRY.exec(entry) ?? [];
      return name === undefined || time === undefined
        ? []
        : [{ name, at: Number.parseInt(time, 36) }];
    })
    .filter((past) => past.at <= run.now && run.now - past.at < REMEMBERED * 1000);
}

function nameOf(flow: string, returnTo: string | null): string {
  return createHash('sha256')
    .update(`${flow}|${returnTo ?? ''}`)
    .digest('base64url')
    .slice(0, 22);
}
