/**
 * Emailed links: `/flow/NAME?plan=ID&link=TOKEN`. Only the email contains the token; the plan stores
 * its one-way name under the stage that sent it. Opening a link changes nothing; its form resumes the
 * plan, in another browser only if the stage allows that. Pure.
 */

import type { Json } from '../values/json.ts';
import type { Vault } from '../values/system.ts';
import type { Flow } from './flow.ts';
import type { Plan } from './plan.ts';

/** What a stage stores about a link it sent, as `learned[linkKey(stageId)]`. */
export interface LinkRecord {
  /** `linkName` of the token. */
  readonly name: string;
  /** Whether a browser other than the plan's own may use it. */
  readonly otherBrowser: boolean;
}

/** Tokens have at least 128 bit, base64url. */
const TOKEN = /^[A-Za-z0-9_-]{22,86}$/;

/** Whether the text can be the token of a link. */
export function isLinkToken(text: string): boolean {
  return TOKEN.test(text);
}

/** The one-way name of a token, for this plan alone; also the name of its single-use mark. */
export function linkName(vault: Pick<Vault, 'name'>, planId: string, token: string): string {
  return vault.name('link', `${planId}|${token}`);
}

/** The key in `learned` for a stage's link. */
export function linkKey(stageId: string): string {
  return `link:${stageId}`;
}

/** The URL for the email; `origin` is the portal's, from the configuration. */
export function linkUrl(origin: string, flow: string, planId: string, token: string): string {
  const query = new URLSearchParams({ plan: planId, link: token });
  return `${origin}/flow/${encodeURIComponent(flow)}?${query.toString()}`;
}

/** The link that a stage of this plan sent last, or null. */
export function linkOf(plan: Pick<Plan, 'learned'>, stageId: string): LinkRecord | null {
  const key = linkKey(stageId);
  const kept = Object.hasOwn(plan.learned, key) ? plan.learned[key] : undefined;
  const { name, otherBrowser } = isObject(kept) ? kept : {};
  return typeof name === 'string' ? { name, otherBrowser: otherBrowser === true } : null;
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A plan of a flow that requires a link, for a link that an operator gives to a user. It is about that
 * user and belongs to no browser yet; the browser that redeems the token may run it. Store it with
 * `PlanStore.write(plan, 0)`.
 */
export function linkedPlan(
  vault: Pick<Vault, 'name'>,
  flow: Flow,
  about: { readonly login: string; readonly userId: string },
  given: {
    readonly id: string;
    readonly token: string;
    readonly now: number;
    /** How long the link is valid, in milliseconds. */
    readonly lasts: number;
  },
): Plan {
  const stageId = flow.stages[0]?.id ?? '';
  const record = { name: linkName(vault, given.id, given.token), otherBrowser: true };
  return {
    v: 1,
    id: given.id,
    flow: flow.name,
    digest: flow.digest,
    revision: 1,
    cursor: 0,
    state: 'running',
    browser: '',
    returnTo: null,
    startedAt: given.now,
    expiresAt: given.now + given.lasts,
    subject: about,
    proofs: [],
    learned: { [linkKey(stageId)]: record },
    refused: 0,
  };
}
