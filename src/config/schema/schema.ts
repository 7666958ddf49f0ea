/**
 * The main file's shape, strict: unknown keys are faults. Plug-in options are left open here
 * and read by the linker with each plug-in's own schema.
 */

import { z } from 'zod';
import { CONNECTIONS } from '../../core/access/upstream.ts';
import { WHY_LEVELS } from '../../core/access/why.ts';
import { DEFAULT_ACCENT } from '../../core/setup/brand.ts';
import { routeTests } from './expectation-schema.ts';
import { bindings, match, oneOrMany } from './schema-types.ts';
import { duration } from '../../schema/duration.ts';
import { name } from '../../schema/names.ts';
import { text } from '../../schema/words.ts';

const host = text(255);

const listener = z.union([
  text(300),
  z.strictObject({
    at: text(300).describe('`host:port` on this machine or `unix:/path`.'),
    trusts: z
      .literal('peer')
      .optional()
      .describe(
        '`peer`: whatever connects here may speak for others. For a unix socket or a loopback address that only your proxy reaches.',
      ),
  }),
]);

const maxAge = duration().describe('Sign in again when the session began this long ago.');
const factorAge = duration().describe('Sign in again when nothing was proved for this long.');

const path = z.strictObject({
  path: text(2048).describe(
    'Path: literal segments, `*` for one segment, `/**` at the end for everything below.',
  ),
  methods: z
    .array(z.string().max(24))
    .min(1)
    .max(16)
    .optional()
    .describe('Methods this rule is for; all when left out. GET stands for HEAD too.'),
  public: z.boolean().optional().describe('Open to everybody, without a session.'),
  policies: bindings.optional().describe('Policies in place of those of the route.'),
  match: match.optional().describe('`all` policies must pass, or `any` one of them.'),
  flow: name.optional().describe('Flow that signs people in for this path.'),
  max_age: maxAge.optional(),
  factor_age: factorAge.optional(),
});

const upstream = z.strictObject({
  url: text(2048).describe('Where the app is: `http://wiki:8080` or `unix:/run/app.sock`.'),
  tls: z
    .strictObject({
      ca: text(262_144)
        .optional()
        .describe('Authorities to trust in place of the machine’s own: PEM text or a path to it.'),
      servername: text(255)
        .optional()
        .describe('Name or address to look for in the certificate, in place of the URL’s own.'),
      insecure: z
        .boolean()
        .prefault(false)
        .describe('Accept any certificate. The connection is encrypted but can be intercepted.'),
    })
    .optional()
    .describe('How the certificate of an https:// app is checked.'),
  connections: z
    .int()
    .min(8)
    .max(65_536)
    .prefault(CONNECTIONS)
    .describe(
      'Requests that may wait for the app’s answer at one time. One visitor may use an eighth of it.',
    ),
});

const answers = z.strictObject({
  internal_redirects: z
    .boolean()
    .prefault(false)
    .describe('Pass on X-Accel-* and X-Sendfile, which make a proxy in front serve other files.'),
  public_cache: z
    .boolean()
    .prefault(false)
    .describe(
      'Pass on Cache-Control: public on protected paths, so that shared caches may keep them.',
    ),
});

/** Most routes. */
export const MAX_ROUTES = 10_000;

/** One route of the main file. */
export const routeSchema = z.strictObject({
  id: name.describe('Name in logs, metrics and reasons; unique.'),
  title: text(100).optional().describe('Name shown to people; the id when left out.'),
  host: oneOrMany(host, 64).describe(
    'Host names, exact or `*.example.com` for exactly one more label, with `:port` where it is not the portal’s.',
  ),
  upstream: z
    .union([text(2048), upstream])
    .optional()
    .describe(
      'Where the app is: `http://wiki:8080` or `unix:/run/app.sock`, or an object with `url` and options. Left out: for forward-auth only.',
    ),
  answers: answers.prefault({}).describe('What the app’s answers may contain.'),
  flow: name.prefault('login').describe('Flow that signs people in.'),
  policies: bindings.prefault([]).describe('Who may use it; anybody signed in when empty.'),
  match: match.prefault('all').describe('`all` policies must pass, or `any` one of them.'),
  max_age: maxAge.optional(),
  factor_age: factorAge.optional(),
  origins: z
    .array(text(300))
    .max(64)
    .prefault([])
    .describe('Further origins whose pages may open websockets to this app.'),
  timeout: duration().prefault('60s').describe('The app must begin its answer within this time.'),
  preserve_host: z
    .boolean()
    .prefault(true)
    .describe('Send the Host the browser asked for, rather than the upstream’s own.'),
  paths: z.array(path).max(1000).prefault([]).describe('Paths with rules of their own.'),
});

const session = z.strictObject({
  secrets: z
    .array(z.string())
    .max(8)
    .prefault([])
    .describe(
      'Keys of at least 32 random characters: the first seals, all open. Empty with embedded state: one is made once and kept in data_dir.',
    ),
  idle: duration().prefault('1h').describe('A session that is not used this long ends.'),
  lifetime: duration().prefault('12h').describe('A session ends after this time, used or not.'),
  cookie_domains: z
    .array(host)
    .max(16)
    .prefault([])
    .describe('Root domains that share the sign-in. Empty: the portal’s host alone.'),
});

