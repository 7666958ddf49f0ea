import { describe, expect, it } from 'vitest';
import type { Reading } from '../parse/disk.ts';
import { fill, fillText, type Surroundings } from './interpolation.ts';

const files: Record<string, string> = { '/s': ' secret\n', '/r': '${env:X}' };
const around: Surroundings = {
  env: { X: 'x', EMPTY: '', Y: '${env:X}' },
  read: (path): Promise<Reading> => {
    const text = files[path];
    return Promise.resolve(text === undefined ? { failed: 'the file does not exist' } : { text });
  },
};

describe('a reference', () => {
  it.each([
    ['${env:X}', 'x'],
    ['a${env:X}b${ env: X }c', 'axbxc'],
    ['${env:EMPTY}', ''],
    ['${file:/s}', 'secret'],
    ['$${env:X}', '${env:X}'],
    ['price: $5 {x}', 'price: $5 {x}'],
  ])('in %s is replaced: %s', async (text, filled) => {
    expect(await fillText(text, around)).toMatchObject({ text: filled });
  });

  it.each(['${env:Y}', '${file:/r}'])('inserted by %s is left alone', async (text) => {
    expect(await fillText(text, around)).toMatchObject({ text: '${env:X}' });
  });

  it.each([
    ['${env:Z}', 'the environment variable Z is not set'],
    ['${env:toString}', 'the environment variable toString is not set'],
    ['${file:/none}', 'cannot read /none: the file does not exist'],
    ['${X}', 'expected ${env:NAME}'],
    ['${env:}', 'expected ${env:NAME}'],
    ['${shell:ls}', 'expected ${env:NAME}'],
    ['${env:X', 'expected ${env:NAME}'],
    ['${env:${env:X}}', 'expected ${env:NAME}'],
  ])('%s is a fault', async (text, message) => {
    const result = await fillText(text, around);
    expect('message' in result && result.message).toContain(message);
  });

  it('is found in every value, and not in keys', async () => {
    const tree = { a: ['${env:X}', { b: '${env:Z}' }], '${env:X}': 1, n: 5, t: true, z: null };
    const { filled, bad } = await fill(tree, around);
    expect(filled.map((one) => [one.path, one.text])).toEqual([[['a', 0], 'x']]);
    expect(bad.map((one) => one.path)).toEqual([['a', 1, 'b']]);
  });

  it('cannot be repeated without limit', async () => {
    const tree = Array.from({ length: 1001 }, () => '${env:X}');
    expect((await fill(tree, around)).bad[0]?.message).toContain(
      'expected at most 1000 references',
    );
  });
});
