/** A flow file's shape, strict. Options of stages and policies are read by the linker. */
import { z } from 'zod';
import { DESIGNATIONS } from '../../core/flow/designation.ts';
import { DENIED_ACTIONS, REQUIREMENTS } from '../../core/flow/flow.ts';
import { flowTests } from './expectation-schema.ts';
import { bindings, match } from './options/schema-types.ts';
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
          '`message`: a page that says so. `message_continue`: the page with a link to continue. `continue`: goes straight to the destination.',
        ),
      text: words(LONGEST)
        .optional()
        .describe('Text of the page: one for all languages, or one for each.'),
    }),
  ])
  .transform((written) => {
    const { action, text = null } = typeof written === 'string' ? { action: written } : written;
    return { action, text };
  });

/** A flow file. */
export const flowSchema = z.strictObject({
  title: words(100).describe('Heading of its pages: one for all languages, or one for each.'),
  designation: z.enum(DESIGNATIONS).describe('Purpose of the flow.'),
  requires: z
    .enum(REQUIREMENTS)
    .prefault('anyone')
    .describe(
      'Who can start it. `fresh` means signed in within ten minutes; `source`: accounts at a source that have no user yet, where `unknown` names the flow.',
    ),
  policies: bindings.prefault([]).describe('Which users can run it.'),
  match: match.prefault('all').describe('Whether `all` policies must pass or `any` one of them.'),
  denied: denied
    .prefault('message')
    .describe('What users see if its policies, or `requires: anonymous`, refuse them.'),
  texts: z
    .record(z.string().max(100), words(LONGEST))
    .refine((all) => Object.keys(all).length <= MOST_TEXTS, `expected at most ${MOST_TEXTS} texts`)
    .prefault({})
    .describe(
      'Replacements for built-in texts: a key, and a text for all languages or one for each.',
    ),
  stages: z
    .array(z.record(z.string(), z.unknown()))
    .min(1)
    .max(64)
    .describe('The stages, in order.'),
  tests: flowTests
    .prefault([])
    .describe('Users and the stages that apply to them, run only by `doorward check`.'),
});

/** A flow file as parsed. */
export type FlowConfig = z.infer<typeof flowSchema>;

/** The keys of a stage binding that are the flow's own; all others are options of the stage. */
export const stageBindingSchema = z.strictObject({
  id: name.optional().describe('Unique in its flow. Default: the type.'),
  policies: bindings
    .prefault([])
    .describe(
      'Evaluated when the flow reaches the stage. If they fail, the stage is left out; after an error, it stays in.',
    ),
  match: match.prefault('all').describe('Whether `all` policies must pass or `any` one of them.'),
  on_invalid: z
    .enum(['retry', 'restart', 'restart_keeping'])
    .prefault('retry')
    .describe(
      'After a refused submission: ask again, start over, or start over and keep the username.',
    ),
});
