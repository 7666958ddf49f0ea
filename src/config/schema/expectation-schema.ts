/** The shape of `tests`, strict: beside routes in the main file, beside stages in a flow file. */
import { z } from 'zod';
import type { Json } from '../../core/values/json.ts';
import { date } from './schema-types.ts';
import { duration } from '../../schema/duration.ts';
import { name } from '../../schema/names.ts';
import { text } from '../../schema/words.ts';

/** Most tests of one file. */
const MAX_TESTS = 1000;

// What comes from a file is JSON already.
const json = z.unknown() as z.ZodType<Json>;

const person = z.strictObject({
  name: text(255).describe('Sign-in name.'),
  id: text(300).optional().describe('As a directory would give it: `embedded/…`.'),
  groups: z.array(text(255)).max(1000).prefault([]).describe('Groups.'),
  email: z.string().max(254).prefault('').describe('Address.'),
  email_verified: z.boolean().prefault(true).describe('Whether the address is verified.'),
  display_name: z.string().max(255).prefault('').describe('Name shown to people.'),
  attributes: z.record(z.string(), json).prefault({}).describe('Attributes.'),
  password_set: date.optional().describe('When the password was set.'),
  disabled: z.boolean().prefault(false).describe('A disabled user has no session.'),
});

const code = text(100);
const methods = z.union([z.array(text(64)).min(1).max(16), z.record(text(64), duration())]);

const who = {
  user: z
    .union([text(255), person])
    .optional()
    .describe('Who asks: a name that a directory knows, or somebody made up. Left out: nobody.'),
  methods: methods
    .optional()
    .describe(
      'What proved them: a list, or each with how long ago, such as `{ password: 2h, totp: 5m }`. `[password]` when left out.',
    ),
  ip: text(45).prefault('127.0.0.1').describe('Address of the client.'),
  time: date.optional().describe('When; now when left out.'),
  headers: z
    .record(text(64), z.string().max(4096))
    .prefault({})
    .describe(
      'Further headers of the request. It is a page that is opened unless they say otherwise.',
    ),
  signals: z
    .record(text(100), json)
    .prefault({})
    .describe('Data from outside, by name. What is not given is missing.'),
};

const routeTest = z.strictObject({
  name: text(200).describe('What is tested, in words.'),
  given: z
    .strictObject({
      url: text(8192).describe('What is asked for, with scheme and host.'),
      method: text(24).prefault('GET').describe('Request method.'),
      ...who,
    })
    .describe('The request.'),
  expect: z
    .strictObject({
      decision: z.enum(['allow', 'authenticate', 'deny']).describe('What must come of it.'),
      reason: code.optional().describe('One of the reasons, such as `group/not-member`.'),
      flow: name.optional().describe('Flow they must be sent to.'),
      status: z.int().min(400).max(599).optional().describe('Status of the refusal.'),
    })
    .refine((e) => e.flow === undefined || e.decision === 'authenticate', {
      message: 'only whoever must authenticate is sent to a flow',
      path: ['flow'],
    })
    .refine((e) => e.status === undefined || e.decision === 'deny', {
      message: 'only a denial has a status',
      path: ['status'],
    })
    .describe('What must come of it.'),
});

const flowTest = z.strictObject({
  name: text(200).describe('What is tested, in words.'),
  given: z
    .strictObject({
      ...who,
      signed_in: z
        .boolean()
        .prefault(false)
        .describe(
          'They came with a session that `methods` proved. Otherwise each stage that proves somebody proves one of them, in order.',
        ),
      event: z
        .enum(['visit', 'invitation', 'link'])
        .optional()
        .describe(
          'How the run was begun; by a visit when left out, or by the link that it requires.',
        ),
      url: text(8192).optional().describe('The app they come from.'),
    })
    .describe('Who runs the flow.'),
  expect: z
    .strictObject({
      stages: z.array(name).max(64).optional().describe('Ids of the stages that stand, in order.'),
      refused: code.optional().describe('A reason for which the flow is refused.'),
    })
    .refine((e) => (e.stages === undefined) !== (e.refused === undefined), {
      message: 'expected either stages or refused',
    })
    .describe('What must come of it.'),
});

/** `tests` of the main file. */
export const routeTests = z.array(routeTest).max(MAX_TESTS);
/** `tests` of a flow file. */
export const flowTests = z.array(flowTest).max(MAX_TESTS);

export type RouteTest = z.infer<typeof routeTest>;
export type FlowTest = z.infer<typeof flowTest>;
