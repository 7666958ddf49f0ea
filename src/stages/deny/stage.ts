/** Denies access and ends the flow. Later stages never run. */
import { z } from 'zod';
import { words } from '../../schema/words.ts';
import type { Words } from '../../core/values/message.ts';
import { defineStage, type Step } from '../../core/flow/stage.ts';

/** See README.md beside this file. */
export const deny = defineStage({
  type: 'deny',
  config: z.strictObject({
    text: words(2000)
      .optional()
      .describe(
        'Why, and what to do: plain text, one for all languages or one for each. Default: a general sentence.',
      ),
  }),
  submission: null,
  uses: [],
  claims: () => ({ wants: [], gives: [] }),
  leads: { isEnd: true },
  texts: {
    en: { 'deny.text': 'You cannot go on here. If you think you should, ask the operator.' },
    de: {
      'deny.text':
        'Hier geht es für Sie nicht weiter. Wenn Sie das für einen Irrtum halten, wenden Sie sich an die Administration dieser Website.',
    },
  },
  open: (ctx) => Promise.resolve(stop(ctx.config.text)),
  submit: (ctx) => Promise.resolve(stop(ctx.config.text)),
});

function stop(text: Words | undefined): Step {
  return {
    kind: 'stop',
    reason: { code: 'flow/denied' },
    text: text === undefined ? { key: 'deny.text' } : { literal: text },
  };
}
