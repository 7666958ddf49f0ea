/**
 * Redirects to one of our own URLs, or to another flow, keeping the destination. The return-to
 * check rejects any other target.
 */
import { z } from 'zod';
import { name } from '../../schema/names.ts';
import { MAX_RETURN_TO } from '../../core/access/return-to.ts';
import { defineStage, type StageContext, type Step } from '../../core/flow/stage.ts';

const config = z
  .strictObject({
    to: z
      .url({ protocol: /^https?$/ })
      .max(MAX_RETURN_TO)
      .optional()
      .describe('Absolute URL of the portal or of a route.'),
    flow: name.optional().describe('Name of another flow. The destination is kept.'),
  })
  .refine((options) => (options.to === undefined) !== (options.flow === undefined), {
    message: 'expected either to or flow',
  });
type Config = z.infer<typeof config>;

/** See README.md beside this file. */
export const redirect = defineStage({
  type: 'redirect',
  config,
  submission: null,
  uses: [],
  claims: () => ({ wants: [], gives: [] }),
  leads: {
    urls: (options) => (options.to === undefined ? [] : [options.to]),
    flows: (options) => (options.flow === undefined ? [] : [options.flow]),
    isEnd: true,
  },
  texts: {
    en: { 'redirect.foreign': 'This page leads to an address that is not one of ours.' },
    de: { 'redirect.foreign': 'Diese Seite führt zu einer Adresse, die nicht zu uns gehört.' },
  },
  open: (ctx) => Promise.resolve(go(ctx)),
  submit: (ctx) => Promise.resolve(go(ctx)),
});

function go(ctx: Pick<StageContext<Config>, 'config' | 'site' | 'checkReturnTo'>): Step {
  const { to: url, flow } = ctx.config;
  const to = ctx.checkReturnTo(url ?? `${ctx.site.origin}/flow/${flow ?? ''}`);
  if (to !== null) return { kind: 'leave', to, via: 'return-to' };
  return {
    kind: 'stop',
    reason: { code: 'redirect/foreign' },
    text: { key: 'redirect.foreign' },
  };
}
