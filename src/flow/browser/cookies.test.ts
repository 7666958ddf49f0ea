import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testSnapshot } from '../../../test/support/snapshot.ts';
import { endedDoubles, readBrowserCookie, readTicketCookie } from './cookies.ts';

const snapshot = testSnapshot({ publicUrl: 'http://auth.example.com' });
const BROWSER = 'B'.repeat(22);
const ended = (header: string) => [
  ...new Set(endedDoubles(snapshot, 'auth.example.com', header).map((line) => line.split('=')[0])),
];

describe('a cookie of ours that another host planted', () => {
  it.each([
    // A cookie without a name: browsers send its value alone, and no Set-Cookie of ours removes it.
    `doorward-browser; doorward-browser=${BROWSER}`,
    `doorward-browser=${BROWSER}; doorward-browser`,
    `=doorward-browser; doorward-browser=${BROWSER}`,
    `\u00a0doorward-browser=x; doorward-browser=${BROWSER}`,
  ])('does not end the cookie that is read beside it: %j', (header) => {
    expect(readBrowserCookie(snapshot, header)).toBe(BROWSER);
    expect(ended(header)).toEqual([]);
  });

  it.each([
    ['doorward-browser=x', 'doorward-browser'],
    ['doorward-browser=', 'doorward-browser'],
    ['\tdoorward-browser =x', 'doorward-browser'],
  ])('%j makes two, which are none and end', (planted, name) => {
    const header = `${planted}; doorward-browser=${BROWSER}`;
    expect(readBrowserCookie(snapshot, header)).toBeNull();
    expect(ended(header)).toEqual([name]);
  });

  it('ends the others only if they count as none', () => {
    const pair = fc
      .tuple(fc.constantFrom('', ' ', '\t', '\u00a0', '='), fc.constantFrom('', '=', '=x', ' = y'))
      .map(([before, after]) => `${before}doorward-portal${after}`);
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 4 }), (pairs) => {
        const header = [...pairs, 'doorward-portal=mine'].join(';');
        expect(readTicketCookie(snapshot, header) === null).toBe(ended(header).length > 0);
      }),
    );
  });
});

describe('cookies of apps', () => {
  it('do not hide ours, however many they are', () => {
    const others = Array.from({ length: 300 }, (_, i) => `app-${i}=${'x'.repeat(60)}`).join('; ');
    const header = `${others}; doorward-browser=${BROWSER}`;
    expect(readBrowserCookie(snapshot, header)).toBe(BROWSER);
  });
});
