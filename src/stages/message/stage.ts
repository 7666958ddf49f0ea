/** Shows a message from the operator as plain text and waits for a click. */
import { z } from 'zod';
import { words } from '../../schema/words.ts';
import { defineStage } from '../../core/flow/stage.ts';

/** See README.md beside this file. */
export const message = defineStage({
  type: 'message',
  config: z.strictObject({
    title: words(100).describe('Heading of the page: one for all languages, or one for each.'),
    text: words(2000).describe('Plain text of the page.'),
  }),
  submission: { shape: z.strictObject({}) },
  uses: [],
  claims: () => ({ wants: [], gives: [] }),
  texts: { en: { 'message.submit': 'Continue' }, de: { 'message.submit': 'Weiter' } },
  open: (ctx) =>
    Promise.resolve({
      kind: 'ask',
      challenge: {
        type: 'message',
        title: { literal: ctx.config.title },
        fields: [{ kind: 'text-block', text: { literal: ctx.config.text } }],
        submit: { key: 'message.submit' },
      },
    }),
  submit: () => Promise.resolve({ kind: 'pass' }),
});
