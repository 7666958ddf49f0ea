/** One request's view of one flow: everything a step may depend on, read once. Never outlives its request. */
import type { SessionVisitor } from '../../core/access/decision.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import type { Flow } from '../../core/flow/flow.ts';
import { canonicalHost } from '../../core/request/host.ts';
import type { Ticket } from '../../core/people/session.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import type { Absence } from '../../core/access/visitors.ts';

/** The browser that runs plans: its cookie's value and the one-way name that plans contain. */
export interface Browser {
  readonly secret: string;
  readonly name: string;
}

/** The long-lived cookie that identifies a known browser, and its one-way name in the accounts. */
export interface Device {
  readonly secret: string;
  readonly name: string;
}

/** A new token, and the plan whose next page shows it. */
export interface ShownOnce {
  readonly planId: string;
  readonly text: string;
}

/** What surrounds a plan in this request. */
export interface Run {
  readonly snapshot: Snapshot;
  readonly flow: Flow;
  readonly facts: RequestFacts;
  readonly requestId: string;
  readonly browser: Browser;
  /** Null: the request has no device cookie. */
  readonly device: Device | null;
  readonly visitor: SessionVisitor | null;
  /** `User.id` of a session in the request that is bound to another place; null without one. */
  readonly elsewhere: string | null;
  /** Why `visitor` is null. */
  readonly absence: Absence;
  /** The username typed at the last sign-in from this browser, if it was kept (see username.ts). */
  readonly username: string | null;
  /** What a page of this plan shows once (see shown.ts); left out: nothing. */
  readonly shown?: ShownOnce | undefined;
  /** The ticket in the request, live or not, for rotation and sign-out. */
  readonly ticket: Ticket | null;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The app behind a checked return-to. */
export interface App {
  readonly id: string;
  readonly title: string;
  readonly host: string;
}

/** The app a return-to belongs to; null without one and for the portal itself. */
export function appOf(snapshot: Snapshot, returnTo: string | null): App | null {
  if (returnTo === null) return null;
  const url = new URL(returnTo);
  const authority = canonicalHost(url.host, snapshot.site.scheme);
  if (authority === null) return null;
  const route = snapshot.table.hosted(authority.host, authority.port);
  return route === null ? null : { id: route.id, title: route.title, host: authority.host };
}
