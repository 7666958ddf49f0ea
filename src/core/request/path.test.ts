import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalPattern, refusePath, strictPath } from './path.ts';
import { isRefusal, type Refusal } from './refusal.ts';

/** A path as a strict route reads it. */
const strict = (sent: string): string | Refusal => refusePath(sent) ?? strictPath(sent);
const codeOf = (raw: string) => {
  const path = strict(raw);
  return typeof path === 'string' ? path : path.code;
};

/** Fragments that path confusion attacks use. */
const piece = fc.constantFrom(
  '/',
  '//',
  '.',
  '..',
  'a',
  'B',
  '%41',
  '%2e',
  '%2E',
  '%25',
  '%32',
  '%65',
  '%',
  '2f',
  '%2F',

  '%5c',
  '\\',
  ';',
  '%3b',
  '%20',
  '%00',
  '%0a',
  '~',
  '%7E',
  '+',
  '*',
  '[',
  '%5B',
  'é',
  '%C3%A9',
  '%c0%ae',
  '%ef%bc%8f',
  '%EF%BC%8E',
  '%e2%80%a5',
  '%ef%bc%85',
  '%EF%BC%92',
  '%ff',
  '?',
  '#',
);
const rawPath = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`),
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.webPath(),
);

describe('strict paths', () => {
  it.each([
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['/a/b/', '/a/b/'],
    ['/a//b///c', '/a/b/c'],
    ['/%61%62c', '/abc'],
    ['/%7euser', '/~user'],
    ['/a%3ab', '/a:b'],
    ['/a%c3%a9', '/a%C3%A9'],
    ['/%61/', '/a/'],
    ['/a//', '/a/'],
    ['/a b', 'path/characters'],
    ['/a|b[c]', '/a%7Cb%5Bc%5D'],
    ['/100%25', '/100%25'],
    ['/.well-known/x', '/.well-known/x'],
    ['/a/.../b', '/a/.../b'],
    ['/*', '/*'],
    ['/_/~', '/_/~'],
    ["/-._~!$&'()*+,=:@", "/-._~!$&'()*+,=:@"],
    ['/"<>[]^`{|}', '/%22%3C%3E%5B%5D%5E%60%7B%7C%7D'],
    ['/%2d%5f%7E%30%5a', '/-_~0Z'],
  ])('reads %j as %j', (raw, expected) => {
    expect(codeOf(raw)).toBe(expected);
  });

  it.each([
    ['//evil.com', 'path/form'],
    ['a', 'path/form'],
    ['https://app/x', 'path/form'],
    ['*', 'path/form'],
    ['/a/../b', 'path/dot-segment'],
    ['/a/..', 'path/dot-segment'],
    ['/./a', 'path/dot-segment'],
    ['/%2e%2E/a', 'path/dot-segment'],
    ['/.%2e/a', 'path/dot-segment'],
    ['/%ef%bc%8e%ef%bc%8e/a', 'path/dot-segment'],
    ['/%e2%80%a5/a', 'path/dot-segment'],
    ['/a%2fb', 'path/encoded-separator'],
    ['/a%5Cb', 'path/encoded-separator'],
    ['/a%3bb', 'path/encoded-separator'],
    ['/a%252fb', 'path/double-encoding'],
    ['/%252e%252e/a', 'path/double-encoding'],
    ['/%25%32%65', 'path/double-encoding'],
    ['/%2525', 'path/double-encoding'],
    ['/%25%EF%BC%92f', 'path/disguise'],
    ['/a%ef%bc%8fb', 'path/disguise'],
    ['/a%00b', 'path/disguise'],
    ['/a%0d%0ab', 'path/disguise'],
    ['/a%C2%85b', 'path/disguise'],
    ['/%E2%80%8B/admin', 'path/disguise'],
    ['/a/%C2%AD%E2%80%8D', 'path/disguise'],
    ['/a/%E2%80%8B../admin', 'path/dot-segment'],
    ['/a/.%EF%B8%8F./admin', 'path/dot-segment'],
    ['/a/%E2%81%A0.%C2%AD/admin', 'path/dot-segment'],
    ['/%252%E2%80%8Bf', 'path/disguise'],
    ['/a;b', 'path/characters'],
    ['/a\\b', 'path/characters'],
    ['/a#b', 'path/characters'],
    ['/é', 'path/characters'],
    ['/a\tb', 'path/characters'],
    ['/a%', 'path/escape'],
    ['/a%4', 'path/escape'],
    ['/a%zz', 'path/escape'],
    ['/a%u002f', 'path/escape'],
    ['/%c0%ae%c0%ae/a', 'path/escape'],
    ['/%ff', 'path/escape'],
    ['/%ed%a0%80', 'path/escape'],
  ])('refuses %j as %s', (raw, code) => {
    expect(strict(raw)).toEqual({
      refused: true,
      status: 400,
      code,
      detail: expect.stringMatching(/^(?:the|an?) [a-z]/),
    });
  });

  it.each([
    ['/a%', 'a percent sign must be followed by two hexadecimal digits'],
    ['/a%4', 'a percent sign must be followed by two hexadecimal digits'],
    ['/a%4z', 'a percent sign must be followed by two hexadecimal digits'],
    ['/%ff', 'the escapes of the path are not valid UTF-8'],
  ])('explains for %s: %s', (raw, detail) => {
    expect(strict(raw)).toMatchObject({ code: 'path/escape', detail });
  });

  it('PATH-zero-width: may contain emoji and scripts that need joiners', () => {
    const family = encodeURIComponent('/👩‍👩‍👧/می‌خواهم.txt').replaceAll('%2F', '/');
    expect(codeOf(family)).toBe(family);
  });

  it('have one canonical form, which is canonical itself', () => {
    fc.assert(
      fc.property(rawPath, (raw) => {
        const once = strict(raw);
        if (isRefusal(Object(once))) return;
        expect(strict(once as string)).toBe(once);
      }),
    );
  });

  it('that are accepted contain nothing that another parser reads as another path', () => {
    fc.assert(
      fc.property(rawPath, (raw) => {
        const path = strict(raw);
        if (typeof path !== 'string') return;
        expect(path.startsWith('/')).toBe(true);
        expect(path).not.toMatch(/\/\/|[\\;?#\s]|%2f|%5c|%3b|%00|[^\x21-\x7e]/i);
        const decoded = decodeURIComponent(path);
        // Decoding again finds no escape; decoding and folding finds no dot segment.
        expect(decoded).not.toMatch(/%[0-9a-f]{2}/i);
        expect(decoded.normalize('NFKC')).not.toMatch(/%[0-9a-f]{2}/i);
        for (const reading of [path, decoded, decoded.normalize('NFKC')]) {
          expect(reading.split('/')).not.toContain('..');
          expect(reading.split('/')).not.toContain('.');
        }
        expect(decoded.split('/').length).toBe(path.split('/').length);
        expect(decoded.normalize('NFKC').split('/').length).toBe(path.split('/').length);
        // WHATWG URL, which browsers and fetch use, resolves to the same path.
        expect(decodeURIComponent(new URL(`http://x${path}`).pathname)).toBe(decoded);
      }),
    );
  });
});

