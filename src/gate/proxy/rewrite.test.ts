import { describe, expect, it } from 'vitest';
import { type Rewriting, rewriteCookie, rewriteLocation, rewriteRefresh } from './rewrite.ts';

const ALL = { location: true, cookieDomain: 'none', cookiePath: true };

function aRewriting(changes: Partial<Rewriting> = {}): Rewriting {
  return {
    rules: ALL,
    farOrigins: ['http://wiki:8080'],
    farPath: '/base',
    nearOrigin: 'https://wiki.example.com',
    nearPath: '/wiki2',
    ...changes,
  };
}

const BELOW = aRewriting();
const ROOT = aRewriting({ farPath: '', nearPath: '' });
const STRIPPED = aRewriting({ farPath: '' });
const BASED = aRewriting({ nearPath: '' });
const TLS = aRewriting({ farOrigins: ['https://wiki'], farPath: '', nearPath: '' });

const PUBLIC = 'https://wiki.example.com';

describe('a location', () => {
  it.each<[string, Rewriting, string]>([
    ['http://wiki:8080/base/x?y#z', BELOW, `${PUBLIC}/wiki2/x?y#z`],
    ['HTTP://WIKI:8080/base/x', BELOW, `${PUBLIC}/wiki2/x`],
    ['//wiki:8080/base/x', BELOW, `${PUBLIC}/wiki2/x`],
    ['http://wiki:8080/base', BELOW, `${PUBLIC}/wiki2`],
    ['http://wiki:8080/base?x', BELOW, `${PUBLIC}/wiki2?x`],
    ['/base/%2e%2E/é', BELOW, '/wiki2/%2e%2E/é'],
    // An app that receives the public Host uses it, with the scheme that it sees.
    ['http://wiki.example.com/base/x', BELOW, `${PUBLIC}/wiki2/x`],
    ['http://wiki:8080', ROOT, `${PUBLIC}/`],
    ['http://wiki:8080#x', ROOT, `${PUBLIC}/#x`],
    ['/x', STRIPPED, '/wiki2/x'],
    ['/', STRIPPED, '/wiki2/'],
    ['/base', BASED, '/'],
    ['https://wiki:443/x', TLS, `${PUBLIC}/x`],
    // No app may be turned into an open redirect by what is cut off.
    ['/base//evil.com/x', BASED, `${PUBLIC}//evil.com/x`],
    ['/base/\\evil.com', BASED, `${PUBLIC}/\\evil.com`],
    ['/base/\t/evil.com', BASED, `${PUBLIC}/\t/evil.com`],
  ])('%s becomes public', (value, rewriting, expected) => {
    expect(rewriteLocation(value, rewriting)).toBe(expected);
  });

  it.each<[string, Rewriting]>([
    ['http://other:8080/base/x', BELOW],
    ['http://wiki:8081/base/x', BELOW],
    ['https://wiki:8080/base/x', BELOW],
    ['http://wiki:8080@evil.com/base/x', BELOW],
    ['http://wiki:8080\\@evil.com/base/x', BELOW],
    ['http://wiki:8080.evil.com/base/x', BELOW],
    ['http://wiki:8080/basement', BELOW],
    ['http://wiki:8080/other', BELOW],
    ['/basement', BELOW],
    ['/other', BELOW],
    ['x/y', BELOW],
    ['?x', BELOW],
    ['#x', BELOW],
    ['', BELOW],
    ['javascript:alert(1)', BELOW],
    ['http:/wiki:8080/base', BELOW],
    [' http://wiki:8080/base', BELOW],
    ['http://wiki/x', TLS],
    ['http://wiki:443/x', TLS],
  ])('%s passes as it is', (value, rewriting) => {
    expect(rewriteLocation(value, rewriting)).toBe(value);
  });

  it('passes as it is unless the route says otherwise', () => {
    const cookiesOnly = aRewriting({ rules: { ...ALL, location: false } });
    expect(rewriteLocation('/base/x', cookiesOnly)).toBe('/base/x');
    expect(rewriteRefresh('0; url=/base/x', cookiesOnly)).toBe('0; url=/base/x');
  });
});

describe('a refresh', () => {
  it.each([
    ['5; url=http://wiki:8080/base/x', `5; url=${PUBLIC}/wiki2/x`],
    ['0;URL = "/base/x" rest', '0;URL = "/wiki2/x" rest'],
    ["1.5,url='/base/x'", "1.5,url='/wiki2/x'"],
    ['3; /base/x', '3; /wiki2/x'],
    ['5', '5'],
    ['5; url=https://other.example/base', '5; url=https://other.example/base'],
    ['url=/base/x', 'url=/base/x'],
  ])('%s becomes %s', (value, expected) => {
    expect(rewriteRefresh(value, BELOW)).toBe(expected);
  });
});

describe('a cookie', () => {
  it.each<[string, Rewriting, string]>([
    ['a=b; Path=/base/x; HttpOnly', BELOW, 'a=b; Path=/wiki2/x; HttpOnly'],
    ['a=b;path=/base', BELOW, 'a=b;path=/wiki2'],
    ['a=b; Path=/base/', BELOW, 'a=b; Path=/wiki2'],
    ['a=b; Path=/', STRIPPED, 'a=b; Path=/wiki2'],
    ['a=b; Path=/base/', BASED, 'a=b; Path=/'],
    ['a=b; Path=/other', BELOW, 'a=b; Path=/other'],
    ['a=b; Path=', BELOW, 'a=b; Path='],
    ['a=b; Domain=wiki.internal; Secure', BELOW, 'a=b; Secure'],
    ['a=b; DOMAIN = .wiki.internal', BELOW, 'a=b'],
    ['a=b; Domain=', BELOW, 'a=b; Domain='],
    ['a="Path=/base; Domain=x', BELOW, 'a="Path=/base'],
    ['__Host-a=b; Path=/; Secure', STRIPPED, '__Host-a=b; Path=/; Secure'],
    ['a=b', BELOW, 'a=b'],
  ])('%s becomes the visitor’s', (line, rewriting, expected) => {
    expect(rewriteCookie(line, rewriting)).toBe(expected);
  });

  it('gets the domain of the route, and keeps what the route does not change', () => {
    const rules = { location: true, cookieDomain: 'example.com', cookiePath: false };
    const line = 'a=b; Path=/base; Domain=wiki.internal; Domain=';
    expect(rewriteCookie(line, aRewriting({ rules }))).toBe(
      'a=b; Path=/base; Domain=example.com; Domain=',
    );
    const kept = aRewriting({ rules: { ...rules, cookieDomain: null } });
    expect(rewriteCookie(line, kept)).toBe(line);
  });
});
