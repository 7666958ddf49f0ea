/**
 * Creates recovery codes. They are shown once and stored as one-way names, replacing all earlier
 * codes, after the user confirms having saved them.
 */
import { z } from 'zod';
import { type Authenticator, MOST_AUTHENTICATORS } from '../../core/people/account.ts';
import { isOwner } from '../../core/flow/owner.ts';
import { makeRecoveryCode, recoveryCodeName } from '../../core/proof/recovery-code.ts';
import type { Challenge, Field } from '../../core/flow/challenge.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import { texts } from './texts.ts';

const config = z.strictObject({
  count: z.int().min(4).max(MOST_AUTHENTICATORS).prefault(10).describe('Number of codes.'),
});
type Context = StageContext<z.infer<typeof config>, 'accounts' | 'random' | 'vault'>;

/** See README.md beside this file. */
export const recoveryCodesSetup = defineStage({
  type: 'recovery_codes_setup',
  config,
  submission: {
    shape: z.strictObject({ kept: z.union([z.literal('on'), z.literal(true)]).optional() }),
  },
  uses: ['accounts', 'random', 'vault'],
  claims: () => ({ wants: ['identified', 'owner'], gives: [] }),
  texts,
  async open(ctx): Promise<Step> {
    if (!isOwner(ctx)) return NOT_OWNER;
    const before = await ctx.ports.accounts.authenticators(ctx.subject.userId, 'recovery_code');
    const known = codesOf(ctx);
    const codes =
      known ?? Array.from({ length: ctx.config.count }, () => makeRecoveryCode(ctx.ports.random));
    return {
      kind: 'ask',
      challenge: challenge(codes, before.length > 0 ? [REPLACES] : []),
      ...(known === null ? { learned: { [keyOf(ctx)]: codes } } : {}),
    };
  },
  submit(ctx, given): Promise<Step> {
    const codes = codesOf(ctx);
    if (!isOwner(ctx) || codes === null) return Promise.resolve(NOT_OWNER);
    if (given.kept === undefined) return Promise.resolve(notKept(codes));
    const { userId } = ctx.subject;
    const by = codes.map((code): Authenticator => {
      const handle = recoveryCodeName(ctx.ports.vault, userId, code) ?? '';
      const id = ctx.ports.random.token(16);
      const times = { createdAt: ctx.now, lastUsedAt: null };
      return { id, userId, kind: 'recovery_code', name: '', ...times, handle, data: {} };
    });
    return Promise.resolve({
      kind: 'pass',
      learned: { [keyOf(ctx)]: null },
      effects: [{ kind: 'replace-authenticators', userId, of: 'recovery_code', by }],
    });
  },
});

/** The linker prevents this. If it happens anyway, nothing is set up. */
const NOT_OWNER: Step = {
  kind: 'stop',
  reason: { code: 'user/unproved' },
  text: { key: 'recovery_codes_setup.unproved' },
};

function notKept(codes: readonly string[]): Step {
  return {
    kind: 'ask',
    challenge: challenge(codes, []),
    reason: { code: 'answer/invalid' },
    rejection: { key: 'recovery_codes_setup.keep' },
  };
}

function keyOf(ctx: Pick<Context, 'stageId'>): string {
  return `recovery_codes_setup:${ctx.stageId}`;
}

function codesOf(ctx: Pick<Context, 'stageId' | 'learned'>): readonly string[] | null {
  const kept = ctx.learned[keyOf(ctx)];
  return Array.isArray(kept) ? kept.filter((code) => typeof code === 'string') : null;
}

const REPLACES: Field = {
  kind: 'alert',
  tone: 'warning',
  text: { key: 'recovery_codes_setup.replaces' },
};

function challenge(codes: readonly string[], above: readonly Field[]): Challenge {
  return {
    type: 'recovery_codes_setup',
    title: { key: 'recovery_codes_setup.title' },
    lead: { key: 'recovery_codes_setup.lead' },
    fields: [
      ...above,
      { kind: 'codes', label: { key: 'recovery_codes_setup.codes' }, codes },
      {
        kind: 'checkbox',
        name: 'kept',
        label: { key: 'recovery_codes_setup.kept' },
        checked: false,
      },
    ],
    submit: { key: 'recovery_codes_setup.submit' },
  };
}
