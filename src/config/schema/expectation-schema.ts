/** The shape of `tests`, strict: beside routes in the main file, beside stages in a flow file. */
import { z } from 'zod';
import { isJson, type Json } from '../../core/values/json.ts';
import { date } from './options/schema-types.ts';
import { duration } from '../../schema/duration.ts';
import { name } from '../../schema/names.ts';
import { text } from '../../schema/words.ts';

/** Most tests of one file. */
const MAX_TESTS = 1000;

const json = z.custom<Json>(isJson);

const person = z.strictObject({
  name: text(255).describe('Username.'),
  id: text(300).optional().describe('Id as in a directory: `embedded/…`.'),
  groups: z.array(text(255)).max(1000).prefault([]).describe('Groups.'),
  email: z.string().max(254).prefault('').describe('Email address.'),
  email_verified: z.boolean().prefault(true).describe('Whether the address is verified.'),
  display_name: z.string().max(255).prefault('').describe('Name shown to users.'),
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
    .describe('The user: a name in a directory, or an invented user. Default: not signed in.'),
  methods: methods
    .optional()
    .describe(
      'How the user was verified: a list, or each method with how long ago, such as `{ password: 2h, totp: 5m }`. Default: `[password]`.',
    ),
  ip: text(45).prefault('127.0.0.1').describe('The client’s address.'),
  time: date.optional().describe('Time of the request. Default: now.'),
  headers: z
    .record(text(64), z.string().max(4096))
    .prefault({})
    .describe('More headers of the request. By default, the request is a page load.'),
  signals: z
    .record(text(100), json)
    .prefault({})
    .describe('Data from outside, by name. Signals that are left out are missing.'),
};

const limits = (each: number) => z.array(text(each)).max(64).prefault([]);

const token = z.strictObject({
  routes: limits(64).describe('Routes that it may open. Default: all.'),
  methods: limits(24).describe('Methods that it may use. Default: all.'),
  networks: limits(64).describe('Networks that it may be used from. Default: all.'),
});

const routeTest = z.strictObject({
  name: text(200).describe('Description of the test.'),
  given: z
    .strictObject({
      url: text(8192).describe('Requested URL, with scheme and host.'),
      method: text(24).prefault('GET').describe('Request method.'),
      ...who,
      token: token
        .optional()
        .describe(
          'The request shows a token of the user with these limits, in place of a session.',
        ),
      jwt: z
        .strictObject({
          issuer: name.describe('Name of an issuer in `jwt` of the main file.'),
          claims: z
            .record(text(255), json)
            .prefault({})
            .describe('Claims beside `iss`, `aud`, `iat` and `exp`, which fit unless stated.'),
        })
        .optional()
        .describe('The request shows a JSON Web Token of this issuer, whose signature is right.'),
    })
    .describe('The request.'),
  expect: z
    .strictObject({
      decision: z.enum(['allow', 'authenticate', 'deny']).describe('Expected result.'),
      reason: code.optional().describe('One of the reasons, such as `group/not-member`.'),
      flow: name.optional().describe('Flow that the user is sent to.'),
      status: z.int().min(400).max(599).optional().describe('Status of the refusal.'),
    })
    .refine((e) => e.flow === undefined || e.decision === 'authenticate', {
      message: 'flow requires decision: authenticate',
      path: ['flow'],
    })
    .refine((e) => e.status === undefined || e.decision === 'deny', {
      message: 'status requires decision: deny',
      path: ['status'],
    })
    .describe('Expected result.'),
});

const flowTest = z.strictObject({
  name: text(200).describe('Description of the test.'),
  given: z
    .strictObject({
      ...who,
      signed_in: z
        .boolean()
        .prefault(false)
        .describe(
          'The user has a session, verified by `methods`. Otherwise each stage that verifies the user takes one of the methods, in order.',
        ),
      event: z
        .enum(['visit', 'invitation', 'link'])
        .optional()
        .describe(
          'How the run started. Default: by a visit, or by the link that the flow requires.',
        ),
      url: text(8192).optional().describe('The app the user comes from.'),
    })
    .describe('The user who runs the flow.'),
  expect: z
    .strictObject({
      stages: z.array(name).max(64).optional().describe('Ids of the stages that apply, in order.'),
      refused: code.optional().describe('A reason why the flow refuses the user.'),
    })
    .refine((e) => (e.stages === undefined) !== (e.refused === undefined), {
      message: 'expected either stages or refused',
    })
    .describe('Expected result.'),
});

/** `tests` of the main file. */
export const routeTests = z.array(routeTest).max(MAX_TESTS);
/** `tests` of a flow file. */
export const flowTests = z.array(flowTest).max(MAX_TESTS);

export type RouteTest = z.infer<typeof routeTest>;
export type FlowTest = z.infer<typeof flowTest>;
