import { describe, expect, it } from 'vitest';
import { newUserOf, verifiedEmail } from './profile.ts';
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

describe('the verified address', () => {
  it.each(['\ufb01nn@corp.test', '\uff41nn@corp.test', 'ann@corp\u2024test', '\u212a@corp.test'])(
    'is none that directories would read as that of another mailbox: %s',
    (email) => {
      expect(verifiedEmail(profile({ email }))).toBeNull();
      expect(newUserOf(profile({ email }))).toBeNull();
    },
  );

  it.each(['Ann@Corp.test', 'j\u00f6rg@corp.test'])(
    'may have capitals and accents: %s',
    (email) => {
      expect(verifiedEmail(profile({ email }))).toBe(email);
    },
  );
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
