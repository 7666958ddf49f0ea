/** Stages that behave as a test requires, for what no real stage does or should do. */
import { z } from 'zod';
import { linkKey, linkName, linkUrl } from '../../src/core/flow/link.ts';
import type { Challenge, Field } from '../../src/core/flow/challenge.ts';
import type { Step } from '../../src/core/flow/stage.ts';
import { type AnyStage, defineStage, type StageContext } from '../../src/core/flow/stage.ts';

type Context = StageContext<unknown>;

/** What a scripted stage does; by default, it asks nothing and passes. */
export interface Script extends Partial<Omit<AnyStage, 'type' | 'open' | 'submit'>> {
  readonly open?: (ctx: Context) => Step | Promise<Step>;
  readonly submit?: (ctx: Context, answer: Record<string, string>) => Step | Promise<Step>;
}

/** A stage of this type. Accepts any submission of short strings. */
export function scripted(type: string, script: Script = {}): AnyStage {
  const { open = () => ({ kind: 'pass' }), submit = open, ...rest } = script;
  return {
    type,
    config: z.strictObject({}),
    submission: { shape: z.record(z.string(), z.string().max(256)) },
    uses: [],
    claims: () => ({ wants: [], gives: [] }),
    texts: { en: {} },
    ...rest,
    open: async (ctx: Context) => open(ctx),
    submit: async (ctx: Context, answer: Record<string, string>) => submit(ctx, answer),
  };
}

/** A question of this type. */
export function question(type: string, fields: readonly Field[] = []): Challenge {
  return { type, title: { literal: type }, fields, submit: { literal: 'Go' } };
}

/** Passes, with these effects. */
export function doing(...effects: NonNullable<Extract<Step, { kind: 'pass' }>['effects']>): Step {
  return { kind: 'pass', effects };
}

/**
 * A mailed link as the real stage promises it: an email when the question is first asked, its token
 * known only by its hash, valid once, for the subject alone.
 */
export const mailedLink = defineStage({
  type: 'mailed_link',
  config: z.strictObject({ other_browser: z.boolean().prefault(false) }),
  submission: { shape: z.strictObject({ link: z.string().max(86).optional() }) },
  uses: ['random', 'vault', 'marks'],
  claims: () => ({ wants: ['identified'], gives: ['verified'] }),
  redeemsLinks: true,
  texts: { en: {} },
  async open(ctx): Promise<Step> {
    const challenge = question('mailed_link');
    if (ctx.learned[linkKey(ctx.stageId)] !== undefined) return { kind: 'ask', challenge };
    const token = ctx.ports.random.token(16);
    const name = linkName(ctx.ports.vault, ctx.planId, token);
    const url = linkUrl(ctx.site.origin, ctx.flow.name, ctx.planId, token);
    const record = { name, otherBrowser: ctx.config.other_browser };
    const email = {
      to: ctx.user?.email ?? '',
      template: 'email-link',
      values: { url },
      language: 'en',
    };
    return {
      kind: 'ask',
      challenge,
      learned: { [linkKey(ctx.stageId)]: record },
      effects: ctx.user === null ? [] : [{ kind: 'send-mail', email }],
    };
  },
  async submit(ctx, { link = '' }): Promise<Step> {
    const { subject } = ctx;
    const record = ctx.learned[linkKey(ctx.stageId)] as { name: string } | undefined;
    if (subject === null) return { kind: 'stop', reason: { code: 'x' }, text: { literal: '' } };
    const proof = await ctx.prove('email_link', subject, async () => {
      const name = linkName(ctx.ports.vault, ctx.planId, link);
      const isRight = name === record?.name && (await ctx.ports.marks.take(name, ctx.expiresAt));
      return isRight ? 'right' : 'wrong';
    });
    if (proof.result === 'right') return { kind: 'pass', proved: 'email_link' };
    return {
      kind: 'ask',
      challenge: question('mailed_link'),
      reason: { code: `email_link/${proof.result}` },
      ...(proof.result === 'throttled' ? { retryAt: proof.retryAt } : {}),
    };
  },
});
