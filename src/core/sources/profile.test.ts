import { describe, expect, it } from 'vitest';
import { newUserOf } from './profile.ts';
import type { SourceProfile } from './source.ts';

const profile = (given: Partial<SourceProfile>): SourceProfile => ({
  subject: '1',
  issuer: 'https://id.example.com',
  email: 'admin@evil.test',
  emailVerified: true,
  username: null,
  displayName: null,
  groups: null,
  claims: {},
  sid: null,
  refreshToken: null,
  idToken: null,
  ...given,
});

describe('the username of a new user', () => {
  it.each([
    ['what the provider calls the account', { username: 'Ann' }, 'ann'],
    ['otherwise its verified address, whole', {}, 'admin@evil.test'],
    ['an address as it was reported, whole', { username: 'admin@evil.test' }, 'admin@evil.test'],
  ])('is %s', (_, given, name) => {
    expect(newUserOf(profile(given))?.name).toBe(name);
  });

  it('is not taken from an address that the provider has not verified', () => {
    expect(newUserOf(profile({ emailVerified: false }))).toBeNull();
  });
});
