import { describe, expect, it } from 'vitest';
import { responseHead, latin1Fields, type Scrubbing } from './response-headers.ts';

const OWN: Scrubbing = {
  cookies: ['doorward', '__Secure-doorward'],
  rules: { internalRedirects: false, publicCache: false },
  isProtected: true,
  rewriting: null,
};
const ALLOWING: Scrubbing = { ...OWN, rules: { internalRedirects: true, publicCache: true } };

/** What a client receives of these lines. */
function passing(
  lines: readonly string[],
  status = 200,
  bodiless = false,
  scrubbing = OWN,
): string[] {
  const raw = lines.flatMap((line) => line.split(/: ?/, 2));
  const { headers } = responseHead({ status, reason: 'OK', raw, isUnchunked: bodiless }, scrubbing);
  return headers.flatMap((part, i) => (i % 2 === 0 ? [`${part}: ${headers[i + 1]}`] : []));
}

const reasonOf = (reason: string): string =>
  responseHead({ status: 200, reason, raw: [], isUnchunked: false }, OWN).reason;

describe('fields of a response from an app', () => {
  const CLEAR = 'Clear-Site-Data: ';

  it.each<[string, string | null]>([
    ['"cookies"', '"cache", "storage"'],
    ['"*"', '"cache", "storage"'],
    ['"COOKIES"', '"cache", "storage"'],
    ['*', '"cache", "storage"'],
    ['cookies', '"cache", "storage"'],
    ['"co\\okies"', '"cache", "storage"'],
    ['"cache","cookies" , "storage"', '"cache", "storage"'],
    ['"cookies", "executionContexts"', '"executionContexts", "cache", "storage"'],
    ['"cache"', '"cache"'],
    ['"storage", "clientHints"', '"storage", "clientHints"'],
    ['"somethingNew"', null],
    ['', null],
  ])('RESP-csd: Clear-Site-Data: %s is forwarded as %s', (sent, expected) => {
    const got = passing([CLEAR + sent]);
    expect(got).toEqual(expected === null ? [] : [CLEAR + expected]);
    expect(passing([`cLEAR-site-dATA: ${sent}`], 103, true).join('')).not.toMatch(/cookies|\*/i);
  });

  const INTERNAL = [
    'X-Accel-Redirect: /internal/secret',
    'x-accel-redirect: /a',
    'X-ACCEL-Buffering: no',
    'X-Accel-Expires: 3600',
    'X-Sendfile: /etc/passwd',
    'x-SENDFILE: /etc/passwd',
    'X-LIGHTTPD-send-file: /etc/passwd',
    'X-Reproxy-URL: /elsewhere',
    'X-LiteSpeed-Location: /elsewhere',
  ];

  it('make no proxy in front serve something else, unless the route allows it', () => {
    for (const status of [200, 103, 101]) expect(passing(INTERNAL, status)).toEqual([]);
    expect(passing(INTERNAL, 200, false, ALLOWING)).toEqual(INTERNAL);
  });

  it.each<[string, string]>([
    ['public', 'private'],
    ['public, max-age=60', 'private, max-age=60'],
    ['Public , s-maxage=60,immutable', 'private, immutable'],
    ['max-age=3600', 'private, max-age=3600'],
    ['private, max-age=60', 'private, max-age=60'],
    ['no-store, public', 'no-store'],
    ['no-cache', 'no-cache'],
    ['private="x-a, x-b", s-maxage=5', 'private, private="x-a, x-b"'],
    ['private="x-a", max-age=60', 'private, private="x-a", max-age=60'],
  ])('Cache-Control: %s of a protected path is forwarded as %s', (sent, expected) => {
    expect(passing([`Cache-Control: ${sent}`])).toEqual([`Cache-Control: ${expected}`]);
    const open = { ...OWN, isProtected: false };
    for (const scrubbing of [open, ALLOWING]) {
      expect(passing([`Cache-Control: ${sent}`], 200, false, scrubbing)).toEqual([
        `Cache-Control: ${sent}`,
      ]);
    }
  });

  it.each<[string, string[]]>([
    ['alone', []],
    ['beside a Cache-Control that allows it', ['Cache-Control: must-revalidate']],
    ['beside a Cache-Control for one field', ['Cache-Control: private="x-a"']],
  ])('Expires %s lets no shared cache store the response of a protected path', (_, beside) => {
    const lines = ['Expires: Fri, 01 Jan 2038', ...beside];
    expect(passing(lines)).toEqual([...lines, 'Cache-Control: private']);
    for (const scrubbing of [{ ...OWN, isProtected: false }, ALLOWING]) {
      expect(passing(lines, 200, false, scrubbing)).toEqual(lines);
    }
    for (const guard of ['Cache-Control: private', 'Cache-Control: no-cache, No-Store']) {
      expect(passing([...lines, guard])).toEqual([...lines, guard]);
    }
  });

  it('bypass Cache-Control for no cache in front of a protected path', () => {
    const lines = [
      'CDN-Cache-Control: max-age=60',
      'Cloudflare-CDN-Cache-Control: max-age=60',
      'Vercel-CDN-Cache-Control: max-age=60',
      'Netlify-CDN-Cache-Control: public',
      'Edge-Control: cache-maxage=60',
      'Surrogate-Control: max-age=60',
    ];
    expect(passing(lines)).toEqual([]);
    expect(passing(lines, 200, false, ALLOWING)).toEqual(lines);
  });
});

