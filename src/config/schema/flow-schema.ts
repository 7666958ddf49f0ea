/** A flow file's shape, strict. Options of stages and policies are read by the linker. */
import { z } from 'zod';
import { DESIGNATIONS } from '../../core/flow/designation.ts';
import { DENIED_ACTIONS, REQUIREMENTS } from '../../core/flow/flow.ts';
import { flowTests } from './expectation-schema.ts';
import { bindings, match } from './schema-types.ts';
import { name } from '../../schema/names.ts';
import { words } from '../../schema/words.ts';

/** Longest sentence of an operator's own, in characters; and most of them in a flow. */
const LONGEST = 1_000;
const MOST_TEXTS = 64;

const deniedAction = z.enum(DENIED_ACTIONS);

const denied = z
  .union([
    deniedAction,
    z.strictObject({
      action: deniedAction
        .prefault('message')
        .describe(
          '`message`: a page that says so; `message_continue`: with a way on; `continue`: on to their destination at once.',
        ),
      text: words(LONGEST)
        .optional()
        .describe('What the page says: a text, or one for each language.'),
    }),
  ])
  .transform((written) => {
    const { action, text = null } = typeof written === 'string' ? { action: written } : written;
    return { action, text };
  });

/** A flow file. */
export const flowSchema = z.strictObject({
  title: words(100).describe('Heading of its pages: a text, or one for each language.'),
  designation: z.enum(DESIGNATIONS).describe('What the flow is for.'),
  requires: z
    .enum(REQUIREMENTS)
    .prefault('anyone')
    .describe('Who may start it; `fresh` is signed in within ten minutes.'),
  policies: bindings.prefault([]).describe('Who may run it at all.'),
  match: match.prefault('all').describe('`all` policies must pass, or `any` one of them.'),
  denied: denied
    .prefault('message')
    .describe('What somebody meets whom its policies, or `requires: anonymous`, do not admit.'),
  texts: z
    .record(z.string().max(100), words(LONGEST))
    .refine((all) => Object.keys(all).length <= MOST_TEXTS, `expected at most ${MOST_TEXTS} texts`)
    .prefault({})
    .describe('Said on its pages in place of ours: a key, and a text, or one for each language.'),
  stages: z
    .array(z.record(z.string(), z.unknown()))
    .min(1)
    .max(64)
    .describe('The steps, in order.'),
  tests: flowTests
    .prefault([])
    .describe('Which stages stand for whom: run by `doorward check`, and by nothing else.'),
});

/** A flow file as parsed. */
export type FlowConfig = z.infer<typeof flowSchema>;

/** The keys of a stage binding that are the flow's own; all others are options of the stage. */
export const stageBindingSchema = z.strictObject({
  id: name.optional().describe('Unique in its flow; the type when left out.'),
  policies: bindings
    .prefault([])
    .describe('Judged when the stage is reached: a no leaves it out, an error leaves it in.'),
  match: match.prefault('all').describe('`all` policies must pass, or `any` one of them.'),
  on_invalid: z
    .enum(['retry', 'restart', 'restart_keeping'])
    .prefault('retry')
    .describe('After a refused answer: ask again, start over, or start over knowing who it is.'),
});
