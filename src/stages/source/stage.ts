/**
 * Sends the user to another provider and takes its answer, which identifies and proves them. Which account
 * belongs to whom is decided in core/proof, the same as for buttons on the identification page.
 */
import { z } from 'zod';
import type { Challenge } from '../../core/flow/challenge.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';
import { MAX_PASSWORD_BYTES } from '../../core/people/password.ts';
import { linkChallenge } from '../../core/proof/source-password.ts';
import { sourceButtons, sourceStep } from '../../core/proof/source-proof.ts';
import { MAX_ANSWER } from '../../core/sources/passage.ts';
import { name } from '../../schema/names.ts';
import { texts } from './texts.ts';

const config = z.strictObject({
  source: name.describe('Name of the source, a key of `sources` in the main file.'),
});
const PORTS = [
  'accounts',
  'directories',
  'links',
  'marks',
  'random',
  'sources',
  'users',
  'vault',
] as const;
type Context = StageContext<z.infer<typeof config>, (typeof PORTS)[number]>;

/** See README.md beside this file. */
export const source = defineStage({
  type: 'source',
  config,
  submission: {
    shape: z.strictObject({
      source: z.string().max(64).optional(),
      back: z.string().max(MAX_ANSWER).optional(),
      password: z.string().min(1).max(MAX_PASSWORD_BYTES).optional(),
    }),
  },
  uses: PORTS,
  claims: () => ({ wants: [], gives: ['identified', 'verified'] }),
  leads: { sources: (options) => ({ names: [options.source], option: 'source' }) },
  takesAnswers: true,
  texts,
  async open(ctx): Promise<Step> {
    return { kind: 'ask', challenge: (await linkChallenge(ctx)) ?? challenge(ctx) };
  },
  async submit(ctx, given): Promise<Step> {
    const step = await sourceStep(ctx, given, [ctx.config.source]);
    if (step !== null && step.kind !== 'rejected') return step;
    return step === null
      ? { ...INVALID, challenge: challenge(ctx) }
      : { ...step, kind: 'ask', challenge: challenge(ctx) };
  },
});

const INVALID = {
  kind: 'ask',
  reason: { code: 'answer/invalid' },
  rejection: { key: 'source.incomplete' },
} as const;

function challenge(ctx: Context): Challenge {
  return {
    type: 'source',
    title: { literal: ctx.flow.title },
    fields: sourceButtons(ctx.ports.sources, [ctx.config.source], {
      label: { key: 'source.choice' },
      button: 'source.continue',
      required: true,
    }),
    submit: { key: 'source.submit' },
  };
}
