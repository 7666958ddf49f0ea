/** One route of the main file, and its paths. */
import { z } from 'zod';
import { duration } from '../../../schema/duration.ts';
import { name } from '../../../schema/names.ts';
import { text } from '../../../schema/words.ts';
import { identitySchema } from './identity-schema.ts';
import { bindings, match, oneOrMany, signOutTo, host } from './schema-types.ts';
import { corsSchema } from './cors-schema.ts';
import { credentials } from './credential-schema.ts';
import { prefixOptions } from './message-schema.ts';
import { upstream } from './upstream-schema.ts';

const maxAge = duration().describe(
  'Requires a new sign-in if the session began longer ago than this.',
);
const factorAge = duration().describe(
  'Requires a new sign-in if the last proof (password or second factor) is older than this.',
);

const publicIf = bindings
  .optional()
  .describe(
    'If all these policies pass, no session is needed. Only policies that need no user: dummy, geo, http, network, time.',
  );

const upstreamOrUrl = z.union([text(2048), upstream]).optional();

const path = z.strictObject({
  path: text(2048)
    .optional()
    .describe(
      'Path: literal segments, `*` for one segment or, as in `*.json`, for a part of it, `/**` at the end for the path and everything below.',
    ),
  re: text(500)
    .optional()
    .describe(
      'In place of `path`: an RE2 regular expression for the whole path, `^/case/[a-z]+$`. It is tried after the more specific patterns and before `/case/**`.',
    ),
  methods: z
    .array(z.string().max(24))
    .min(1)
    .max(16)
    .optional()
    .describe('Methods that this rule applies to. Default: all. GET includes HEAD.'),
  public: z.boolean().optional().describe('Open to all visitors, without a session.'),
  public_if: publicIf,
  closed: z.boolean().optional().describe('Denied to all visitors, without a sign-in.'),
  policies: bindings.optional().describe('Policies that replace those of the route.'),
  match: match.optional().describe('Whether `all` policies must pass or `any` one of them.'),
  flow: name.optional().describe('Flow that signs users in for this path.'),
  max_age: maxAge.optional(),
  factor_age: factorAge.optional(),
  ...credentials,
  upstream: upstreamOrUrl.describe(
    'The app that serves this path, if it is not that of the route: a URL, or an object with `url` and options.',
  ),
  ...prefixOptions,
});

const answers = z.strictObject({
  internal_redirects: z
    .boolean()
    .prefault(false)
    .describe('Passes on X-Accel-* and X-Sendfile, which make a proxy in front serve other files.'),
  public_cache: z
    .boolean()
    .prefault(false)
    .describe(
      'Passes on Cache-Control: public on protected paths, so that shared caches can store responses.',
    ),
});

/** Most routes. */
export const MAX_ROUTES = 10_000;

/** One route of the main file. */
export const routeSchema = z.strictObject({
  id: name.describe('Unique name in logs, metrics and reasons.'),
  title: text(100).optional().describe('Name shown to users. Default: the id.'),
  host: oneOrMany(host, 64).describe(
    'Host names: exact, `*.example.com` for exactly one more label, `app-*.example.com` for a part of it, `{user}.example.com` or `{group}.example.com` for hosts of one user or group. Add `:port` if it differs from the portal’s.',
  ),
  upstream: upstreamOrUrl.describe(
    'URL of the app: `http://wiki:8080`, `h2c://rpc:50051` or `unix:/run/app.sock`, or an object with `url` or `urls` and options. Without it, the route is for forward auth only.',
  ),
  ...prefixOptions,
  answers: answers.prefault({}).describe('What the app’s responses can contain.'),
  identity: identitySchema
    .optional()
    .describe(
      'What this app receives about the user, instead of what `identity` of the main file says.',
    ),
  flow: name.prefault('login').describe('Flow that signs users in.'),
  policies: bindings
    .prefault([])
    .describe('Who can use the app. If empty, every signed-in user can.'),
  match: match.prefault('all').describe('Whether `all` policies must pass or `any` one of them.'),
  public_if: publicIf,
  max_age: maxAge.optional(),
  factor_age: factorAge.optional(),
  ...credentials,
  pass_authorization: z
    .boolean()
    .prefault(false)
    .describe(
      'Passes the Authorization header on to the app even if Doorward has used it. The app then sees tokens and passwords.',
    ),
  origins: z
    .array(text(300))
    .max(64)
    .prefault([])
    .describe('More origins whose pages can open websockets to this app.'),
  cors: corsSchema.optional().describe('Pages of other origins that can call this app.'),
  timeout: duration().prefault('60s').describe('The app must begin its response within this time.'),
  preserve_host: z
    .boolean()
    .prefault(true)
    .describe('Sends the Host that the browser requested instead of the upstream’s own.'),
  paths: z.array(path).max(1000).prefault([]).describe('Rules for paths.'),
  strict_paths: z
    .boolean()
    .prefault(false)
    .describe(
      'Refuses paths that servers could read in several ways (400), instead of requiring the rules of every reading.',
    ),
  sign_out_paths: z
    .array(text(2048))
    .max(16)
    .prefault([])
    .describe(
      'Addresses at which the app signs users out, such as `/logout`. A user who goes there is signed out of all apps.',
    ),
  sign_out_to: signOutTo
    .optional()
    .describe(
      'URLs to which users can go after a sign-out from this app, in place of the main file’s `sign_out_to`.',
    ),
  front_controllers: z
    .array(
      z
        .string()
        .max(100)
        .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/, 'expected a file name such as index.php'),
    )
    .max(8)
    .prefault([])
    .describe(
      'Files such as `index.php` behind which the app reads the path: rules for `/admin` then also count for `/index.php/admin`.',
    ),
});
