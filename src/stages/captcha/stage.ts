/**
 * Asks for a sign that no robot is at work: a sum that the browser does by itself, or somebody
 * else's puzzle. It says nothing about who somebody is, and an answer is taken once.
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

/** Longest solution of the sum, in characters of JSON. */
const MAX_WORK = 1024;
/** Longest answer of a provider, in characters. */
const MAX_TOKEN = 8192;
/** How long a provider's answer is remembered, in milliseconds: longer than any provider takes one. */
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
    const verdict = await judge(ctx, given);
    if (verdict === 'right') return { kind: 'pass' };
    const reason = { code: `captcha/${verdict}` };
    return { kind: 'ask', challenge: challenge(ctx), reason, refusal: WORDS[verdict] };
  },
});

const WORDS: Readonly<Record<'wrong' | 'unavailable', Message>> = {
  wrong: { key: 'captcha.wrong' },
  unavailable: { key: 'captcha.unavailable' },
};

async function judge(ctx: Context, given: Given): Promise<'right' | 'wrong' | 'unavailable'> {
  const options = ctx.config;
  if (options.kind !== 'proof_of_work') return judgeOutside(ctx, options, given.captcha ?? '');
  const task = taskOf(ctx.ports.vault, ctx.nonce, options.effort);
  if (!isSolved(task, given.work ?? '')) return 'wrong';
  return (await ctx.ports.marks.take(`captcha:${task.salt}`, ctx.expiresAt)) ? 'right' : 'wrong';
}

async function judgeOutside(
  ctx: Context,
  options: Provider,
  token: string,
): Promise<'right' | 'wrong' | 'unavailable'> {
  if (token === '') return 'wrong';
  // Before it is asked: of many at once with one answer, one comes through.
  const mark = `captcha:${createHash('sha256').update(token).digest('hex')}`;
  if (!(await ctx.ports.marks.take(mark, ctx.now + REMEMBERED))) return 'wrong';
  try {
    const { hostname } = new URL(ctx.site.origin);
    return (await isPassed(ctx.ports.outside, options, token, hostname)) ? 'right' : 'wrong';
  } catch (caught) {
    // Named fallback: nobody gets past, and they are told that it is not their fault.
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
