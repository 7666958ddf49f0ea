/**
 * Options and inputs of every policy, for the contract of policies and the bench: between them they
 * reach every reason of each.
 */
import type { Json } from '../../src/core/values/json.ts';
import type { User } from '../../src/core/people/user.ts';
import type { PolicyCase } from '../contracts/policies.suite.ts';
import { aSession, aUser, NOON, someFacts } from './policy-input.ts';

const from = (clientIp: string) => ({ facts: someFacts({ clientIp }) });
const inGroups = (...groups: string[]) => ({ user: aUser({ groups }) });
const DAY = 86_400_000;
const seen = (first: number, last: number) => ({
  signals: { device: { firstAt: NOON - first * DAY, lastAt: NOON - last * DAY } },
});
const points = (address: number | null, account: number | null) => ({
  signals: { reputation: { address, account } },
});
const typed = (password: Json, signals: Readonly<Record<string, Json>> = {}) => ({
  prompt: { password },
  signals,
});
const having = (attributes: User['attributes']) => ({ user: aUser({ attributes }) });
const setAgo = (days: number) => ({ user: aUser({ passwordSetAt: NOON - days * DAY }) });
const at = (place: Record<string, Json>) => ({ signals: { geo: place } });
const came = (travel: readonly Json[]) => ({ signals: { geo: {}, travel } });
const allowed = (permissions: readonly string[], expiresAt: number | null) => ({
  signals: { consent: { permissions, expiresAt } },
});
const proved = (...methods: string[]) => ({
  session: aSession({ proofs: methods.map((method) => ({ method, at: NOON - 7_200_000 })) }),
});

