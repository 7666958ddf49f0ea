import { describe, expect, it } from 'vitest';
import { authenticator } from './stage.ts';

function inserted(options: object): string[] {
  const stages = authenticator.inserts?.(authenticator.config.parse(options)) ?? [];
  return stages.map((one) => one.type);
}

describe('the requirements and results of options', () => {
  it.each([
    [{ not_configured: 'deny' }, ['identified'], ['verified']],
    [{ not_configured: 'skip' }, ['identified', 'owner'], []],
    [{ not_configured: 'configure' }, ['identified', 'owner'], ['verified']],
    [{ not_configured: 'deny', last_used_within: '1d' }, ['identified', 'owner'], []],
    [{ not_configured: 'deny', methods: ['email_code'] }, ['identified', 'owner'], ['verified']],
  ])('of %j: it requires %j and provides %j', (options, wants, gives) => {
    const claims = authenticator.claims(authenticator.config.parse(options));
    expect(claims).toEqual({ wants, gives, mayProve: true });
  });

  it.each([
    { methods: [] },
    { methods: ['totp', 'totp'] },
    { methods: ['sms'] },
    { methods: ['webauthn'], not_configured: 'configure' },
    { last_used_within: '3 days' },
  ])('refuse %j', (options) => {
    expect(authenticator.config.safeParse(options).success).toBe(false);
  });

  it('include the stages it inserts', () => {
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
