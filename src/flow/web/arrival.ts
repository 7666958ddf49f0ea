/** What a request brings along, read once: browser, device, visitor, the plan it speaks of, or a fresh one. */
import type { RequestFacts } from '../../core/request/facts.ts';
import type { Flow } from '../../core/flow/flow.ts';
import { createPlan, INVITATION_KEY, type Plan } from '../../core/flow/plan.ts';
import type { Snapshot } from '../../core/setup/snapshot.ts';
import { absenceOf, signedInOf } from '../../core/access/visitors.ts';
import { readDeviceCookie } from '../browser/cookies.ts';
import type { FlowDeps } from '../run/deps.ts';
import type { Posted } from './form.ts';
import type { Browser, Device, Run } from '../run/run.ts';
import { openSeed } from '../browser/seed.ts';
import { keptUsername } from '../browser/username.ts';

/** A request to a flow, as far as both doors have it in common. */
export interface Knock {
  readonly flow: string;
  /** Which door: pages or JSON. */
  readonly kind: 'form' | 'json';
  readonly facts: RequestFacts;
  readonly requestId: string;
  /** Values of a query parameter, all of them. */
  readonly query: (name: string) => readonly string[];
}

const ID = /^[A-Za-z0-9_-]{1,64}$/;

export function browserOf(deps: FlowDeps, secret: string): Browser {
  return { secret, name: deps.vault.name('browser', secret) };
}

/** All that surrounds a plan in this request. Rejects with a Problem when the store is down. */
export async function runOf(
  deps: FlowDeps,
  snapshot: Snapshot,
  flow: Flow,
  knock: Knock,
  browser: Browser,
): Promise<Run> {
  const cookies = knock.facts.header('cookie');
  const now = deps.clock.now();
  const found = await deps.visitors.find(knock.facts);
  // Whoever says they are somebody else is not offered the name of the one before.
  const isOther = knock.query('as').includes('other');
  return {
    snapshot,
    flow,
    facts: knock.facts,
    requestId: knock.requestId,
    browser,
    device: deviceOf(deps, readDeviceCookie(snapshot, cookies)),
    visitor: signedInOf(found),
    elsewhere: found !== null && 'elsewhere' in found ? found.elsewhere : null,
    absence: absenceOf(found),
    username: isOther ? null : keptUsername(deps.vault, snapshot, cookies, now),
    ticket: await deps.visitors.ticket(cookies),
    now,
  };
}

function deviceOf(deps: FlowDeps, secret: string | null): Device | null {
  return secret === null ? null : { secret, name: deps.vault.name('device', secret) };
}

/**
 * A plan that is not stored. Flows for somebody signed in are about them: they need not say who
 * they are. `invitation`: the one-way name of one, or null.
 */
export function freshPlan(
  deps: FlowDeps,
  run: Run,
  returnTo: string | null,
  invitation: string | null,
): Plan {
  const { flow, now, visitor } = run;
  const id = deps.random.token(16);
  const plan = createPlan(flow, { id, browser: run.browser.name, returnTo, now });
  const learned = invitation === null ? {} : { [INVITATION_KEY]: invitation };
  const isBound = flow.requires === 'session' || flow.requires === 'fresh';
  if (!isBound || visitor === null) return { ...plan, learned };
  return { ...plan, learned, subject: { login: visitor.user.name, userId: visitor.user.id } };
}

/** Whether it can be the id of a plan. */
export function isPlanId(text: string): boolean {
  return ID.test(text);
}

/** The plan a form speaks of: sealed in it, or by its id; null when it speaks of none or of two. */
export function claimedPlan(
  deps: FlowDeps,
  browser: Browser,
  posted: Posted,
): { readonly id: string; readonly seed: Plan | null } | null {
  if (posted.seed === '') return isPlanId(posted.plan) ? { id: posted.plan, seed: null } : null;
  if (posted.plan !== '') return null;
  const seed = openSeed(deps.vault, browser, posted.seed);
  return seed === null ? null : { id: seed.id, seed };
}
