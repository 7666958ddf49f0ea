import { describe, expect, it } from 'vitest';
import { authenticator } from './stage.ts';

function inserted(options: object): string[] {
  const stages = authenticator.inserts?.(authenticator.config.parse(options)) ?? [];
  return stages.map((one) => one.type);
}

describe('what check may rely on', () => {
  it.each([
    [{ not_configured: 'deny' }, ['identified'], ['verified']],
    [{ not_configured: 'skip' }, ['identified', 'owner'], []],
    [{ not_configured: 'configure' }, ['identified', 'owner'], ['verified']],
    [{ not_configured: 'deny', last_used_within: '1d' }, ['identified', 'owner'], []],
    [{ not_configured: 'deny', methods: ['email_code'] }, ['identified', 'owner'], ['verified']],
  ])('%j wants %j and gives %j', (options, wants, gives) => {
    const claims = authenticator.claims(authenticator.config.parse(options));
    expect(claims).toEqual({ wants, gives, mayProve: true });
  });

  it.each([
    { methods: [] },
    { methods: ['totp', 'totp'] },
    { methods: ['sms'] },
    { methods: ['webauthn'], not_configured: 'configure' },
    { last_used_within: '3 days' },
  ])('refuses %j', (options) => {
    expect(authenticator.config.safeParse(options).success).toBe(false);
  });

  it('names what it puts in', () => {
    expect(inserted({ not_configured: 'deny' })).toEqual([]);
    expect(inserted({ not_configured: 'configure' })).toEqual([
      'password',
      'totp_setup',
      'recovery_codes_setup',
    ]);
    expect(
      inserted({ methods: ['webauthn'], not_configured: 'configure', configure: 'webauthn' }),
    ).toEqual(['password', 'webauthn_setup']);
  });
});
