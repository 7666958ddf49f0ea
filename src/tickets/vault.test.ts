import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVault } from './vault.ts';

const OLD = 'the old secret, long enough for a server';
const NEW = 'the new secret, long enough for a server';
const vault = createVault([OLD]);

describe('a sealed value', () => {
  it('opens with the same purpose and secret, for any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string(),
        fc.string(),
        (plain, purpose, secret) => {
          expect(vault.open(purpose, secret, vault.seal(purpose, secret, plain))).toBe(plain);
        },
      ),
    );
  });

  it('opens with no other purpose or secret, and not with an empty one', () => {
    const sealed = vault.seal('session', 'ticket', 'text');
    expect(vault.open('plan', 'ticket', sealed)).toBeNull();
    expect(vault.open('session', 'tickeT', sealed)).toBeNull();
    expect(vault.open('session', '', sealed)).toBeNull();
    expect(vault.open('sessio', 'nticket', sealed)).toBeNull();
    expect(createVault([NEW]).open('session', 'ticket', sealed)).toBeNull();
  });

  it('opens to nothing if any bit was changed, or a part is missing', () => {
    const sealed = vault.seal('session', 's', 'hello');
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Uint8Array.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(vault.open('session', 's', changed)).toBeNull();
    }
    for (let end = 0; end < sealed.length; end++) {
      expect(vault.open('session', 's', sealed.subarray(0, end))).toBeNull();
    }
  });

  it('opens to nothing for any other bytes, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(vault.open('session', 's', bytes)).toBeNull();
      }),
    );
    expect(vault.open('session', 's', new Uint8Array(2 << 20))).toBeNull();
  });

  it('never looks the same twice', () => {
    expect(vault.seal('p', '', 'x')).not.toEqual(vault.seal('p', '', 'x'));
  });
});

describe('rotation', () => {
  it.each([[[NEW, OLD]], [[OLD, NEW]]])(
    'opens and verifies what the old secret created, in any order',
    (secrets) => {
      const rotated = createVault(secrets);
      expect(rotated.open('p', 's', vault.seal('p', 's', 'kept'))).toBe('kept');
      expect(rotated.verify('csrf', 'v', vault.sign('csrf', 'v'))).toBe(true);
    },
  );

  it('seals and signs with the first', () => {
    const rotated = createVault([NEW, OLD]);
    expect(createVault([NEW]).open('p', '', rotated.seal('p', '', 'x'))).toBe('x');
    expect(vault.open('p', '', rotated.seal('p', '', 'x'))).toBeNull();
    expect(vault.verify('p', 'x', rotated.sign('p', 'x'))).toBe(false);
  });

  it('does not change names', () => {
    expect(createVault([NEW]).name('session', 'id')).toBe(vault.name('session', 'id'));
  });
});

describe('a name', () => {
  it('has 128 bits, differs by purpose and is unambiguous', () => {
    expect(vault.name('session', 'a')).toMatch(/^[\w-]{22}$/);
    expect(vault.name('session', 'a')).not.toBe(vault.name('browser', 'a'));
    expect(vault.name('a', 'b:c')).not.toBe(vault.name('a:b', 'c'));
    expect(vault.name('a', ':1:b')).not.toBe(vault.name('a:1', ':b'));
  });
});

describe('a name for memory', () => {
  it('differs by purpose, value and process, and reveals neither', () => {
    const name = vault.memoryName('jwt', 'a');
    expect(name).toMatch(/^[\w-]{43}$/);
    expect(vault.memoryName('jwt', 'a')).toBe(name);
    expect(vault.memoryName('jwt', 'b')).not.toBe(name);
    expect(vault.memoryName('password', 'a')).not.toBe(name);
    expect(createVault([NEW, OLD]).memoryName('jwt', 'a')).not.toBe(name);
  });
});

describe('a signature', () => {
  it('is valid for its purpose and value alone', () => {
    const signature = vault.sign('csrf', 'browser|plan|1');
    expect(vault.verify('csrf', 'browser|plan|1', signature)).toBe(true);
    expect(vault.verify('csrf', 'browser|plan|2', signature)).toBe(false);
    expect(vault.verify('jwt', 'browser|plan|1', signature)).toBe(false);
  });

  it('has one spelling', () => {
    const signature = vault.sign('csrf', 'v');
    const spellings = ['', `${signature}=`, ` ${signature}`, `${signature}A`, signature.slice(1)];
    spellings.push(`${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : 'A'}`);
    spellings.push(`${signature}${'A'.repeat(100_000)}`, '\u{1F608}'.repeat(11));
    for (const given of spellings) expect(vault.verify('csrf', 'v', given)).toBe(false);
  });
});

it.each([[[]], [['short']], [[OLD, OLD]], [[OLD, '']]])(
  'refuses weak secrets (case %#)',
  (secrets) => {
    expect(() => createVault(secrets)).toThrow(expect.objectContaining({ code: 'secrets/weak' }));
  },
);
