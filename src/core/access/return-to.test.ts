import { readFileSync } from 'node:fs';
import { unescape } from 'node:querystring';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aRoute } from '../../../test/support/tables.ts';
import { checkReturnTo, MAX_RETURN_TO, originOf, type Site } from './return-to.ts';
import { routeTable } from '../routes/route.ts';

interface Cases {
  readonly oauth2_proxy: {
    readonly cases: readonly { name: string; redirect: string; allowed: boolean }[];
  };
  readonly open_redirect_payloads: { readonly payloads: readonly string[] };
}
const cases = JSON.parse(
  readFileSync(
    new URL('../../../test/hostile/cases/redirect_validator.json', import.meta.url),
    'utf8',
  ),
) as Cases;

/**
 * The domains that those cases allow, as routes. Our routes have no "any port", and a wildcard
 * covers one label.
 */
const domains: readonly (readonly [string, readonly number[]])[] = [
  ['foo.bar', [0]],
  ['bar.foo', [0]],
  ['*.bar.foo', [0]],
  ['port.bar', [8080]],
  ['*.sub.port.bar', [8080]],
  ['anyport.bar', [0, 8080, 8081]],
  ['*.sub.anyport.bar', [0, 8080, 8081]],
  ['www.whitelisteddomain.tld', [0]],
  ['wildcard.sub.port.bar', [8080]],
  ['*.wildcard.sub.port.bar', [8080]],
  ['wildcard.sub.anyport.bar', [4242]],
  ['*.wildcard.sub.anyport.bar', [4242]],
  ['wildcard.bar', [0]],
  ['*.wildcard.bar', [0]],
  ['*.wildcard.proxy.foo.bar', [0]],
];
const table = routeTable(
  domains.map(([name, ports], i) => aRoute({ id: `r${i}`, hosts: [{ name, ports }] })),
);
const siteOf = (scheme: 'http' | 'https'): Site => ({
  origin: `${scheme}://auth.example.com`,
  scheme,
  host: 'auth.example.com',
  port: 0,
});
const check = (raw: string) => {
  const scheme = raw.startsWith('http:') ? 'http' : 'https';
  return checkReturnTo(raw, siteOf(scheme), table);
};

/** The URL at which a browser on the portal ends up when redirected to `to`. */
const landing = (to: string) => new URL(to, 'https://auth.example.com/flow/login');
const origins = new Set(
  domains.flatMap(([name, ports]) => ports.map((port) => originOf(siteOf('https'), name, port))),
);
function isOurs(url: URL): boolean {
  const { hostname, port, protocol } = url;
  if (protocol !== 'https:' && protocol !== 'http:') return false;
  const suffix = port === '' ? '' : `:${port}`;
  const wild = `*${hostname.slice(hostname.indexOf('.'))}`;
  return (
    [hostname, wild].some((name) => origins.has(`https://${name}${suffix}`)) ||
    (hostname === 'auth.example.com' && port === '')
  );
}

describe('return-to', () => {
  it.each(cases.oauth2_proxy.cases.map((c) => [c.name, c] as const))(
    'answers the case of oauth2-proxy: %s',
    (_, { redirect, allowed }) => {
      // Relative URLs are refused, because every return-to is written as an absolute URL.
      const expected = allowed && /^https?:\/\//.test(redirect);
      expect(check(redirect) !== null).toBe(expected);
    },
  );

  it('refuses all collected open-redirect payloads to other origins, escaped or not', () => {
    const { payloads } = cases.open_redirect_payloads;
    expect(payloads.length).toBe(559);
    const passed: string[] = [];
    for (const payload of payloads) {
      for (const raw of [
        payload,
        unescape(payload),
        `https://foo.bar/${payload}`,
        `https:${payload}`,
      ]) {
        const to = check(raw);
        if (to !== null && !isOurs(landing(to))) passed.push(raw);
        if (to !== null && raw === unescape(payload)) passed.push(raw);
      }
    }
    expect(passed).toEqual([]);
  });

  it.each([
    ['https://foo.bar', 'https://foo.bar/'],
    ['https://foo.bar/a?b=c&d=%20e%C3%A9', 'https://foo.bar/a?b=c&d=%20e%C3%A9'],
    ['https://FOO.bar/', 'https://foo.bar/'],
    ['https://foo.bar:443/', 'https://foo.bar/'],
    ['https://foo.bar/a/../b', 'https://foo.bar/b'],
    ['https://foo.bar/%2e%2e/b', 'https://foo.bar/b'],
    ['https://auth.example.com/account', 'https://auth.example.com/account'],
    ['https://foo.bar//evil.com', 'https://foo.bar//evil.com'],
    ['https://foo.bar:/x@evil.com', 'https://foo.bar/x@evil.com'],
  ])('writes %s as %s', (raw, expected) => {
    expect(check(raw)).toBe(expected);
  });

  it.each([
    '',
    '/',
    '/a',
    '//foo.bar/',
    'foo.bar',
    'https:foo.bar',
    'https:/foo.bar',
    'https:///foo.bar',

    'https://foo.bar.',
    'https://foo.bar@evil.com/',
    'https://user@foo.bar/',
    'https://foo.bar:80@evil.com/',

    'https://foo.bar\\@evil.com/',
    'https://foo.bar#@evil.com/',
    'https://evil.com#foo.bar',
    'https://foo.bar%00.evil.com',

    'https://foo.bar%2eevil.com',
    'https://a.foo.bar/',
    'https://a.b.bar.foo/',
    'https://xfoo.bar/',
    'https://foo.bar.evil.com',

    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://foo.bar/',
    'HTTPS://foo.bar/',
    ' https://foo.bar/',
    'https://foo.bar/ ',

    'https://foo.bar/\n',
    'https://foo\t.bar/',
    'https://foo.bar:8080/',
    'https://foo。bar/',
    'https://foo.bar/é',
    'https://ｆoo.bar/',

    `https://foo.bar/${'a'.repeat(MAX_RETURN_TO)}`,
    'https://[::1]/',
    'https://0x7f.1/',
    'https://foo.bar:x/',
  ])('refuses %j', (raw) => {
    expect(check(raw)).toBeNull();
  });

  it('refuses values that are not texts, and the other scheme', () => {
    expect(checkReturnTo(null, siteOf('https'), table)).toBeNull();
    expect(checkReturnTo(undefined, siteOf('https'), table)).toBeNull();
    expect(checkReturnTo('http://foo.bar/', siteOf('https'), table)).toBeNull();
    expect(checkReturnTo('https://foo.bar/', siteOf('http'), table)).toBeNull();
  });

  it('returns only URLs of the portal and its routes, and accepts each of them unchanged', () => {
    const piece = fc.constantFrom(
      'https://',
      'http://',
      'https:',
      '//',
      '/',
      '\\',
      '@',
      ':',
      '#',
      '?',
      '.',
      '%2f',
      '%5c',
      '\t',
      '\n',

      'foo.bar',
      'evil.com',
      'auth.example.com',
      'a',
      '8080',
      '443',
      'wildcard.bar',
      'ſ',
      '。',
      '[',
      ']',
    );
    const raw = fc.oneof(
      fc.array(piece, { maxLength: 8 }).map((p) => p.join('')),
      fc.array(piece, { maxLength: 8 }).map((p) => `https://foo.bar${p.join('')}`),
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
    );
    fc.assert(
      fc.property(raw, (text) => {
        const to = check(text);
        if (to === null) return;
        expect(isOurs(landing(to))).toBe(true);
        expect(landing(to).href).toBe(to);
        expect(check(to)).toBe(to);
      }),
    );
  });
});
