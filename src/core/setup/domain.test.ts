import { describe, expect, it } from 'vitest';
import { type Domain, domainOf, domainWith, siteOf } from './domain.ts';

function domain(name: string, cookieDomain: string | null): Domain {
  const host = `auth.${name}`;
  return domainWith({ scheme: 'https', host, port: 0, origin: `https://${host}` }, cookieDomain);
}

const first = domain('example.com', 'example.com');
const second = domain('example.org', 'example.org');

describe('the domain of a host', () => {
  it.each([
    ['example.com', first],
    ['wiki.example.com', first],
    ['a.b.example.com', first],
    ['example.org', second],
    ['wiki.example.org', second],
  ])('of %s is the one that contains it', (host, expected) => {
    const snapshot = { domains: [first, second] } as const;
    expect(domainOf(snapshot, host)).toBe(expected);
    expect(siteOf(snapshot, host)).toBe(expected.site);
  });

  it.each(['', 'localhost', 'badexample.org', 'example.org.evil.test', 'org', '192.0.2.1'])(
    'of %j, which none contains, is the first',
    (host) => {
      expect(domainOf({ domains: [first, second] }, host)).toBe(first);
      expect(domainOf({ domains: [second, first] }, host)).toBe(second);
    },
  );

  it('is never one whose cookie is for the host of the portal alone, unless it is the first', () => {
    const local = domain('example.org', null);
    expect(domainOf({ domains: [first, local] }, 'wiki.example.org')).toBe(first);
    expect(domainOf({ domains: [local, first] }, 'wiki.example.org')).toBe(local);
    expect(domainOf({ domains: [local, first] }, 'wiki.example.com')).toBe(first);
  });
});
