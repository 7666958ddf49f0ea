/**
 * The cases of header_hygiene.json and session_lifecycle.json: the test for each, the feature it
 * waits for, or the reason why it does not apply to Doorward.
 */
import type { Missing } from './pending.ts';

/** The status of a case. */
export type Fate =
  /** A test file, relative to the root, and words of its test's title or name. */
  | { readonly in: string; readonly test: string }
  | { readonly waits: Missing }
  | { readonly not: string };

const requests = 'test/hostile/requests.suite.ts';
const checks = 'test/hostile/checks.test.ts';
const live = 'test/hostile/live.test.ts';
const lifecycle = 'test/hostile/lifecycle.test.ts';
const preserve = 'there is no option to keep a client’s own identity headers';
const renewed = { in: live, test: 'FLOW-groups-live' };

/** header_hygiene.json, by `case`. */
export const hygiene: Readonly<Record<string, Fate>> = {
  'configured identity header, client also sends it, preserve=false': {
    in: requests,
    test: 'only the gateway sets identity headers',
  },
  'same, preserve=true': { not: preserve },
  'identity value absent in session, preserve=false': {
    in: 'test/hostile/crossing.test.ts',
    test: 'do not reach the app',
  },
  'identity value absent in session, preserve=true': { not: preserve },
  'client sends X_Auth_Request_User / x-auth_request-user variants of X-Auth-Request-User': {
    in: requests,
    test: 'only the gateway sets identity headers',
  },
  'multi-valued header to upstream': {
    in: 'src/core/access/identity.test.ts',
    test: 'never split a group in two',
  },
  'bypassed / public route, client sends identity headers': {
    in: 'test/hostile/crossing.test.ts',
    test: 'leave a visitor anonymous',
  },
  'auth service answers 200 without a listed header (Caddy copy_headers, Skipper webhook)': {
    in: checks,
    test: 'names no other user',
  },
  'client sends Connection: X-Forwarded-User (or other identity header name)': {
    in: requests,
    test: 'only the gateway sets identity headers',
  },
  'X-Forwarded-Uri spoofed by direct client': {
    in: checks,
    test: 'refuses an untrusted peer, whatever its headers say',
  },
  'health-check User-Agent': {
    in: requests,
    test: 'paths, hosts, methods and forwarded headers give no access',
  },
  'path with %23 (encoded #) vs allow-list regex': {
    in: requests,
    test: 'paths, hosts, methods and forwarded headers give no access',
  },
  'e-mail with two @ vs allowed domain': {
    in: 'test/hostile/passwords.test.ts',
    test: 'PWD-normalise',
  },
  'basic password injection': { not: 'no password is ever sent to an app' },
};

const confirmed = 'src/flow/standing/confirm.test.ts';

/** session_lifecycle.json, by list and `case`. */
export const lifetimes: Readonly<Record<string, Readonly<Record<string, Fate>>>> = {
  authelia: {
    'idle too long': { in: lifecycle, test: 'idle too long' },
    'idle but remembered': { in: lifecycle, test: 'idle but remembered' },
    active: { in: 'src/gate/visitor/visitors.test.ts', test: 'are moved by use' },
    'activity counts on forbidden resource': {
      in: lifecycle,
      test: 'a forbidden request counts as use',
    },
    'refresh disabled': { not: 'groups are read live; there is nothing to switch off' },
    'user deleted in backend on refresh': { in: live, test: 'FLOW-deleted-live' },
    'group removed in backend': renewed,
    'group added in backend': renewed,
    'backend error on refresh (not "not found")': {
      in: 'src/gate/visitor/visitors.test.ts',
      test: 'gives no access when down',
    },
    'Session-Username header equals session user': {
      not: 'nothing a client says names a user, so there is nothing to compare',
    },
    'Session-Username header differs': {
      not: 'nothing a client says names a user, so there is nothing to compare',
    },
    'cookie of another cookie domain': { waits: 'handover to other root domains' },
    'bypass resource while session idle-expired': { in: lifecycle, test: 'idle too long' },
    'session says level>0 without username': {
      in: 'src/flow/engine/executor.test.ts',
      test: 'no session starts without a right proof for that very user',
    },
  },
  oauth2_proxy_refresh: {
    'no cookie': { in: 'src/gate/visitor/visitors.test.ts', test: 'when there is no cookie' },
    'invalid cookie': { in: 'test/hostile/cookies.test.ts', test: 'SESS-cookie-malformed' },
    'session younger than refresh period': {
      in: confirmed,
      test: 'is used as it is while it is younger than the interval',
    },
    'older, refresh succeeds': {
      in: confirmed,
      test: 'is confirmed by the provider afterwards, with each refresh token once',
    },
    'older, refresh fails (network), validation passes': {
      in: confirmed,
      test: 'continues for two more intervals without an answer, and counts again after one',
    },
    'older, refresh fails, validation fails': {
      in: confirmed,
      test: 'does not count after an answer that is not valid, until there is a valid one',
    },
    'refresh error invalid_grant or invalid_client': {
      in: confirmed,
      test: 'ends at once, for every gateway, if the provider refuses the account',
    },
    'provider cannot refresh': {
      in: confirmed,
      test: 'ends if there is no refresh token to ask with, and the user signs in again',
    },
    'N concurrent requests on an old session': {
      in: confirmed,
      test: 'is asked about once by many requests to two gateways',
    },
    'lock not obtainable in 5s': {
      in: confirmed,
      test: 'continues while another gateway waits too long for the answer',
    },
  },
};
