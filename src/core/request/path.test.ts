import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalPath, foldPath } from './path.ts';
import { isRefusal } from './refusal.ts';

const codeOf = (raw: string) => {
  const path = canonicalPath(raw);
  return typeof path === 'string' ? path : path.code;
};

/** More marks on one letter than any language has. */
const MARKS = '\u0334'.repeat(40);

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

describe('paths', () => {
  it.each([
    ['', '/'],
    ['/', '/'],
    ['/a/b', '/a/b'],
    ['/a/b/', '/a/b/'],
    ['/a//b///c', '/a/b/c'],
    ['/%61%62c', '/abc'],
    ['/%7euser', '/~user'],
    ['/a%3ab', '/a%3Ab'],
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
    expect(canonicalPath(raw)).toEqual({
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
    expect(canonicalPath(raw)).toMatchObject({ code: 'path/escape', detail });
  });

  it.each([
    '%E2%80%8B', // zero width space
    '%E2%80%8D', // zero width joiner
    '%C2%AD', // soft hyphen
    '%EF%BB%BF', // byte order mark
    '%E2%81%A0', // word joiner
    '%E2%80%AE', // right-to-left override
    '%EF%B8%8F', // variation selector 16
    '%CD%8F', // combining grapheme joiner
    '%F3%A0%81%A1', // tag a
    '%F3%A0%84%80', // variation selector 17
    '%E1%A0%8E', // Mongolian vowel separator
    '%E3%85%A4', // Hangul filler
    '%D8%9C', // Arabic letter mark
    '%F0%9D%85%B3', // musical begin beam
    '%E2%80%8B.%C2%AD', // with a dot at the end
  ])('PATH-zero-width: are also matched without %s, and forwarded as they were sent', (unseen) => {
    const within = unseen.replace('.', '');
    const spellings = [
      `/admin${unseen}/secret`,
      `/ad${within}min/secret`,
      `/${within}ADMIN/secret`,
    ];
    expect(spellings.map(codeOf)).toEqual(spellings);
    expect(new Set(spellings.map(foldPath))).toEqual(new Set(['/admin/secret']));
  });

  it.each([
    '/adm%C4%B0n', // İ, which programs in Go and Java read as i in lower case
    '/ADM%C4%B0N',
    '/ADMI%CC%87N', // I and a combining dot above: another spelling of İ
    '/adm%C4%B1n', // dotless i, whose upper case is I
    '/%F0%9D%92%B6dmin', // mathematical a
    '/%E2%92%B6dmin', // circled A
    '/%EF%BC%A1DMIN', // full-width A
    '/admin%E1%9A%80', // Ogham space mark
    '/admin%E2%80%A8.', // line separator
  ])('%s is also matched as /admin', (path) => {
    expect(codeOf(path)).toBe(path);
    expect(foldPath(path)).toBe('/admin');
  });

  it('PATH-zero-width: may contain emoji and scripts that need joiners', () => {
    const family = encodeURIComponent('/👩‍👩‍👧/می‌خواهم.txt').replaceAll('%2F', '/');
    expect(codeOf(family)).toBe(family);
  });

  it('have one canonical form, which is canonical itself', () => {
    fc.assert(
      fc.property(rawPath, (raw) => {
        const once = canonicalPath(raw);
        if (isRefusal(Object(once))) return;
        expect(canonicalPath(once as string)).toBe(once);
      }),
    );
  });

  it('that are accepted contain nothing that another parser reads as another path', () => {
    fc.assert(
      fc.property(rawPath, (raw) => {
        const path = canonicalPath(raw);
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

  it('fold to the same form in every case, and folding twice changes nothing', () => {
    fc.assert(
      fc.property(rawPath, (raw) => {
        const path = canonicalPath(raw);
        if (typeof path !== 'string') return;
        const folded = foldPath(path);
        expect(foldPath(folded)).toBe(folded);
        const upper = path.replace(/%[0-9A-F]{2}|[a-z]/g, (m) =>
          m.length > 1 ? m : m.toUpperCase(),
        );
        expect(foldPath(upper)).toBe(folded);
        expect(folded.split('/').length).toBe(path.split('/').length);
        expect(folded.split('/')).not.toContain('..');
      }),
    );
  });

  it.each([
    ['/Admin', '/admin'],
    ['/admin.', '/admin'],
    ['/admin%20', '/admin'],
    ['/admin.%20.', '/admin'],
    ['/%EF%BD%81dmin', '/admin'],
    ['/admin/', '/admin/'],
    ['/a.b/c', '/a.b/c'],
    ['/...', '/...'],
    ['/a%2Bb', '/a+b'],
    ['/a%20', '/a'],
    ['/%20', '/%20'],
    ['/.%20.', '/.%20.'],
    ['/%21%24%26%27%28%29%2A%2B%2C%3D%3A%40', "/!$&'()*+,=:@"],
    ['/plain/path', '/plain/path'],
    ['/a./b', '/a/b'],
    [`/${encodeURIComponent('m' + MARKS)}`, `/${encodeURIComponent('m' + MARKS)}`],
  ])('fold %s to %s', (path, folded) => {
    expect(foldPath(path)).toBe(folded);
  });
});