const identity = z.strictObject({
  headers: z
    .record(text(64), z.string().max(100))
    .prefault({
      'Remote-User': 'user.name',
      'Remote-Groups': 'user.groups',
      'Remote-Name': 'user.display_name',
      'Remote-Email': 'user.email',
    })
    .describe('Headers an app gets, and what stands in each.'),
  unverified_email: z
    .boolean()
    .prefault(false)
    .describe(
      'Send addresses that were never verified as well. Users can claim any address at enrollment.',
    ),
  jwt: z
    .strictObject({ header: text(64).describe('Header that carries the signed assertion.') })
    .optional()
    .describe('A signed assertion beside the plain headers; keys at /.well-known/jwks.json.'),
});

const throttle = z.strictObject({
  free: z.int().min(1).max(1000).prefault(5).describe('Wrong answers before the first wait.'),
  wait: duration().prefault('5s').describe('First wait; doubled with each further wrong answer.'),
  longest: duration().prefault('15m').describe('Longest wait.'),
  window: duration().prefault('1h').describe('Quiet time after which all is forgotten.'),
});

const whyLevel = z.enum(WHY_LEVELS);

const why = z.union([
  whyLevel,
  z.strictObject({
    everybody: whyLevel.prefault('reasons').describe('What everybody is told.'),
    groups: z
      .record(text(255), whyLevel)
      .prefault({})
      .describe('What members of a group are told beyond that.'),
  }),
]);

/** An option of every mailer, beside its own. */
export const mailTemplates = text(4096)
  .optional()
  .describe('Directory with letters in place of ours: email-code.en.txt, email-code.en.html.');

/** The main file. */
export const configSchema = z.strictObject({
  public_url: text(300).describe('The portal, where people sign in: https://auth.example.com'),
  insecure_http: z
    .boolean()
    .prefault(false)
    .describe(
      'Allow a public_url with http:// that is not on this machine. Sessions can be stolen on the way.',
    ),
  listen: oneOrMany(listener, 16)
    .prefault('127.0.0.1:4747')
    .describe(
      'Where to listen: `host:port` or `unix:/path`, one or a list; or `{ at, trusts: peer }` for a listener of its own for the proxy.',
    ),
  workers: z
    .union([z.int().min(1).max(128), z.literal('auto')])
    .prefault(1)
    .describe('Processes; `auto` is one a core.'),
  admin: z
    .strictObject({
      listen: text(300)
        .prefault('127.0.0.1:9464')
        .describe('Listener of /healthz, /readyz and /metrics, or `off`. Never the public one.'),
    })
    .prefault({})
    .describe('The listener for operators.'),
  state: z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .prefault('embedded')
    .describe('Where sessions, plans and counters are kept.'),
  data_dir: text(4096).prefault('./data').describe('Directory for what is kept on disk.'),
  session: session.prefault({}).describe('Sessions and their cookie.'),
  trusted_proxies: z
    .array(text(64))
    .max(256)
    .prefault([])
    .describe('Peers that may speak for others: addresses, networks, `loopback`, `private`.'),
  directories: z
    .array(z.record(z.string(), z.unknown()))
    .min(1)
    .max(16)
    .prefault([{ type: 'embedded' }])
    .describe('Where users come from, asked in order.'),
  mail: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'How letters are sent. Left out: written to files under data_dir where public_url is this machine, none elsewhere.',
    ),
  flows: text(4096)
    .optional()
    .describe('Directory with one YAML file a flow, over the shipped flows: the same name wins.'),
  flows_only: z
    .boolean()
    .prefault(false)
    .describe('Leave the shipped flows out: those in `flows` are all there are.'),
  policies: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .prefault({})
    .describe('Named policies, to be used with `name:`.'),
  signals: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .prefault({})
    .describe('Where policies get data from outside, such as places of addresses.'),
  identity: identity.prefault({}).describe('What an app is told about who is there.'),
  brand: z
    .strictObject({
      name: text(60).prefault('Doorward').describe('Name on every page.'),
      accent: z
        .string()
        .regex(/^#[0-9A-Fa-f]{6}$/, 'expected a colour such as #1d6b5a')
        .prefault(DEFAULT_ACCENT)
        .describe('Accent colour, as #rrggbb.'),
      logo: text(4096).optional().describe('Picture on every page: an SVG, PNG or WebP file.'),
    })
    .prefault({})
    .describe('The look of the pages.'),
  why: why
    .prefault('reasons')
    .describe(
      'What whoever is refused is told: `code` alone, `reasons` in words, or the whole `trace` with rules, lines and operands.',
    ),
  throttle: throttle.optional().describe('How wrong answers are slowed down.'),
  tests: routeTests
    .prefault([])
    .describe('What must come of which request: run by `doorward check`, and by nothing else.'),
  routes: z
    .array(routeSchema)
    .max(MAX_ROUTES)
    .prefault([])
    .describe('The apps that are protected.'),
});

/** The main file as parsed. */
export type Config = z.infer<typeof configSchema>;
export type RouteConfig = Config['routes'][number];
export type PathConfig = RouteConfig['paths'][number];