export const policyCases: Readonly<Record<string, readonly PolicyCase[]>> = {
  group: [
    { options: { any: ['staff'] }, inputs: [inGroups('staff'), inGroups('guests')] },
    { options: { none: ['interns'] }, inputs: [inGroups('staff'), inGroups('interns')] },
    { options: { all: ['a', 'b'] }, inputs: [inGroups('a', 'b'), inGroups('b')] },
  ],
  user: [
    { options: { any: ['ann'] }, inputs: [{}, { user: aUser({ name: 'bob' }) }] },
    { options: { none: ['ann'] }, inputs: [{}, { user: aUser({ name: 'bob' }) }] },
  ],
  method: [
    { options: { any: ['totp'] }, inputs: [proved('totp'), proved('password')] },
    { options: { any: ['totp'], within: '1h' }, inputs: [proved('totp')] },
    { options: { count: 2 }, inputs: [proved('totp', 'password'), proved('password')] },
  ],
  network: [
    {
      options: { any: ['private', '192.0.2.0/24'] },
      inputs: [from('10.0.0.1'), from('192.0.2.1'), from('203.0.113.1'), from('nonsense')],
    },
  ],
  http: [
    {
      options: { methods: ['GET'], path: '/api/**', headers: { 'x-kind': ['a'] } },
      inputs: [
        { facts: someFacts({ target: '/api/x', headers: { 'x-kind': 'a' } }) },
        { facts: someFacts({ target: '/api/x' }) },
        { facts: someFacts({ target: '/API/x' }) },
        { facts: someFacts({ target: '/web' }) },
        { facts: someFacts({ method: 'POST' }) },
      ],
    },
  ],
  attribute: [
    {
      options: { any: [{ path: 'team', in: ['blue', 'red'] }], none: [{ path: 'out', is: true }] },
      inputs: [
        having({ team: 'blue', out: false }),
        having({ team: 'green', out: false }),
        having({ team: 'blue', out: true }),
        having({ team: 'blue' }),
        {},
      ],
    },
    {
      options: { all: [{ path: 'team', exists: true }] },
      inputs: [having({ team: 'blue' }), having({})],
    },
    {
      options: { none: [{ path: 'level', above: 5 }] },
      inputs: [having({ level: 5 }), having({ level: 6 }), having({ level: '6' })],
    },
  ],
  // NOON is on Monday, 2026-11-23.
  time: [
    {
      options: { days: ['mon'], from: '08:00', until: '18:00', last_day: '2026-11-30' },
      inputs: [{}, { now: NOON + DAY / 4 }, { now: NOON + DAY }, { now: NOON + 14 * DAY }],
    },
  ],
  password_age: [
    { options: { newer_than: '90d' }, inputs: [setAgo(89), setAgo(90), setAgo(-2), {}] },
  ],
  password_strength: [
    {
      options: { min: 12, classes: 2, score: 3, breached: true },
      inputs: [
        typed('tractor sheds', {
          'strength:password': 3,
          'common:password': false,
          'breached:password': 0,
        }),
        typed('tractor sheds', {
          'strength:password': 2,
          'common:password': false,
          'breached:password': 0,
        }),
        typed('tractor sheds', {
          'strength:password': 3,
          'common:password': false,
          'breached:password': 7,
        }),
        typed('tractorsheds', {
          'strength:password': 3,
          'common:password': false,
          'breached:password': 0,
        }),
        typed('tractor', {
          'strength:password': 3,
          'common:password': false,
          'breached:password': 0,
        }),
        typed('€'.repeat(342), {
          'strength:password': 3,
          'common:password': false,
          'breached:password': 0,
        }),
        typed('Ann Example 26', {
          'strength:password': 3,
          'common:password': false,
          'breached:password': 0,
        }),
        typed(null, {
          'strength:password': null,
          'common:password': null,
          'breached:password': null,
        }),
        typed('tractor sheds', { 'strength:password': 3, 'common:password': false }),
        typed('tractor sheds', {
          'strength:password': 3,
          'common:password': true,
          'breached:password': 0,
        }),
      ],
    },
    {
      options: { min: 'auto', common: false },
      inputs: [typed('tractors in sheds'), typed(42), {}],
    },
  ],
  password_reuse: [
    {
      options: { last: 5 },
      inputs: [
        typed('tractor', { 'reused:5:password': false }),
        typed('tractor', { 'reused:5:password': true }),
        typed(null, { 'reused:5:password': null }),
        typed('tractor'),
      ],
    },
  ],
  geo: [
    {
      options: { any: { countries: ['DE'] } },
      inputs: [at({ country: 'DE' }), at({ country: 'FR' }), at({ asn: 1 }), {}],
    },
    {
      options: { none: { asns: [1] } },
      inputs: [at({ asn: 2 }), at({ asn: 1 }), at({ country: 'DE' })],
    },
  ],
  travel: [
    {
      options: { max_speed: 900 },
      inputs: [
        came([]),
        came([{ km: 800, hours: 1, own: false }]),
        came([{ km: 950, hours: 1, own: false }]),
        came([
          { km: 950, hours: 1, own: false },
          { km: 9, hours: 2, own: true },
        ]),
        came([{ km: -1, hours: 1, own: true }]),
        {},
      ],
    },
  ],
  reputation: [
    {
      options: { above: -5 },
      inputs: [points(0, 0), points(-5, 0), points(0, -5), points(0, null), points(null, 0), {}],
    },
    { options: { above: -5, of: 'account' }, inputs: [points(-5, 0), points(0, null)] },
  ],
  device: [
    {
      options: { known_for: '1d', within: '7d' },
      inputs: [seen(40, 3), seen(0.5, 0), seen(40, 8), { signals: { device: null } }, {}],
    },
    { options: {}, inputs: [{ ...seen(40, 3), user: null }] },
  ],
  event: [
    { options: { any: ['invitation'] }, inputs: [{ event: 'invitation' }, { event: 'visit' }, {}] },
  ],
  consent: [
    {
      options: { permissions: ['email', 'groups'] },
      inputs: [
        allowed(['email', 'groups'], null),
        allowed(['email'], null),
        allowed(['email', 'groups'], NOON - DAY),
        { signals: { consent: null } },
        {},
      ],
    },
    { options: {}, inputs: [allowed([], null), { ...allowed([], null), route: null }] },
  ],
  expression: [
    {
      options: { when: "'staff' in user.groups && client.ip != '' && session.age < 3600" },
      inputs: [inGroups('staff'), inGroups('guests'), from('nonsense'), { user: null }],
    },
  ],
  dummy: [
    { options: { pass: true }, inputs: [{}] },
    { options: { pass: false }, inputs: [{}] },
  ],
};
