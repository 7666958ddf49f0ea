/** What a request carries, read once: browser, device, visitor, and the plan it names or a fresh one. */
import {
  absenceOf,
  type PortalVisitors,
  signedInOf,
  type Visitors,
} from '../../core/access/visitors.ts';
import { createPlan, INVITATION_KEY, type Plan } from '../../core/flow/plan.ts';
import type { RequestFacts } from '../../core/request/facts.ts';
import type { Clock, Random, Vault } from '../../core/values/system.ts';
import { readDeviceCookie } from '../browser/cookies.ts';
import { openSeed } from '../browser/seed.ts';
import { toShow } from '../browser/shown.ts';
import { keptUsername } from '../browser/username.ts';
import type { Browser, Device, Run } from '../run/run.ts';
import type { Posted } from './form.ts';

/** What reading a request needs. */
export interface ArrivalPorts {
  readonly visitors: PortalVisitors;
  /** By the cookies of apps; grants nothing here. */
  readonly appVisitors: Visitors;
  readonly vault: Vault;
  readonly random: Random;
  readonly clock: Clock;
}

/** A request to a flow, as far as pages and JSON have it in common. */
export interface FlowRequest {
  /** Name of the flow. */
  readonly flow: string;
  /** Which endpoint: pages or JSON. */
  readonly kind: 'form' | 'json';
  readonly facts: RequestFacts;
  readonly requestId: string;
  /** All values of a query parameter. */
  readonly query: (name: string) => readonly string[];
}

const ID = /^[A-Za-z0-9_-]{1,64}$/;

export function browserOf(vault: Pick<Vault, 'name'>, secret: string): Browser {
  return { secret, name: vault.name('browser', secret) };
}

/** Everything that surrounds a plan in this request. Rejects with a Problem if the store is down. */
export async function runOf(
  { visitors, vault, clock }: ArrivalPorts,
  request: FlowRequest,
  { snapshot, flow, browser }: Pick<Run, 'snapshot' | 'flow' | 'browser'>,
): Promise<Run> {
  const { facts, requestId } = request;
  const cookies = facts.header('cookie');
  const now = clock.now();
  const found = await visitors.find(facts);
  // A user who asks to sign in as another is not offered the previous name.
  const isOther = request.query('as').includes('other');
  return {
    snapshot,
    flow,
    facts,
    requestId,
    browser,
    device: deviceOf(vault, readDeviceCookie(snapshot, cookies)),
    visitor: signedInOf(found),
    elsewhere: found !== null && 'elsewhere' in found ? found.elsewhere : null,
    absence: absenceOf(found),
    username: isOther ? null : keptUsername(vault, snapshot, cookies, now),
    shown: toShow(vault, { snapshot, browser, facts, now }),
    ticket: await visitors.ticket(cookies),
    now,
  };
}

function deviceOf(vault: Vault, secret: string | null): Device | null {
  return secret === null ? null : { secret, name: vault.name('device', secret) };
}

/**
 * A plan that is not stored. Flows for signed-in users are about the visitor from the start.
 * `invitation`: the one-way name of an invitation, or null.
 */
export function freshPlan(
  random: Random,
  run: Run,
  {
    returnTo,
    invitation,
  }: { readonly returnTo: string | null; readonly invitation: string | null },
): Plan {
  const { flow, now, visitor } = run;
  const id = random.token(16);
  const plan = createPlan(flow, { id, browser: run.browser.name, returnTo, now });
  const learned = invitation === null ? {} : { [INVITATION_KEY]: invitation };
  const isBound = flow.requires === 'session' || flow.requires === 'fresh';
  if (!isBound || visitor === null) return { ...plan, learned };
  return { ...plan, learned, subject: { login: visitor.user.name, userId: visitor.user.id } };
}

/** Whether the text can be the id of a plan. */
export function isPlanId(text: string): boolean {
  return ID.test(text);
}

/** The plan a form names, sealed in it or by its id; null if it names none or two. */
export function claimedPlan(
  vault: Vault,
  browser: Browser,
  posted: Posted,
): { readonly id: string; readonly seed: Plan | null } | null {
  if (posted.seed === '') return isPlanId(posted.plan) ? { id: posted.plan, seed: null } : null;
  if (posted.plan !== '') return null;
  const seed = openSeed(vault, browser, posted.seed);
  return seed === null ? null : { id: seed.id, seed };
}
