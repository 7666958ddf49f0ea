/**
 * Asks for evidence that the visitor is not a bot: a proof of work computed by the browser, or a
 * captcha from a provider. It does not identify the user, and each response is accepted once.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Message } from '../../core/values/message.ts';
import { Problem } from '../../core/values/problem.ts';
import type { Challenge } from '../../core/flow/challenge.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import { config, type Options, type Provider } from './options.ts';
import { isPassed } from './outside.ts';
import { texts } from './texts.ts';
import { isSolved, taskOf } from './work.ts';

/** Maximum length of a proof-of-work solution, in characters of JSON. */
const MAX_WORK = 1024;
/** Maximum length of a provider's response token, in characters. */
const MAX_TOKEN = 8192;
/**
 * How long a used response token is remembered, in milliseconds: longer than any provider accepts
 * it.
 */
const REMEMBERED = 60 * 60_000;

type Context = StageContext<Options, 'marks' | 'outside' | 'vault'>;
type Given = { readonly work?: string | undefined; readonly captcha?: string | undefined };

/** See README.md beside this file. */
export const captcha = defineStage({
  type: 'captcha',
  config,
  submission: {
    shape: z.strictObject({
      work: z.string().max(MAX_WORK).optional(),
      captcha: z.string().max(MAX_TOKEN).optional(),
    }),
  },
  uses: ['marks', 'outside', 'vault'],
  claims: () => ({ wants: [], gives: [] }),
  hides: ['secret'],
  texts,
  open: (ctx) => Promise.resolve({ kind: 'ask', challenge: challenge(ctx) }),
  async submit(ctx, given): Promise<Step> {
    const verdict = await evaluate(ctx, given);
    if (verdict === 'right') return { kind: 'pass' };
    const reason = { code: `captcha/${verdict}` };
    return { kind: 'ask', challenge: challenge(ctx), reason, rejection: WORDS[verdict] };
  },
});

const WORDS: Readonly<Record<'wrong' | 'unavailable', Message>> = {
  wrong: { key: 'captcha.wrong' },
  unavailable: { key: 'captcha.unavailable' },
};

async function evaluate(ctx: Context, given: Given): Promise<'right' | 'wrong' | 'unavailable'> {
  const options = ctx.config;
  if (options.kind !== 'proof_of_work') return askProvider(ctx, options, given.captcha ?? '');
  const task = taskOf(ctx.ports.vault, ctx.nonce, options.effort);
  if (!isSolved(task, given.work ?? '')) return 'wrong';
  return (await ctx.ports.marks.take(`captcha:${task.salt}`, ctx.expiresAt)) ? 'right' : 'wrong';
}

async function askProvider(
  ctx: Context,
  options: Provider,
  token: string,
): Promise<'right' | 'wrong' | 'unavailable'> {
  if (token === '') return 'wrong';
  // Marked before the provider is queried, so only one of several concurrent submissions with the
  // same token can succeed.
  const mark = `captcha:${createHash('sha256').update(token).digest('hex')}`;
  if (!(await ctx.ports.marks.take(mark, ctx.now + REMEMBERED))) return 'wrong';
  try {
    const { hostname } = new URL(ctx.site.origin);
    return (await isPassed(ctx.ports.outside, options, token, hostname)) ? 'right' : 'wrong';
  } catch (caught) {
    // Named fallback: the stage does not pass, and the page says that the provider is unavailable.
    if (caught instanceof Problem && caught.code === 'outside/unavailable') return 'unavailable';
    throw caught;
  }
}

function challenge(ctx: Context): Challenge {
  const options = ctx.config;
  return {
    type: 'captcha',
    title: { key: 'captcha.title' },
    fields: [
      options.kind === 'proof_of_work'
        ? {
            kind: 'work',
            name: 'work',
            task: { ...taskOf(ctx.ports.vault, ctx.nonce, options.effort) },
            label: { key: 'captcha.work' },
          }
        : {
            kind: 'captcha',
            name: 'captcha',
            provider: options.kind,
            siteKey: options.site_key,
            label: { key: 'captcha.puzzle' },
          },
    ],
    submit: { key: 'captcha.submit' },
  };
}
