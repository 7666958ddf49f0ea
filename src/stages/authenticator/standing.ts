/**
 * What somebody can prove themselves with here, and which of it they are asked for. To whoever has
 * proved nothing yet it tells nothing: all configured methods, whoever is meant.
 */
import type { Authenticator, AuthenticatorKind } from '../../core/people/account.ts';
import type { Json } from '../../core/values/json.ts';
import { mailedCode, type MailedCode } from '../../core/proof/mailed-code.ts';
import { isOwner } from '../../core/flow/owner.ts';
import {
  type PasskeyRequest,
  requestsFor,
  requestsForAnyone,
} from '../../core/proof/passkey-site.ts';
import type { Subject } from '../../core/people/subject.ts';
import type { StageContext } from '../../core/flow/stage.ts';
import type { Options } from './options.ts';

export const PORTS = ['accounts', 'directories', 'marks', 'passkeys', 'random', 'vault'] as const;
export type Context = StageContext<Options, (typeof PORTS)[number]>;

/** What the plan remembers for this stage. */
export interface Kept {
  /** Chosen by "another way". */
  readonly way: AuthenticatorKind | null;
  readonly code: MailedCode | null;
  /** A set-up was put in before; it is not put in twice. */
  readonly configured: boolean;
}

/** Where the stage stands for its subject. */
export interface Standing {
  readonly subject: Subject;
  readonly isOwner: boolean;
  /** What may be used, the one to ask for first. */
  readonly ways: readonly AuthenticatorKind[];
  /** The one asked for; null when there is none. */
  readonly way: AuthenticatorKind | null;
  /** All of the subject's that count here, last used first. */
  readonly owned: readonly Authenticator[];
  /** The passkey ceremonies that the page offers. */
  readonly requests: readonly PasskeyRequest[];
  readonly kept: Kept;
}

/** Reads it. Writes nothing. */
export async function standingOf(ctx: Context, subject: Subject): Promise<Standing> {
  const { methods } = ctx.config;
  const isOwners = isOwner(ctx);
  // Asked for everybody, so that nobody's answer takes longer.
  const all = await ctx.ports.accounts.authenticators(subject.userId ?? '');
  const owned = all
    .filter((one) => methods.includes(one.kind))
    .sort((a, b) => (b.lastUsedAt ?? 0) - (a.lastUsedAt ?? 0));
  const ways = isOwners ? waysOf(methods, owned) : methods.filter((m) => m !== 'email_code');
  const kept = keptOf(ctx);
  // By the subject's own passkeys only for their owner: else the page would reveal which a name has.
  const passkeys = owned.filter((one) => one.kind === 'webauthn');
  const requests = isOwners
    ? requestsFor(passkeys, ctx.site)
    : await requestsForAnyone(ctx.ports.accounts, ctx.site);
  const way = kept.way !== null && ways.includes(kept.way) ? kept.way : (ways[0] ?? null);
  return { subject, isOwner: isOwners, ways, way, owned, requests, kept };
}

/** `learned` with changes to what is kept for this stage. */
export function keep(ctx: Context, kept: Kept, changes: Partial<Kept>): Record<string, Json> {
  const { way, code, configured } = { ...kept, ...changes };
  return { [keyOf(ctx)]: { way, code: code === null ? null : { ...code }, configured } };
}

/** `learned` once the stage has passed: codes are not kept for longer than they are needed. */
export function forget(ctx: Context): Record<string, Json> {
  return { [keyOf(ctx)]: null };
}

function keptOf(ctx: Context): Kept {
  const value = ctx.learned[keyOf(ctx)];
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const { way, code, configured } = (isObject ? value : {}) as { readonly [key: string]: Json };
  const known = ctx.config.methods.find((method) => method === way);
  return { way: known ?? null, code: mailedCode(code), configured: configured === true };
}

function keyOf(ctx: Context): string {
  return `authenticator:${ctx.stageId}`;
}

/** Those that somebody has: the last used first, then as configured. */
function waysOf(
  methods: readonly AuthenticatorKind[],
  owned: readonly Authenticator[],
): readonly AuthenticatorKind[] {
  const lastUse = (kind: AuthenticatorKind): number =>
    Math.max(0, ...owned.filter((one) => one.kind === kind).map((one) => one.lastUsedAt ?? 0));
  return methods
    .filter((method) => owned.some((one) => one.kind === method))
    .sort((a, b) => lastUse(b) - lastUse(a));
}
