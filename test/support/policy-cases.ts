/**
 * Options and inputs of every policy, for the contract of policies and the bench: between them they
 * reach every reason of each.
 */
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
