/** A flow file's shape, strict. Options of stages and policies are read by the linker. */
import { z } from 'zod';
import { DESIGNATIONS, REQUIREMENTS } from '../core/flow.ts';
import { bindings, match, name, words } from './schema-types.ts';

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
  stages: z
    .array(z.record(z.string(), z.unknown()))
    .min(1)
    .max(64)
    .describe('The steps, in order.'),
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
