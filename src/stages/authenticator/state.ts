/**
 * Determines which methods the user can use and which one the page asks for. Until the user is
 * proved, it offers all configured methods except emailed codes, so the page reveals nothing about
 * the account.
 */
import type { Authenticator, AuthenticatorKind } from '../../core/people/account.ts';
import type { Json } from '../../core/values/json.ts';
import { isRecord } from '../../core/values/record.ts';
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

/** What the plan stores for this stage. */
export interface Kept {
  /** The method the user chose instead of the first one. */
  readonly way: AuthenticatorKind | null;
  readonly code: MailedCode | null;
  /** Whether the setup stages have been inserted; they are inserted only once. */
  readonly configured: boolean;
}

/** The state of the stage for its subject. */
export interface StageState {
  readonly subject: Subject;
  readonly isOwner: boolean;
  /** Available methods, in the order they are offered. */
  readonly ways: readonly AuthenticatorKind[];
  /** The method the page asks for, or null if none is available. */
  readonly way: AuthenticatorKind | null;
  /** The subject's authenticators of the configured kinds, last used first. */
  readonly owned: readonly Authenticator[];
  /** The passkey requests on the page. */
  readonly requests: readonly PasskeyRequest[];
  readonly kept: Kept;
}

/** Reads the current state. Writes nothing. */
export async function stateOf(ctx: Context, subject: Subject): Promise<StageState> {
  const { methods } = ctx.config;
  const isOwners = isOwner(ctx);
  // Queried for unknown users as well, so response time does not reveal whether an account exists.
  const all = await ctx.ports.accounts.authenticators(subject.userId ?? '');
  const owned = all
    .filter((one) => methods.includes(one.kind))
    .sort((a, b) => (b.lastUsedAt ?? 0) - (a.lastUsedAt ?? 0));
  const ways = isOwners ? waysOf(methods, owned) : methods.filter((m) => m !== 'email_code');
  const kept = keptOf(ctx);
  // List the subject's passkeys only once they are proved; otherwise the page would reveal which
  // passkeys an account has.
  const passkeys = owned.filter((one) => one.kind === 'webauthn');
  const requests = isOwners
    ? requestsFor(passkeys, ctx.site)
    : await requestsForAnyone(ctx.ports.accounts, ctx.site);
  const way = kept.way !== null && ways.includes(kept.way) ? kept.way : (ways[0] ?? null);
  return { subject, isOwner: isOwners, ways, way, owned, requests, kept };
}

/** Returns `learned` with the stored state of this stage updated. */
export function keep(ctx: Context, kept: Kept, changes: Partial<Kept>): Record<string, Json> {
  const { way, code, configured } = { ...kept, ...changes };
  return { [keyOf(ctx)]: { way, code: code === null ? null : { ...code }, configured } };
}

/**
 * Returns `learned` with the stored state of this stage removed, so codes are not stored longer
 * than necessary.
 */
export function forget(ctx: Context): Record<string, Json> {
  return { [keyOf(ctx)]: null };
}

function keptOf(ctx: Context): Kept {
  const value = ctx.learned[keyOf(ctx)];
  const { way, code, configured }: Record<string, Json> = isRecord(value) ? value : {};
  const known = ctx.config.methods.find((method) => method === way);
  return { way: known ?? null, code: mailedCode(code), configured: configured === true };
}

function keyOf(ctx: Context): string {
  return `authenticator:${ctx.stageId}`;
}

/** The configured methods the user has: last used first, then in the configured order. */
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
