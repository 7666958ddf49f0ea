import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCookie, hasSeveral, stripCookies } from './cookie.ts';

describe('our cookie in a Cookie header', () => {
  it.each([
    ['doorward=x', 'x'],
    ['a=1; doorward=x; b=2', 'x'],
    ['a=1;doorward=x', 'x'],
    ['a=1;\tdoorward = x ; b', 'x'],
    ['doorward=a=b', 'a=b'],
    ['doorward=one,doorward=two', 'one,doorward=two'],
    ['DOORWARD=other; doorward=x', 'x'],
    ['xdoorward=other; doorwardx=other; doorward=x', 'x'],
    ['a=doorward=other; doorward=x', 'x'],
    ['\u2000doorward=other; doorward=x', 'x'],
    ['doorwar%64=other; doorward=x', 'x'],
    ['doorward; doorward=x', 'x'],
  ])('is found in %j', (header, value) => {
    expect(findCookie(header, 'doorward')).toBe(value);
  });

  it.each([
    null,
    '',
    'doorward',
    'doorward=',
    'doorward= ',
    'a=1',
    'adoorward=x',
    'doorward=x; doorward=y',
    'doorward=x; doorward=x',
    'doorward=x; a=1; \tdoorward =y',
    '$Version=1; doorward="x; doorward=y"; z="',
  ])('is missing in %j', (header) => {
    expect(findCookie(header, 'doorward')).toBeNull();
  });

  const pair = fc
    .tuple(
      fc.constantFrom('a', 'doorward', 'doorward2', ' doorward', 'DOORWARD', ''),
      fc.stringMatching(/^[a-z =,"]{0,6}$/),
    )
    .map(([name, value]) => `${name}=${value}`);

  it('is found exactly if a plain parser finds it, and is gone after stripping', () => {
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 6 }), (pairs) => {
        const header = pairs.join('; ');
        const ours = header
          .split(';')
          .filter((p) => p.includes('=') && p.slice(0, p.indexOf('=')).trim() === 'doorward')
          .map((p) => p.slice(p.indexOf('=') + 1).trim());
        expect(findCookie(header, 'doorward')).toBe(ours.length === 1 ? ours[0] || null : null);
        expect(findCookie(stripCookies(header, ['doorward']), 'doorward')).toBeNull();
      }),
    );
  });
});

describe('a Cookie header for an upstream', () => {
  it.each([
    ['a=1; b=2', 'a=1; b=2'],
    ['doorward=x', ''],
    ['doorward', ''],
    ['a=1; doorward=x; b=2', 'a=1; b=2'],
    ['doorward=x; a="q"; doorward=y', 'a="q"'],
    ['doorward-browser=x; c=3', 'c=3'],
    ['doorward-other=x', 'doorward-other=x'],
    ['a=1,doorward=x', 'a=1'],
    ['doorward=x, b=2; c=3', 'b=2; c=3'],
    ['doorward=x,doorward=y', ''],
    ['a=x,y; doorward=x', 'a=x,y'],
  ])('made of %j is %j', (header, left) => {
    expect(stripCookies(header, ['doorward', 'doorward-browser'])).toBe(left);
  });
});

describe('several cookies of our name', () => {
  it.each([
    ['doorward=a; doorward=b', true],
    ['doorward=a;doorward =', true],
    ['doorward=a; x=doorward=b', false],
    ['doorward=a; xdoorward=b; doorwardx=c', false],
    ['doorward=a', false],
    ['', false],
  ])('COOKIE-two: are in %j: %s', (header, expected) => {
    expect(hasSeveral(header, 'doorward')).toBe(expected);
  });
});
