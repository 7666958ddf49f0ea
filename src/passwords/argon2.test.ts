import { hash, verify } from '@node-rs/argon2';
import { describe, expect, it } from 'vitest';
import { nodeArgon2, type Argon2Cost } from './argon2.ts';

const COST: Argon2Cost = {
  algorithm: 2,
  memoryCost: 1024,
  timeCost: 2,
  parallelism: 4,
  outputLen: 32,
};

describe('argon2 as part of Node', () => {
  it('makes hashes that the package verifies', async () => {
    const made = await nodeArgon2.hash('correct horse', COST);
    expect(made).toMatch(/^\$argon2id\$v=19\$m=1024,t=2,p=4\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await verify(made, 'correct horse')).toBe(true);
    expect(await verify(made, 'correct horses')).toBe(false);
  });

  it.each([
    ['argon2d', 0, 1],
    ['argon2i', 1, 3],
    ['argon2id', 2, 4],
  ] as const)('verifies the package’s %s', async (variant, algorithm, parallelism) => {
    const made = await hash('ñandú', { ...COST, algorithm, parallelism, outputLen: 24 });
    expect(made).toContain(`$${variant}$`);
    expect(await nodeArgon2.verify(made, 'ñandú')).toBe(true);
    expect(await nodeArgon2.verify(made, 'nandu')).toBe(false);
  });

  it('says what an older version of argon2 needs', async () => {
    const old =
      '$argon2i$m=1024,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$dGhpcnR5LXR3byBieXRlcyBvZiBhbiBvbGQga2V5IQ';
    await expect(nodeArgon2.verify(old, 'correct horse')).rejects.toMatchObject({
      code: 'passwords/old-argon2',
    });
  });

  it('verifies nothing else', async () => {
    await expect(nodeArgon2.verify('$2b$04$short', 'correct horse')).rejects.toThrow(TypeError);
  });
});
