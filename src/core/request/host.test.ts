import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalHost, isWithin } from './host.ts';

describe('hosts', () => {
  it.each([
    ['app.example.com', 'https', 'app.example.com', 0],
    ['APP.Example.COM', 'https', 'app.example.com', 0],
    ['app.example.com.', 'https', 'app.example.com', 0],
    ['app.example.com:443', 'https', 'app.example.com', 0],
    ['app.example.com:80', 'https', 'app.example.com', 80],
    ['app.example.com:80', 'http', 'app.example.com', 0],
    ['app.example.com.:8443', 'https', 'app.example.com', 8443],
    ['localhost:4747', 'http', 'localhost', 4747],
    ['_dmarc.example.com', 'https', '_dmarc.example.com', 0],
    ['xn--bcher-kva.example', 'https', 'xn--bcher-kva.example', 0],
    ['127.0.0.1:4747', 'http', '127.0.0.1', 4747],
  ] as const)('reads %s over %s as %s and port %i', (raw, scheme, host, port) => {
    expect(canonicalHost(raw, scheme)).toEqual({ host, port });
  });

  it.each([
    '',
    '.',
    '..',
    'a..b',
    '.a',
    'a..',
    '-a',
    'a-',
    'a.-b',
    ':80',
    'a:',
    'a:0',
    'a:080',
    'a:65536',
    'a:1:2',
    'a,b',
    'a, b',
    'user@a',
    'user:pw@a',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',

    'a b',
    ' a',
    'a ',
    'a\t',
    'a\r\nb',
    'a%2eb',
    '[::1]',
    '::1',
    'bücher.example',
    'a\0',
    'a：80',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(130)}com`,
    'http://a',
  ])('refuses %j', (raw) => {
    expect(canonicalHost(raw, 'https')).toBeNull();
  });

  it('have the form that browsers send, which is canonical itself', () => {
    const host = fc.oneof(fc.domain(), fc.string({ maxLength: 12 }), fc.ipV4());
    fc.assert(
      fc.property(host, fc.option(fc.integer({ min: 0, max: 70_000 })), (name, port) => {
        const read = canonicalHost(port === null ? name : `${name}:${port}`, 'https');
        if (read === null) return;
        expect(canonicalHost(read.host, 'https')).toEqual({ host: read.host, port: 0 });
        expect(read.host).toMatch(/^[a-z0-9._-]+$/);
        expect(read.port).not.toBe(443);
        expect(read.host.endsWith('.')).toBe(false);
      }),
    );
  });

  it('are within a domain only after a dot', () => {
    expect(isWithin('example.com', 'example.com')).toBe(true);
    expect(isWithin('a.b.example.com', 'example.com')).toBe(true);
    expect(isWithin('evilexample.com', 'example.com')).toBe(false);
    expect(isWithin('example.com.evil', 'example.com')).toBe(false);
    expect(isWithin('com', 'example.com')).toBe(false);
  });
});
