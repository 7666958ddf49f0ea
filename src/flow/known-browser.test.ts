import { describe, expect, it } from 'vitest';
import { fakeRandom } from '../../test/support/fakes.ts';
import { createVault } from '../tickets/vault.ts';
import { knownAs, marksOf, remember } from './known-browser.ts';

const vault = createVault(['a secret of the tests, longer than 32 bytes']);
const deps = { vault, random: fakeRandom() };

describe('a browser', () => {
  it('is known for whom it signed in, and for nobody else', () => {
    const marks = marksOf(remember(deps, [], 'file/ann'));
    expect(knownAs(vault, marks, 'file/ann')).not.toBeNull();
    expect(knownAs(vault, marks, 'file/bob')).toBeNull();
    expect(knownAs(vault, marksOf(null), 'file/ann')).toBeNull();
  });

  it('keeps the id it is known by, however often somebody signs in', () => {
    const first = marksOf(remember(deps, [], 'file/ann'));
    const both = marksOf(remember(deps, first, 'file/bob'));
    const again = marksOf(remember(deps, both, 'file/ann'));
    expect(knownAs(vault, again, 'file/ann')).toBe(knownAs(vault, first, 'file/ann'));
    expect(again).toHaveLength(2);
  });

  it('remembers four people, the last ones', () => {
    let marks = marksOf(null);
    for (const name of ['a', 'b', 'c', 'd', 'e']) marks = marksOf(remember(deps, marks, name));
    expect(marks).toHaveLength(4);
    expect(knownAs(vault, marks, 'a')).toBeNull();
    expect(knownAs(vault, marks, 'b')).not.toBeNull();
  });

  it('is known by nothing that was made up, altered or sealed by another server', () => {
    const good = remember(deps, [], 'file/ann');
    const [id = '', signature = ''] = good.split('~');
    const other = createVault(['another secret of the tests, long as well']);
    const lies = [
      '',
      '~',
      '.',
      'x~y',
      id,
      `${id}~`,
      `x${id}~${signature}`,
      good.slice(0, -1),
      `${good}x`,
    ];
    for (const lie of lies) expect(knownAs(vault, marksOf(lie), 'file/ann')).toBeNull();
    expect(knownAs(other, marksOf(good), 'file/ann')).toBeNull();
    expect(knownAs(vault, marksOf(`x~y.${good}`), 'file/ann')).toBe(id);
  });
});
