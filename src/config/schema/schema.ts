/**
 * The main file's shape, strict: unknown keys are faults. Plug-in options are left open here
 * and read by the linker with each plug-in's own schema.
 */

import { z } from 'zod';
import { DISCLOSURE_LEVELS } from '../../core/access/disclosure.ts';
import { DEFAULT_ACCENT } from '../../core/setup/brand.ts';
import { routeTests } from './expectation-schema.ts';
import { certificateSchema } from './options/certificate-schema.ts';
import { identitySchema } from './options/identity-schema.ts';
import { jwtSchema } from './options/jwt-schema.ts';
import { MAX_ROUTES, routeSchema } from './options/route-schema.ts';
import { host, oneOrMany, signOutTo } from './options/schema-types.ts';
import { duration } from '../../schema/duration.ts';
import { name } from '../../schema/names.ts';
import { text } from '../../schema/words.ts';

const trustList = z.array(text(64)).max(256);

const listener = z.union([
  text(300),
  z.strictObject({
    at: text(300).describe('`host:port` of this machine, or `unix:/path`.'),
    serves: z
      .literal('envoy-grpc')
      .optional()
      .describe(
        '`envoy-grpc`: replies to the checks of Envoy over gRPC (HTTP/2 in cleartext), and to nothing else. Only Envoy should reach it.',
      ),
    trusts: z
      .union([z.literal('peer'), trustList])
      .optional()
      .describe(
        'Peers of this listener that may report client addresses, in place of `trusted_proxies`: a list, or `peer` for every peer of a Unix socket or loopback address that only your proxy reaches.',
      ),
    http2: z
      .boolean()
      .prefault(false)
      .describe(
        'Speaks HTTP/2 in cleartext beside HTTP/1.1, for gRPC clients and for proxies that pass gRPC on. Clients must begin with HTTP/2; there is no upgrade.',
      ),
    proxy_protocol: z
      .boolean()
      .prefault(false)
      .describe(
        'Every connection must begin with a PROXY header, version 1 or 2, of a trusted peer. The client that it names takes the place of the peer.',
      ),
  }),
]);

const session = z.strictObject({
  secrets: z
    .array(z.string())
    .max(8)
    .prefault([])
    .describe(
      'Keys of at least 32 random characters. The first encrypts, all of them decrypt. If empty, with embedded state, one is created and stored in data_dir.',
    ),
  idle: duration().prefault('1h').describe('A session ends after this time without use.'),
  lifetime: duration().prefault('12h').describe('A session ends after this time, used or not.'),
  cookie_domains: z
    .array(host)
    .max(16)
    .prefault([])
    .describe('Root domains that share the sign-in. If empty, only the portal’s host does.'),
  cookies: z
    .enum(['domain', 'host'])
    .prefault('domain')
    .describe(
      '`domain`: one cookie for all hosts of a root domain. `host`: each host of an app has its own, which opens no other.',
    ),
});

const throttle = z.strictObject({
  free: z
    .int()
    .min(1)
    .max(1000)
    .prefault(5)
    .describe('Number of failed attempts before the first wait.'),
  wait: duration()
    .prefault('5s')
    .describe('First wait. It doubles with each further failed attempt.'),
  longest: duration().prefault('15m').describe('Longest wait.'),
  window: duration().prefault('1h').describe('Quiet time after which the count is reset.'),
});

const whyLevel = z.enum(DISCLOSURE_LEVELS);

const why = z.union([
  whyLevel,
  z.strictObject({
    everybody: whyLevel.prefault('reasons').describe('What all visitors see.'),
    groups: z
      .record(text(255), whyLevel)
      .prefault({})
      .describe('What members of a group see in addition.'),
  }),
]);

/** An option of every mailer, beside its own. */
export const mailTemplates = text(4096)
  .optional()
  .describe('Directory with your own emails: email-code.en.txt, email-code.en.html.');

const place = z.union([z.string(), z.record(z.string(), z.unknown())]).prefault('embedded');

