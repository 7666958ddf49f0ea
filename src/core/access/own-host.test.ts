/** Hosts that belong to the user or group that their first label names. */
import { describe, expect, it } from 'vitest';
import { decidingFor } from '../../../test/support/deciding.ts';
import { aSession, aUser } from '../../../test/support/policy-input.ts';
import { aRoute, aRule } from '../../../test/support/tables.ts';

const routes = [
  aRoute({
    hosts: [
      { name: '{user}.example.com', ports: [0] },
      { name: '{group}.teams.example.com', ports: [0] },
    ],
    rules: [
      aRule({ pattern: '/open', public: true }),
      aRule({ pattern: '/closed', closed: true }),
      aRule(),
    ],
  }),
];

const reasonFor = (name: string, authority: string, target = '/') => {
  const user = aUser({ name, groups: ['Team-1', 'a.b', '\u212Aelvin', 'staff'] });
  const deciding = decidingFor({ session: aSession(), user });
  const decision = deciding(routes, { authority, target, method: 'GET' }, true);
  return `${decision.kind} ${decision.reasons[0]?.code}`;
};
const DENIED = 'deny host/not-yours';
const ALLOWED = 'allow session/live';

describe('a host of one user or group', () => {
  it.each([
    ['ann', 'ann.example.com', ALLOWED],
    ['Ann', 'ANN.example.com', ALLOWED],
    ['ann', 'bob.example.com', DENIED],
    ['ann', 'an.example.com', DENIED],
    // A group is no user, and a user no group.
    ['ann', 'staff.example.com', DENIED],
    ['ann', 'ann.teams.example.com', DENIED],
    ['ann', 'staff.teams.example.com', ALLOWED],
    ['ann', 'team-1.teams.example.com', ALLOWED],
    // Names that are no label.
    ['a_b', 'a_b.example.com', DENIED],
    ['-a', 'a.example.com', DENIED],
    ['', 'a.example.com', DENIED],
    ['\u212Aim', 'kim.example.com', DENIED],
    ['ann', 'kelvin.teams.example.com', DENIED],
    ['{user}', 'user.example.com', DENIED],
  ])('%j at %s: %s', (name, authority, expected) => {
    expect(reasonFor(name, authority)).toBe(expected);
  });

  it('leaves public paths open and closed paths closed', () => {
    expect(reasonFor('ann', 'bob.example.com', '/open')).toBe('allow path/public');
    expect(reasonFor('ann', 'ann.example.com', '/closed')).toBe('deny path/closed');
  });

  it('asks visitors without a session to sign in', () => {
    const deciding = decidingFor({ session: aSession(), user: aUser() });
    const facts = { authority: 'bob.example.com', target: '/', method: 'GET' };
    expect(deciding(routes, facts, false)).toMatchObject({ kind: 'authenticate' });
  });
});
