/** What pages of other origins can do with an app. */
import { z } from 'zod';
import { duration } from '../../../schema/duration.ts';
import { text } from '../../../schema/words.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** `cors` of a route. */
export const corsSchema = z.strictObject({
  origins: z
    .array(text(300))
    .min(1)
    .max(64)
    .describe('Origins of those pages, such as `https://app.example.com`. Compared exactly.'),
  methods: z
    .array(z.string().regex(/^[A-Z][A-Z-]{0,23}$/, 'expected a method such as PUT'))
    .min(1)
    .max(16)
    .prefault(METHODS)
    .describe('Methods that their scripts can use.'),
  headers: z
    .array(
      z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'expected a header name such as X-Requested-With'),
    )
    .max(64)
    .optional()
    .describe(
      'Request headers that their scripts can send. Default: those that a preflight asks for.',
    ),
  credentials: z
    .boolean()
    .prefault(false)
    .describe('Whether their scripts can send cookies, which includes the session.'),
  max_age: duration()
    .prefault('10m')
    .describe('How long browsers can keep the answer to a preflight.'),
  preflight: z
    .enum(['answer', 'pass'])
    .prefault('answer')
    .describe(
      'Whether Doorward answers preflights, or passes them to the app without a session (`pass`).',
    ),
});
