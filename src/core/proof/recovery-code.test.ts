import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeVault } from '../../../test/support/fakes.ts';
import { makeRecoveryCode, recoveryCodeName } from './recovery-code.ts';

const vault = fakeVault();
const token = fc
  .uint8Array({ minLength: 12, maxLength: 12 })
  .map((bytes) => Buffer.from(bytes).toString('base64url'));

describe('a recovery code', () => {
  it('has sixteen unambiguous characters in groups of four, and the same name as typed', () => {
    fc.assert(
      fc.property(token, (random) => {
        const code = makeRecoveryCode({ token: () => random });
        expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
        const name = recoveryCodeName(vault, 'fake/ann', code);
        expect(name).not.toBeNull();
        const typed = ` ${code.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l').replaceAll('-', ' ')} `;
        expect(recoveryCodeName(vault, 'fake/ann', typed)).toBe(name);
        expect(recoveryCodeName(vault, 'fake/bob', code)).not.toBe(name);
      }),
    );
  });

  it('uses every character', () => {
    const seen = new Set<string>();
    for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
      seen.add(makeRecoveryCode({ token: () => letter.repeat(16) }).slice(0, 1));
    }
    expect(seen.size).toBe(32);
  });

  it.each([
    '',
    'AAAA-AAAA-AAAA-AAA',
    'AAAA-AAAA-AAAA-AAAAA',
    'AAAA-AAAA-AAAA-AAAU',
    'ÄAAA-AAAA-AAAA-AAAA',
  ])('is not %j', (typed) => {
    expect(recoveryCodeName(vault, 'fake/ann', typed)).toBeNull();
  });
});
