/** What apps read that were written for another product. */
import { describe, expect, it } from 'vitest';
import { aUser } from '../../../test/support/policy-input.ts';
import { presetIdentity } from '../../../test/support/snapshot.ts';
import { foldHeader, identityValues, namesOf } from './identity.ts';
import { IDENTITY_PRESETS, type PresetName } from './identity-presets.ts';
import { isPlainName, removedFields } from './request-fields.ts';

const PRESETS = Object.keys(IDENTITY_PRESETS) as PresetName[];

const valuesFor = (preset: PresetName, user: ReturnType<typeof aUser> | null) => {
  const flat = identityValues(presetIdentity(preset), user);
  return Object.fromEntries(
    flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : [])),
  );
};

const split = (text: string | undefined, separator: RegExp | string): string[] =>
  Buffer.from(text ?? '', 'latin1')
    .toString()
    .split(separator)
    .map((member) => decodeURIComponent(member));

const ANN = aUser({ groups: ['staff', 'wiki admins'] });

describe.each(PRESETS)('the preset %s', (preset) => {
  it('has names that every server reads alike, each once', () => {
    const names = namesOf(presetIdentity(preset));
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !isPlainName(name))).toEqual([]);
    expect(new Set(names.map(foldHeader)).size).toBe(names.length);
  });

  it('has names that are removed from clients, whether or not it is in use', () => {
    const removed = new Set(removedFields([]).map(foldHeader));
    const own = namesOf(presetIdentity(preset)).map(foldHeader);
    expect(own.filter((name) => !removed.has(name))).toEqual([]);
  });

  it('is empty, not absent, for anonymous visitors', () => {
    const values = valuesFor(preset, null);
    expect(Object.keys(values)).toEqual(Object.keys(IDENTITY_PRESETS[preset].headers));
    expect(new Set(Object.values(values))).toEqual(new Set(['']));
  });

  it('sends no address that was never verified', () => {
    const claimed = aUser({ email: 'ceo@corp.test', emailVerified: false });
    expect(Object.values(valuesFor(preset, claimed))).not.toContain('ceo@corp.test');
  });

  it.each([
    ['names beyond ASCII', aUser({ name: 'Jürgen', displayName: '山', groups: ['Müller', '山'] })],
    ['line breaks', aUser({ name: 'a\r\nX: y', displayName: 'a\nb', groups: ['a\r\nX: y', 'b'] })],
    ['1,000 groups', aUser({ groups: Array.from({ length: 1000 }, (_, i) => `department-${i}`) })],
    ['a group of 10,000 bytes', aUser({ groups: ['a', 'x'.repeat(10_000), 'b'] })],
    ['no groups', aUser({ groups: [] })],
  ])('has values that fit into a header for a user with %s', (_, user) => {
    for (const value of Object.values(valuesFor(preset, user))) {
      expect(value).toMatch(/^[\x20-\x7e\x80-\xff]*$/);
      expect(value.length).toBeLessThanOrEqual(4096);
    }
  });
});

describe('presets write', () => {
  it.each<[PresetName, Record<string, string>]>([
    [
      'remote',
      {
        'Remote-User': 'ann',
        'Remote-Groups': 'staff,wiki admins',
        'Remote-Name': 'Ann Example',
        'Remote-Email': 'ann@example.com',
      },
    ],
    [
      'authentik',
      {
        'X-authentik-username': 'ann',
        'X-authentik-groups': 'staff|wiki admins',
        'X-authentik-email': 'ann@example.com',
        'X-authentik-name': 'Ann Example',
        'X-authentik-uid': 'embedded/u1',
        'X-authentik-meta-jwks': 'keys',
      },
    ],
    [
      'oauth2_proxy',
      {
        'X-Auth-Request-User': 'ann',
        'X-Auth-Request-Groups': 'staff,wiki admins',
        'X-Auth-Request-Email': 'ann@example.com',
        'X-Auth-Request-Preferred-Username': 'ann',
        'X-Forwarded-User': 'ann',
        'X-Forwarded-Groups': 'staff,wiki admins',
        'X-Forwarded-Email': 'ann@example.com',
        'X-Forwarded-Preferred-Username': 'ann',
      },
    ],
    ['x_forwarded_user', { 'X-Forwarded-User': 'ann' }],
    ['cloudflare', { 'Cf-Access-Authenticated-User-Email': 'ann@example.com' }],
    [
      'webauth',
      {
        'X-WEBAUTH-USER': 'ann',
        'X-WEBAUTH-EMAIL': 'ann@example.com',
        'X-WEBAUTH-NAME': 'Ann Example',
        'X-WEBAUTH-FULLNAME': 'Ann Example',
        'X-WEBAUTH-GROUPS': 'staff,wiki%20admins',
      },
    ],
    [
      'pomerium',
      {
        'X-Pomerium-Claim-Email': 'ann@example.com',
        'X-Pomerium-Claim-Groups': 'staff,wiki admins',
        'X-Pomerium-Claim-Name': 'Ann Example',
        'X-Pomerium-Claim-User': 'embedded/u1',
        'X-Pomerium-Claim-Sub': 'embedded/u1',
      },
    ],
  ])('for %s what its apps read', (preset, values) => {
    expect(valuesFor(preset, ANN)).toEqual(values);
  });

  it('no group that an app would read as two, or as a list', () => {
    const groups = ['a|b', 'c,d', 'e f', 'g\u00a0h', 'i\u0085j', '["k"]', '100%'];
    const user = aUser({ groups });
    expect(split(valuesFor('authentik', user)['X-authentik-groups'], '|')).toEqual(groups);
    expect(split(valuesFor('pomerium', user)['X-Pomerium-Claim-Groups'], ',')).toEqual(groups);
    // As Go's strings.Fields after a replacement of the commas.
    const fields = /[,\s\u0085]+/u;
    expect(split(valuesFor('webauth', user)['X-WEBAUTH-GROUPS'], fields)).toEqual(groups);
    const [first] =
      valuesFor('webauth', aUser({ groups: ['["admins"]'] }))['X-WEBAUTH-GROUPS'] ?? '';
    expect(first).toBe('%');
  });

  it('whole groups only, the first ones, if not all fit', () => {
    const groups = Array.from({ length: 1000 }, (_, i) => `department-${i}`);
    const written = valuesFor('remote', aUser({ groups }))['Remote-Groups']?.split(',') ?? [];
    expect(written.length).toBeGreaterThan(200);
    expect(written).toEqual(groups.slice(0, written.length));
    const full = aUser({ groups: ['x'.repeat(4094), 'y'] });
    expect(valuesFor('remote', full)['Remote-Groups']).toBe(`${'x'.repeat(4094)},y`);
    const over = aUser({ groups: ['x'.repeat(4095), 'y'] });
    expect(valuesFor('remote', over)['Remote-Groups']).toBe('x'.repeat(4095));
  });
});
