/** Options of `upstream` that change the messages between visitors and an app. */
import { z } from 'zod';
import { text } from '../../../schema/words.ts';

const value = z.string().max(8192);

/** `headers`, `basic` and `rewrite` of an upstream. */
export const messageOptions = {
  headers: z
    .strictObject({
      set: z
        .record(text(64), value)
        .prefault({})
        .describe(
          'Headers that the app receives in place of the client’s: fixed text, secrets, and placeholders such as `{user.name}` or `{user.attributes.NAME}`. Empty where a placeholder has no value.',
        ),
      remove: z
        .array(text(64))
        .max(64)
        .prefault([])
        .describe('Headers of the client that the app does not receive.'),
    })
    .optional()
    .describe('Request headers that are set or removed.'),
  basic: z
    .strictObject({
      user: text(1024).describe('Username: fixed text or placeholders.'),
      password: text(1024).describe('Password: a secret or placeholders.'),
    })
    .optional()
    .describe(
      'Credentials for an app with its own Basic sign-in, in place of the client’s Authorization header. Where a placeholder has no value, the app receives none.',
    ),
  rewrite: z
    .strictObject({
      location: z
        .boolean()
        .prefault(false)
        .describe(
          'Replaces the address of the upstream in Location, Content-Location and Refresh with the public one.',
        ),
      cookie_domain: text(255)
        .optional()
        .describe(
          'Replaces the Domain of the app’s cookies. `none` removes it, so that cookies belong to the host alone.',
        ),
      cookie_path: z
        .boolean()
        .prefault(false)
        .describe('Replaces the path of the upstream in the Path of the app’s cookies.'),
    })
    .optional()
    .describe('Addresses of the upstream that are replaced in responses.'),
};

const prefix = z.string().max(300);

/** Where the requests of a path or route go, beside `upstream`. */
export const prefixOptions = {
  strip_prefix: prefix
    .optional()
    .describe('Prefix that is cut from the path: with `/wiki2`, `/wiki2/page` becomes `/page`.'),
  add_prefix: prefix
    .optional()
    .describe('Prefix that is put before the path, behind the base path of the upstream.'),
};
