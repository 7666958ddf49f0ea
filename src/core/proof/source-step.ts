/**
 * What a sign-in with a source leads to, the same for every stage: steps, rejections, and the account that
 * a plan remembers between them.
 */
import type { SourceAttempt, StageContext, Step } from '../flow/stage.ts';
import type { Method } from '../people/session.ts';
import type { Subject } from '../people/subject.ts';
import { PASSAGE_KEY } from '../sources/passage.ts';
import type { AccountKey } from '../sources/source-link.ts';
import { type ConfiguredSource, titleOf } from '../sources/source-rule.ts';
import { keptFrom, type SourceSession } from '../sources/source-session.ts';
import type { SourceProfile } from '../sources/source.ts';
import type { Json } from '../values/json.ts';
import type { Message } from '../values/message.ts';
import { causeOf } from '../values/network-cause.ts';
import { Problem } from '../values/problem.ts';
import type { Reason } from '../values/reason.ts';
import { fieldsOf, isRecord } from '../values/record.ts';
import { rejectedProof } from './password-proof.ts';

/** The key in `learned` that is true if a source, and not a name, identified and verified the user. */
export const SOURCE_KEY = 'source';

/** The key in `learned` for an account that was vouched for and awaits the rest of its submission. */
export const PENDING_KEY = 'source.pending';

/** The method of a proof by a source. */
export const SOURCE_METHOD = 'source';

/** The method of a second factor that the provider asked for, where the operator lets it count. */
const FACTOR_METHOD = 'source_mfa';

type Ports =
  | 'accounts'
  | 'directories'
  | 'links'
  | 'marks'
  | 'random'
  | 'sources'
  | 'users'
  | 'vault';

/** What proving by a source needs of a stage's context. */
export type SourceContext = Pick<
  StageContext<unknown, Ports>,
  | 'admit'
  | 'expiresAt'
  | 'flow'
  | 'learned'
  | 'now'
  | 'planId'
  | 'ports'
  | 'proofs'
  | 'prove'
  | 'report'
  | 'session'
  | 'site'
  | 'stageId'
  | 'subject'
  | 'user'
>;

/** A rejection; the stage asks again with its own challenge. */
export interface SourceRejection {
  readonly kind: 'rejected';
  readonly reason: Reason;
  readonly rejection: Message;
  readonly retryAt?: number;
  readonly learned: Readonly<Record<string, Json>>;
}

/** What a visit to a source leads to. */
export type SourceStep = SourceRejection | Exclude<Step, { kind: 'insert' }>;

/** An account that awaits the rest of its submission, or its user's password. */
export interface Pending extends AccountKey {
  readonly source: string;
  /** The user who must enter the password first; null: the account is linked already. */
  readonly userId: string | null;
  /** What the source decides about the user. */
  readonly changes: { readonly groups?: readonly string[] };
  /** Whether the provider asked for a second factor that counts. */
  readonly isFactor: boolean;
  /** What a session of this sign-in keeps. */
  readonly kept: SourceSession;
}

/** A refusal of an account that its provider vouched for: counted, and reported with its reasons. */
export async function refuse(
  ctx: SourceContext,
  configured: ConfiguredSource,
  { subject }: SourceProfile,
  why: Omit<SourceAttempt, 'source'> & { readonly code: string },
): Promise<SourceRejection> {
  await fail(ctx, { ...why, source: configured.rule.name }, subject);
  return rejected(why.code, configured);
}

/** Counts by address alone: a name that others share would let strangers lock it. */
export async function fail(
  ctx: SourceContext,
  about: SourceAttempt,
  unique: string,
): Promise<void> {
  const unknown = { login: uniqueLogin(about.source, { subject: unique }), userId: null };
  await ctx.prove(SOURCE_METHOD, unknown, () => Promise.resolve('wrong'), about);
}

/** What stands for the name of an account without a user. No user has it: names contain no spaces. */
export function uniqueLogin(source: string, { subject }: Pick<SourceProfile, 'subject'>): string {
  return `${source} ${subject}`.slice(0, 254);
}

/** Proves the user of an account that its source has vouched for. `isNew`: the user is still to be created. */
export async function proveVouched(
  ctx: SourceContext,
  subject: Subject,
  { source, isFactor, isNew = false }: Pick<Pending, 'source' | 'isFactor'> & { isNew?: boolean },
): Promise<SourceRejection | { readonly kind: 'proved'; readonly proved: readonly Method[] }> {
  const about = { source, code: null, ...(isNew ? { isNew } : {}) };
  const proof = await ctx.prove(SOURCE_METHOD, subject, vouched, about);
  if (proof.result !== 'right') {
    return { kind: 'rejected', ...rejectedProof(SOURCE_METHOD, proof, FAILED), learned: FORGOTTEN };
  }
  const factor = isFactor ? await ctx.prove(FACTOR_METHOD, subject, vouched, about) : null;
  const proved = factor?.result === 'right' ? [SOURCE_METHOD, FACTOR_METHOD] : [SOURCE_METHOD];
  return { kind: 'proved', proved };
}

/** The provider has vouched for the account; what remains is whether its user may sign in. */
const vouched = (): Promise<'right'> => Promise.resolve('right');

/** What a thrown problem of a source means to the user; rethrows every other fault. */
export function failed(
  ctx: Pick<SourceContext, 'report'>,
  caught: unknown,
  configured: ConfiguredSource,
): SourceRejection {
  const code = caught instanceof Problem ? caught.code : '';
  const cause = causeOf(caught);
  const about = { source: configured.rule.name, code, ...(cause === null ? {} : { cause }) };
  if (code === 'source/unavailable') ctx.report(about, 'unavailable');
  else if (code === 'source/denied') ctx.report(about, 'denied');
  else if (code !== 'source/refused') throw caught;
  return rejected(code, configured);
}

export function rejected(code: string, configured: ConfiguredSource | null): SourceRejection {
  const source = configured === null ? '' : titleOf(configured);
  const rejection = { key: `flow.${code.replace('/', '.')}`, values: { source } };
  return { kind: 'rejected', reason: { code }, rejection, learned: FORGOTTEN };
}

export const FORGOTTEN = { [PASSAGE_KEY]: null, [PENDING_KEY]: null };

/** What a plan remembers of the account until its user is proved. */
export function pendingWith({ changes, kept, ...pending }: Pending) {
  const stored = { ...pending, changes: { ...changes }, kept: { ...kept } };
  return { [PASSAGE_KEY]: null, [PENDING_KEY]: stored };
}

export function pendingOf(learned: SourceContext['learned']): Pending | null {
  const stored = learned[PENDING_KEY];
  if (!isRecord(stored)) return null;
  const { issuer, subject, source, userId, isFactor, changes } = stored;
  const kept = keptFrom(stored.kept);
  if (kept === null || typeof issuer !== 'string' || typeof subject !== 'string') return null;
  if (typeof source !== 'string') return null;
  const { groups } = fieldsOf(changes);
  const isList = Array.isArray(groups) && groups.every((group) => typeof group === 'string');
  return {
    issuer,
    subject,
    source,
    userId: typeof userId === 'string' ? userId : null,
    changes: isList ? { groups } : {},
    isFactor: isFactor === true,
    kept,
  };
}

/** Texts for failed proofs. */
export const WORDS = {
  wrong: { key: 'flow.source.link.wrong' },
  busy: { key: 'flow.source.busy' },
  throttled: { key: 'flow.source.throttled' },
};

const FAILED = { ...WORDS, wrong: { key: 'flow.source.disabled' } };
