/** The shape of `upstream` as an object. What URLs and certificates contain is read by the linker. */
import { z } from 'zod';
import { BALANCES, CONNECTIONS } from '../../../core/routes/upstream.ts';
import { messageOptions } from './message-schema.ts';
import { duration } from '../../../schema/duration.ts';
import { text } from '../../../schema/words.ts';

/** Most members of an upstream. */
const MAX_MEMBERS = 64;

const url = text(2048);
const pem = text(262_144);

const tls = z.strictObject({
  ca: pem
    .optional()
    .describe('Authorities to trust instead of the machine’s own: PEM text or a path to it.'),
  servername: text(255)
    .optional()
    .describe('Name or address that the certificate must contain. Default: the host of the URL.'),
  insecure: z
    .boolean()
    .prefault(false)
    .describe('Accepts any certificate. The connection is encrypted but can be intercepted.'),
  cert: pem
    .optional()
    .describe('Certificate that Doorward shows to the app, with its chain: PEM text or a path.'),
  key: pem.optional().describe('Private key of `cert`, without a passphrase: PEM text or a path.'),
});

const seconds = { least: 100, most: 3_600_000 };

const health = z.strictObject({
  path: z
    .string()
    .max(2048)
    .regex(/^\/[!"$-~]*$/, 'expected a path such as /healthz')
    .describe('Path of a GET request that the app answers with 200 to 399 while it works.'),
  every: duration(seconds).prefault('10s').describe('Time between two checks of a member.'),
  timeout: duration(seconds).prefault('5s').describe('The response must be complete by then.'),
  fails: z.int().min(1).max(100).prefault(3).describe('Failed checks in a row: down.'),
  passes: z.int().min(1).max(100).prefault(2).describe('Passed checks in a row: up again.'),
  status: z
    .array(z.int().min(200).max(599))
    .min(1)
    .max(32)
    .optional()
    .describe('Statuses that pass. Default: 200 to 399.'),
});

/** `upstream` with options. */
export const upstream = z.strictObject({
  url: url
    .optional()
    .describe('URL of the app: `http://wiki:8080`, `h2c://rpc:50051` or `unix:/run/app.sock`.'),
  urls: z
    .array(url)
    .min(1)
    .max(MAX_MEMBERS)
    .optional()
    .describe('URLs of several members that serve the same app, with one scheme and base path.'),
  balance: z
    .enum(BALANCES)
    .prefault(BALANCES[0])
    .describe(
      'The member for a request: the one with the fewest open requests, the `first` that works, or always the same one for a user (`hash`).',
    ),
  health: health.optional().describe('Checks each member by requests.'),
  tls: tls.optional().describe('How the certificate of an https:// app is verified.'),
  connections: z
    .int()
    .min(8)
    .max(65_536)
    .prefault(CONNECTIONS)
    .describe(
      'Number of requests that can wait for the app’s response at the same time, over all members. One visitor can use an eighth of it.',
    ),
  timeout: duration()
    .optional()
    .describe('The app must begin its response within this time. Default: `timeout` of the route.'),
  ...messageOptions,
});
