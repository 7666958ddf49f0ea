/** Links `tests` to plain data with locations. Only `doorward check` runs them. */
import type { Issuer } from '../../core/proof/jwt.ts';
import { parseAddress, parseNetwork } from '../../core/request/address.ts';
import type { FlowExpectation, Given, RouteExpectation } from '../../core/setup/expectation.ts';
import type { User } from '../../core/people/user.ts';
import type { FlowTest, RouteTest } from '../schema/expectation-schema.ts';
import { formatPath } from '../faults/fault.ts';
import { below, blame, lineOf, type Spot } from '../faults/spot.ts';
import type { Aim } from '../faults/source.ts';
import { suggest } from '../faults/suggestion.ts';

/** What tests can name. */
export interface ExpectationTools {
  /** The names of all signals. */
  readonly signals: readonly string[];
}

/** What tests of routes may name besides. */
interface RouteTestTools extends ExpectationTools {
  /** The names of all flows. */
  readonly flows: readonly string[];
  readonly issuers: readonly Issuer[];
}

/** Tests of the main file; `spot` is the spot of `tests`. */
export function linkRouteTests(
  tests: readonly RouteTest[],
  spot: Spot,
  tools: RouteTestTools,
): readonly RouteExpectation[] {
  return tests.map(({ name, given, expect }, index) => {
    const at = below(spot, index);
    checkUrl(given.url, below(at, 'given', 'url'));
    if (expect.flow !== undefined) {
      checkName(expect.flow, { what: 'flow', names: tools.flows }, below(at, 'expect', 'flow'));
    }
    const { decision, reason = null, flow = null, status = null } = expect;
    return {
      kind: 'route',
      ...named(name, at),
      url: given.url,
      method: given.method.toUpperCase(),
      given: {
        ...linkGiven(given, below(at, 'given'), tools),
        token: linkToken(given, below(at, 'given')),
        jwt: linkJwt(given, below(at, 'given'), tools),
      },
      expect: { decision, reason, flow, status },
    };
  });
}

/** Tests of a flow file; `stages` are the ids of its stages. */
export function linkFlowTests(
  tests: readonly FlowTest[],
  { flow, stages }: { readonly flow: string; readonly stages: readonly string[] },
  spot: Spot,
  tools: ExpectationTools,
): readonly FlowExpectation[] {
  return tests.map(({ name, given, expect }, index) => {
    const at = below(spot, index);
    const { url = null, event = null } = given;
    if (url !== null) checkUrl(url, below(at, 'given', 'url'));
    for (const [i, id] of (expect.stages ?? []).entries()) {
      checkName(id, { what: 'stage', names: stages }, below(at, 'expect', 'stages', i));
    }
    return {
      kind: 'flow',
      ...named(name, at),
      flow,
      url,
      event,
      isSignedIn: given.signed_in,
      given: linkGiven(given, below(at, 'given'), tools),
      expect:
        expect.refused === undefined
          ? { stages: expect.stages ?? [] }
          : { refused: expect.refused },
    };
  });
}

function named(name: string, at: Spot): { name: string; at: string; line: string } {
  return { name, at: formatPath(at.path), line: lineOf(at) };
}

function linkToken({ token, user, methods }: RouteTest['given'], spot: Spot): Given['token'] {
  if (token === undefined) return null;
  if (user === undefined)
    blame(below(spot, 'token'), 'a token needs a user; add user', null, 'key');
  if (methods !== undefined) {
    blame(below(spot, 'methods'), 'has no effect: a token has no sign-in', null, 'key');
  }
  for (const [index, network] of token.networks.entries()) {
    if (parseNetwork(network) !== null) continue;
    blame(below(spot, 'token', 'networks', index), 'expected a network such as 10.0.0.0/8');
  }
  return token;
}

function linkJwt(
  { jwt, user, methods, token }: RouteTest['given'],
  spot: Spot,
  { issuers }: RouteTestTools,
): Given['jwt'] {
  if (jwt === undefined) return null;
  for (const [key, value] of Object.entries({ user, methods, token })) {
    if (value === undefined) continue;
    blame(below(spot, key), 'has no effect beside jwt, which says whose it is', null, 'key');
  }
  const names = issuers.map(({ name }) => name);
  checkName(jwt.issuer, { what: 'issuer', names }, below(spot, 'jwt', 'issuer'));
  const issuer = issuers.find(({ name }) => name === jwt.issuer);
  return issuer === undefined ? null : { issuer, claims: jwt.claims };
}

type GivenConfig = Omit<RouteTest['given'], 'url' | 'method' | 'token' | 'jwt'>;

function linkGiven(given: GivenConfig, spot: Spot, tools: ExpectationTools): Given {
  if (parseAddress(given.ip) === null) {
    blame(below(spot, 'ip'), 'expected an address such as 192.0.2.7 or 2001:db8::7');
  }
  if (given.methods !== undefined && given.user === undefined) {
    blame(below(spot, 'methods'), 'methods need a user; add user', null, 'key');
  }
  for (const key of Object.keys(given.signals)) {
    const [signal = ''] = key.split(':', 1);
    checkName(signal, { what: 'signal', names: tools.signals }, below(spot, 'signals', key), 'key');
  }
  const { user = null, time = null } = given;
  return {
    user: typeof user === 'string' || user === null ? user : linkPerson(user),
    methods: user === null ? [] : methodsOf(given.methods),
    token: null,
    jwt: null,
    ip: given.ip,
    time,
    headers: Object.fromEntries(
      Object.entries(given.headers).map(([key, value]) => [key.toLowerCase(), value]),
    ),
    signals: given.signals,
  };
}

function methodsOf(methods: GivenConfig['methods']): Given['methods'] {
  if (methods === undefined) return [{ method: 'password', age: 0 }];
  if (Array.isArray(methods)) return methods.map((method) => ({ method, age: 0 }));
  return Object.entries(methods).map(([method, age]) => ({ method, age }));
}

function linkPerson(person: Exclude<GivenConfig['user'], string | undefined>): User {
  const {
    name,
    id,
    groups,
    email,
    email_verified,
    display_name,
    attributes,
    password_set,
    disabled,
  } = person;
  return {
    id: id ?? `test/${name}`,
    name,
    displayName: display_name,
    email,
    emailVerified: email_verified && email !== '',
    groups,
    attributes,
    disabled,
    passwordSetAt: password_set ?? null,
  };
}

/** A URL must have scheme and host. Whether the gateway accepts it is part of the test. */
function checkUrl(url: string, spot: Spot): void {
  if (WHOLE.test(url)) return;
  blame(spot, 'expected a whole URL such as https://wiki.example.com/page?x=1');
}

const WHOLE = /^https?:\/\/[^/?#]+/i;

function checkName(
  name: string,
  { what, names }: { readonly what: string; readonly names: readonly string[] },
  spot: Spot,
  aim: Aim = 'value',
): void {
  if (names.includes(name)) return;
  const known = names.length === 0 ? '' : `, expected one of ${names.join(', ')}`;
  blame(spot, `no such ${what}${known}`, suggest(name, names), aim);
}