describe('paths as sent', () => {
  it.each([
    '/@scope%2fname',
    '/a;b',
    '/a\\b',
    '/a/../b',
    '//a//b',
    '/%00',
    '/caf%E9.txt',
    '/%ff%ed%a0%80',
    '/%C0',
    '/100%25',
    '/"<>[]^`{|}~',
  ])('%s goes on', (path) => {
    expect(refusePath(path)).toBeNull();
  });

  it.each([
    ['a', 'path/form'],
    ['https://app/x', 'path/form'],
    ['*', 'path/form'],
    ['/a b', 'path/characters'],
    ['/a#b', 'path/characters'],
    ['/é', 'path/characters'],
    ['/a\tb', 'path/characters'],
    ['/a\0', 'path/characters'],
    ['/a\x7f', 'path/characters'],
    ['/a%', 'path/escape'],
    ['/a%4', 'path/escape'],
    ['/a%zz', 'path/escape'],
    ['/a%u002f', 'path/escape'],
    ['/%c0%ae%c0%ae/a', 'path/escape'],
    ['/%C1%9c', 'path/escape'],
    ['/%e0%80%af', 'path/escape'],
    ['/%f0%80%80%af', 'path/escape'],
    ['/%f8%80%80%80%af', 'path/escape'],
    ['/%fc%80%80%80%80%af', 'path/escape'],
    ['/%25c0%25af', 'path/escape'],
  ])('%j is refused as %s', (path, code) => {
    expect(refusePath(path)).toMatchObject({ refused: true, status: 400, code });
  });
});

describe('patterns', () => {
  it.each([
    ['/@scope%2fname/**', '/@scope%2Fname/**'],
    ['/a%21', '/a!'],
    ['/%61/*', '/a/*'],
    ['/app;v=1', '/app;v=1'],
    ['/caf%E9', '/caf%E9'],
    ['/100%25', '/100%25'],
    ['/a//b', '/a/b'],
    ['/', '/'],
  ])('%s is written %s', (pattern, canonical) => {
    expect(canonicalPattern(pattern)).toBe(canonical);
  });

  it.each([
    ['/a/../b', 'path/dot-segment'],
    ['/%2e%2e', 'path/dot-segment'],
    ['/a%00', 'path/characters'],
    ['/a b', 'path/characters'],
    ['a', 'path/form'],
    ['/%', 'path/escape'],
  ])('%s is refused as %s', (pattern, code) => {
    expect(canonicalPattern(pattern)).toMatchObject({ refused: true, code });
  });
});