describe('a client receives', () => {
  it.each<[string, string[], string[]]>([
    ['all in order', ['A: 1', 'b: 2', 'A: 3'], ['A: 1', 'b: 2', 'A: 3']],
    ['no hop-by-hop field', ['Connection: close', 'Keep-Alive: x', 'Upgrade: h2c', 'TE: x'], []],
    [
      'no field listed in Connection',
      ['Connection: x-a, Set-Cookie', 'X-A: 1', 'set-cookie: a=b'],
      [],
    ],
    [
      'the length, listed or not',
      ['Connection: content-length', 'Content-Length: 1'],
      ['Content-Length: 1'],
    ],
    [
      'no cookie of ours',
      ['Set-Cookie: doorward=1', 'set-cookie: __SECURE-Doorward=', 'Set-Cookie: doorwards=1'],
      ['Set-Cookie: doorwards=1'],
    ],
    [
      'no cookie that a browser would send back as ours',
      [
        'Set-Cookie: =doorward=x; Path=/',
        'Set-Cookie: ==doorward=x',
        'Set-Cookie: \t= \tdoorward =x',
        'Set-Cookie: =doorward',
        'Set-Cookie: doorward',
        'Set-Cookie: doorward; Max-Age=0',
        'Set-Cookie: \tdoorward\t=x',
        'Set-Cookie: DoorWard=x',
        'Set-Cookie: __Host-doorward=x',
        'Set-Cookie: __host-http-DOORWARD=x',
        'Set-Cookie: =__Secure-doorward=x',
        'Set-Cookie: "doorward"=x',
        'Set-Cookie: =doorwards=1',
        'Set-Cookie: a==doorward=x',
      ],
      ['Set-Cookie: =doorwards=1', 'Set-Cookie: a==doorward=x'],
    ],
    ['a Trailer where chunks follow', ['Trailer: X-A'], ['Trailer: X-A']],
    ['no Trailer beside a length', ['Trailer: X-A', 'Content-Length: 1'], ['Content-Length: 1']],
  ])('%s', (_, sent, expected) => {
    expect(passing(sent)).toEqual(expected);
  });

  it('no length with 204 and 103, but with 304', () => {
    expect(passing(['Content-Length: 1'], 204, true)).toEqual([]);
    expect(passing(['Content-Length: 1'], 103, true)).toEqual([]);
    expect(passing(['Content-Length: 1'], 304, true)).toEqual(['Content-Length: 1']);
  });

  it('no reason that is invalid on the wire', () => {
    expect(['caf\xe9', 'a\r\nb', '\u2713'].map(reasonOf)).toEqual(['caf\xe9', '', '']);
  });
});

it('raw fields are read byte by byte', () => {
  expect(latin1Fields([Buffer.from([0xe9]), 'x'])).toEqual(['\xe9', 'x']);
  expect(latin1Fields(undefined)).toEqual([]);
});
