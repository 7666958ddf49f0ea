/** Sends somebody on to one of our own URLs. Never anywhere else: the return-to check has the last word. */
import { z } from 'zod';
import { MAX_RETURN_TO } from '../../core/return-to.ts';
import { defineStage, type Step } from '../../core/stage.ts';

/** See README.md beside this file. */
export const redirect = defineStage({
  type: 'redirect',
  config: z.strictObject({
    to: z
      .url({ protocol: /^https?$/ })
      .max(MAX_RETURN_TO)
      .describe('A whole URL of the portal or of a route.'),
  }),
  answer: null,
  uses: [],
  claims: () => ({ wants: [], gives: [] }),
  leadsTo: (options) => [options.to],
  texts: { en: { 'redirect.foreign': 'This page leads to an address that is not one of ours.' } },
  open: (ctx) => Promise.resolve(go(ctx.checkReturnTo(ctx.config.to))),
  submit: (ctx) => Promise.resolve(go(ctx.checkReturnTo(ctx.config.to))),
});

function go(to: string | null): Step {
  if (to !== null) return { kind: 'leave', to };
  return {
    kind: 'stop',
    reason: { code: 'redirect/foreign' },
    text: { key: 'redirect.foreign' },
  };
}
