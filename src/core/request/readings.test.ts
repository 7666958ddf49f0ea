import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusePath } from './path.ts';
import { foldReading, MAX_READ, MAX_READINGS, readingsOf } from './readings.ts';

const foldedReadings = (path: string): readonly string[] =>
  (readingsOf(path) ?? []).map((reading) => foldReading(reading));

describe('readings', () => {
  it.each([
    '/',
    '/a/b/',
    '/.well-known/x',
    '/Wiki/Page.html',
    "/-._!&'()*,=:@a",
    '/a..b/c.d.e',
    '/%E6%97%A5%E6%9C%AC/a%20b.txt',
    '/~user/x',
  ])('of %s are itself alone', (path) => {
    expect(readingsOf(path)).toEqual([path]);
  });

  it.each([
    ['/@scope%2fname', ['/@scope/name', '/@scope%2Fname']],
    ['/api/queues/%2F/q1', ['/api/queues///q1', '/api/queues/%2F/q1', '/api/queues/q1']],
    ['/50%2520off.txt', ['/50%2520off.txt', '/50%20off.txt']],
    ['/a%3Bb.txt', ['/a;b.txt', '/a']],
    ['/app;jsessionid=1A2B', ['/app;jsessionid=1A2B', '/app']],
    ['/caf%E9.txt', ['/caf%E9.txt', '/caf.txt', '/caf%C3%A9.txt']],
    ['/foo/secret%23/bar', ['/foo/secret%23/bar', '/foo/secret']],
    ['/foo/secret%3F/bar', ['/foo/secret%3F/bar', '/foo/secret']],
    ['/foo/secret%00/bar', ['/foo/secret%00/bar', '/foo/secret', '/foo/secret/bar']],
    ['/web/https://x/', ['/web/https://x/', '/web/https:/x/']],
    ['//host/b', ['//host/b', '/host/b', '/b']],
    ['/a/../b', ['/a/../b', '/b', '/a//b', '/a/b']],
    ['/a\\b', ['/a%5Cb', '/a/b']],
    [
      '/wiki/%E4%BD%95%EF%BC%9F',
      ['/wiki/%E4%BD%95%EF%BC%9F', '/wiki/%E4%BD%95%3F', '/wiki/%E4%BD%95'],
    ],
    ['/admin::$DATA', ['/admin::$DATA', '/admin']],
    ['/admin:$i30:$INDEX_ALLOCATION/x', ['/admin:$i30:$INDEX_ALLOCATION/x', '/admin/x']],
    ['/ADMINI~1/x', ['/ADMINI~1/x', '/\ud801/x']],
    ['/a./b', ['/a./b', '/a/b']],
  ])('of %s are %j', (path, readings) => {
    expect(readingsOf(path)).toEqual(readings);
  });

  it.each([
    ['/admin;/../x', '/admin'],
    ['/admin;/../x', '/x'],
    ['/x;/../admin/secret', '/admin/secret'],
    ['/admin;x/secret', '/admin/secret'],
    ['/x/..%2fadmin', '/admin'],
    ['/x/..%255cadmin', '/admin'],
    ['/%EF%BC%8E%EF%BC%8E/admin', '/admin'],
    ['/x/%E2%80%8B../admin', '/admin'],
    ['/admin%2e%20/x', '/admin/x'],
    ['/x%EF%BC%8Fadmin', '/x/admin'],
    ['/a%E9dmin', '/admin'],
    ['///x/admin', '/admin'], // new URL(request.url, base) takes x for a host
    ['/%5C%5Cx/admin', '/admin'],
    ['/%20admin%09/x', '/admin/x'], // Spring, CVE-2016-5007
    ['/x/%0A../admin', '/admin'],
    ['/ad%09min', '/admin'], // new URL(decodeURI(request.url), base)
    ['/admin%01', '/admin'],
    ['/my+files', '/my%20files'], // urldecode() of PHP, URLDecoder of Java
    ['/%25u0061dmin', '/admin'], // HttpUtility.UrlDecode of ASP.NET
    ['/x%25u002f..%25u005cadmin', '/admin'],
    ['/(S(x)F(y))/admin', '/admin'], // ASP.NET, CVE-2023-36899
    ['/ad/(S(x))min', '/admin'],
    ['/adm%3C%3C/x', '/\ud801/x'], // PHP on Windows
    ['/x%E2%88%95..%E2%88%96admin', '/admin'],
    ['/%2561dmin', '/admin'],
  ])('of %s include %s', (path, reading) => {
    expect(readingsOf(path)).toContain(reading);
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
  ])('PATH-zero-width: leave out %s', (unseen) => {
    const within = unseen.replace('.', '');
    const spellings = [
      `/admin${unseen}/secret`,
      `/ad${within}min/secret`,
      `/${within}ADMIN/secret`,
    ];
    for (const spelling of spellings) {
      expect(foldedReadings(spelling)).toContain('/admin/secret');
      expect(readingsOf(spelling)?.[0]).toBe(spelling);
    }
  });

  it.each([
    '/adm%C4%B0n', // İ, which programs in Go and Java read as i in lower case
    '/ADM%C4%B0N',
    '/ADMI%CC%87N', // I and a combining dot above: another spelling of İ
    '/adm%C4%B1n', // dotless i, whose upper case is I
    '/%F0%9D%92%B6dmin', // mathematical a
    '/%E2%92%B6dmin', // circled A
    '/%EF%BC%A1DMIN', // full-width A
    '/%C3%A1dm%C3%AFn', // accents, which WordPress and the collations of MySQL ignore
    '/a%CC%81dmin',
    '/admin%E1%9A%80', // Ogham space mark
    '/admin%E2%80%A8.', // line separator
  ])('include /admin for %s', (path) => {
    expect(foldedReadings(path)).toContain('/admin');
  });

  it.each([
    ['/index.php/admin', '/admin'],
    ['/INDEX.php/admin', '/admin'],
    ['/index.php', '/'],
    ['/index%2Ephp/admin;x', '/admin'],
  ])('of %s behind index.php include %s', (path, reading) => {
    expect(readingsOf(path, ['index.php'])).toContain(reading);
    expect(readingsOf(path)).not.toContain(reading);
  });

  it('are none if there would be too many, or the path is too long for more than one', () => {
    expect(readingsOf('/a;b=1/c%2Fd/..%5Ce//f%3Fx/%2e%2e%252f;')).toBeNull();
    expect(readingsOf(`/${'a'.repeat(8000)}`)).toHaveLength(1);
    expect(readingsOf(`/a;${'a'.repeat(MAX_READ)}`)).toBeNull();
    expect(readingsOf('/%25c0%25af')).toBeNull();
  });

  it('are found again in each other', () => {
    const piece = fc.constantFrom(
      '/',
      '//',
      '.',
      '..',
      'a',
      'B',
      '%41',
      '%2e',
      '%25',
      '%32',
      '%65',
      '%2F',
      '%5c',
      '\\',
      ';',
      '%3b',
      '%20',
      '%00',
      '%C3%A9',
      '%ef%bc%8f',
      '%E2%80%8B',
      '%ff',
      '~1',
      ':$',
      '%C4%B0',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const path = `/${pieces.join('')}`;
        if (refusePath(path) !== null) return;
        const readings = readingsOf(path);
        if (readings === null) return;
        expect(readings.length).toBeLessThanOrEqual(MAX_READINGS);
        expect(new Set(readings).size).toBe(readings.length);
        for (const reading of readings) {
          expect(reading).toMatch(/^\/[\x21-\x7e\ud801]*$/);
          expect(foldReading(foldReading(reading))).toBe(foldReading(reading));
        }
      }),
    );
  });
});
