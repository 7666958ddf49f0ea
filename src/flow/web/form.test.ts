import { describe, expect, it } from 'vitest';
import { testFacts } from '../../../test/support/snapshot.ts';
import { readPosted } from './form.ts';

const TYPE = 'application/x-www-form-urlencoded';
const read = (body: string) =>
  readPosted(
    new Request('https://auth.example.com/flow/login', { method: 'POST', body }),
    testFacts({}, { 'content-type': TYPE }),
    'form',
  );
const fields = (count: number): string =>
  Array.from({ length: count }, (_, i) => `field${i}=x`).join('&');

describe('a posted form', () => {
  it('separates its own fields from the submission', async () => {
    expect(await read('plan=abc&revision=3&password=a%26b')).toMatchObject({
      plan: 'abc',
      revision: 3,
      answer: { password: 'a&b' },
    });
  });

  it('has at most 64 fields', async () => {
    expect(Object.keys((await read(fields(64))).answer)).toHaveLength(64);
    await expect(read(fields(65))).rejects.toMatchObject({ code: 'body/malformed' });
  });

  it.each([
    ['the same name twice', 'password=a&password=b'],
    ['the name of a prototype', '__proto__=x'],
    ['a negative revision', 'revision=-1'],
    ['a revision with a sign', 'revision=%2B1'],
    ['a revision with a blank', 'revision=+1'],
    ['a hexadecimal revision', 'revision=0x1'],
    ['a revision with an exponent', 'revision=1e0'],
    ['a fractional revision', 'revision=1.0'],
    ['an endless revision', 'revision=10000000'],
    ['thousands of empty fields', '&'.repeat(60_000)],
  ])('is refused with %s', async (_, body) => {
    await expect(read(body)).rejects.toMatchObject({ code: 'body/malformed' });
  });
});