/** The main file. */
export const configSchema = z.strictObject({
  public_url: text(300).describe(
    'URL of the portal, where users sign in: https://auth.example.com',
  ),
  insecure_http: z
    .boolean()
    .prefault(false)
    .describe(
      'Accepts http:// in public_url for other machines. Attackers on the network can then steal sessions.',
    ),
  listen: oneOrMany(listener, 16)
    .prefault('127.0.0.1:4747')
    .describe(
      'Where to listen: `host:port` or `unix:/path`, one or a list. `{ at, trusts }` is a listener with options.',
    ),
  workers: z
    .union([z.int().min(1).max(128), z.literal('auto')])
    .prefault(1)
    .describe('Number of processes. `auto` means one for each core.'),
  admin: z
    .strictObject({
      listen: text(300)
        .prefault('127.0.0.1:9464')
        .describe('Listener for /healthz, /readyz and /metrics, or `off`. Never the public one.'),
    })
    .prefault({})
    .describe('The admin listener.'),
  state: place.describe('Where sessions, plans and counters are stored.'),
  database: place.describe('Where users are stored: `embedded` or a `postgres://` URL.'),
  data_dir: text(4096).prefault('./data').describe('Directory for data on disk.'),
  session: session.prefault({}).describe('Sessions and their cookie.'),
  trusted_proxies: trustList
    .prefault([])
    .describe(
      'Peers that may report client addresses and use the check endpoints: addresses, networks, `loopback`, `private`, `unix`.',
    ),
  client_address: z
    .strictObject({
      header: text(64).describe(
        'Header in which trusted peers name the client instead of X-Forwarded-For: `X-Real-IP`, `CF-Connecting-IP`. They must send it exactly once with one address.',
      ),
    })
    .optional()
    .describe('Where trusted peers report the client’s address. Default: X-Forwarded-For.'),
  directories: z
    .array(z.record(z.string(), z.unknown()))
    .min(1)
    .max(16)
    .prefault([{ type: 'embedded' }])
    .describe('Where users come from, queried in order.'),
  sources: z
    .record(name, z.record(z.string(), z.unknown()))
    .prefault({})
    .describe('Other providers that users sign in with, by a name of yours.'),
  mail: z
    .record(z.string(), z.unknown())
    .optional()
    .describe(
      'How emails are sent. By default, they are written to files under data_dir if public_url is this machine; otherwise there is no mail.',
    ),
  flows: text(4096)
    .optional()
    .describe(
      'Directory with one YAML file for each flow. A file replaces the shipped flow of the same name.',
    ),
  flows_only: z
    .boolean()
    .prefault(false)
    .describe('Disables the shipped flows and uses only those in `flows`.'),
  sign_up: z
    .boolean()
    .prefault(false)
    .describe(
      'Offers the shipped flow `sign-up`: anyone with an email address can create an account.',
    ),
  sign_out_to: signOutTo
    .prefault([])
    .describe(
      'URLs to which users can go after a sign-out. The first is the default; a link can name another one exactly.',
    ),
  policies: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .prefault({})
    .describe('Named policies, used with `name:`.'),
  signals: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .prefault({})
    .describe('Data from outside for policies, such as the location of addresses.'),
  identity: identitySchema.prefault({}).describe('What apps receive about the user.'),
  brand: z
    .strictObject({
      name: text(60).prefault('Doorward').describe('Name shown on every page.'),
      accent: z
        .string()
        .regex(/^#[0-9A-Fa-f]{6}$/, 'expected a color such as #1d6b5a')
        .prefault(DEFAULT_ACCENT)
        .describe('Accent color, as #rrggbb.'),
      logo: text(4096)
        .optional()
        .describe('Logo on every page: an SVG, PNG, WebP or JPEG file (.jpg).'),
    })
    .prefault({})
    .describe('The look of the pages.'),
  why: why
    .prefault('reasons')
    .describe(
      'What denied users see: only the `code`, the `reasons` as sentences, or the whole `trace` with rules, lines and operands.',
    ),
  jwt: jwtSchema,
  certificates: certificateSchema,
  throttle: throttle.optional().describe('How failed attempts are slowed down.'),
  tests: routeTests
    .prefault([])
    .describe('Requests and the expected decisions, run only by `doorward check`.'),
  routes: z.array(routeSchema).max(MAX_ROUTES).prefault([]).describe('The protected apps.'),
  routes_dir: text(4096)
    .optional()
    .describe(
      'Directory with more routes: YAML files, each a list, added to `routes` by file name.',
    ),
});

/** The main file as parsed. */
export type Config = z.infer<typeof configSchema>;
export type RouteConfig = Config['routes'][number];
export type PathConfig = RouteConfig['paths'][number];
