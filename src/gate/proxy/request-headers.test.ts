import { describe, expect, it } from 'vitest';
import { testFacts, testIdentity } from '../../../test/support/snapshot.ts';
import { reservedNames } from '../../core/access/identity.ts';
import { SET_FIELDS } from '../../core/access/request-fields.ts';
import { type Crossing, requestHeaders } from './request-headers.ts';

/** The fields that arrive, as lines. */
function arriving(
  sent: readonly string[],
  changes: Partial<Omit<Crossing, 'inbound'>> & { trusted?: boolean; peer?: string } = {},
): string[] {
  const { trusted = false, peer = '192.0.2.7', ...more } = changes;
  const flat = requestHeaders({
    inbound: {
      rawHeaders: sent.flatMap((line) => line.split(/: ?/, 2)),
      peer,
      trusted,
      isTrusted: (address) => address.startsWith('10.'),
    },
    facts: testFacts(),
    identity: reservedNames([testIdentity()]),
    messages: null,
    user: null,
    authorization: null,
    claims: ['Remote-User', 'ann', 'Remote-Email', ''],
    cookies: ['doorward', 'doorward-browser'],
    preserveHost: false,
    requestId: 'r1',
    ...more,
  });
  return flat.flatMap((part, i) => (i % 2 === 0 ? [`${part}: ${flat[i + 1]}`] : []));
}

const OURS = [
  'X-Forwarded-For: 192.0.2.7',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Host: wiki.example.com',
  'X-Forwarded-Port: 443',
  'X-Real-IP: 192.0.2.7',
  'Forwarded: for=192.0.2.7;host=wiki.example.com;proto=https',
  'Remote-User: ann',
  'Remote-Email: ',
  'X-Request-Id: r1',
];

describe('an app receives', () => {
  it('the client’s fields in order, then ours', () => {
    expect(arriving(['Accept: a', 'X-B: b', 'accept: c'])).toEqual([
      'Accept: a',
      'X-B: b',
      'accept: c',
      ...OURS,
    ]);
  });

  it.each([
    ['a spoofed claim', 'Remote_User: root'],
    ['a spoofed empty claim', 'REMOTE-EMAIL: root@example.com'],
    ['a forwarded address', 'X-Forwarded-For: 10.0.0.1'],
    ['a forwarded field we do not write', 'X-Forwarded-Prefix: /admin'],
    ['a request id', 'X-Request-Id: mine'],
    ['an upgrade', 'Upgrade: h2c'],
    ['an expectation', 'Expect: 100-continue'],
    ['its own Connection', 'Connection: keep-alive, Upgrade'],
    ['a transfer coding it offers', 'TE: gzip'],
    ['a proxy for the app to use', 'Proxy: http://evil.example'],
    ['a name that servers spell anew', 'Remote!User: root'],
    ['a harmless name that servers spell anew', 'My_Field: 1'],
    ['our cookie alone', 'Cookie: doorward=x; doorward-browser=y'],
  ])('nothing of %s', (_, line) => {
    expect(arriving([line])).toEqual(OURS);
  });

  it('HDR-empty: every identity field, including those without a value', () => {
    const claims = ['Remote-User', '', 'Remote-Email', '', 'X-Doorward-Jwt', ''];
    const lines = arriving(['Remote-User: root'], { claims });
    expect(lines.filter((line) => /^remote|jwt/i.test(line))).toEqual([
      'Remote-User: ',
      'Remote-Email: ',
      'X-Doorward-Jwt: ',
    ]);
  });

  it('the fields that other proxies also set, and no other of ours', () => {
    const names = arriving([], { claims: [] }).map((line) => line.split(':', 1)[0]);
    expect(names).toEqual([...SET_FIELDS]);
  });

  it('cookies without ours', () => {
    expect(arriving(['Cookie: a=1; doorward=x; b=2'])[0]).toBe('Cookie: a=1; b=2');
  });

  it('nothing that was listed in Connection, except our own fields and the length', () => {
    const list = 'Connection: x-a, remote-user, x-forwarded-for, content-length, host';
    expect(arriving([list, 'X-A: 1', 'Content-Length: 3'])).toEqual(['Content-Length: 3', ...OURS]);
  });

  it('the offer of trailers', () => {
    expect(arriving(['TE: gzip;q=1, Trailers'])[0]).toBe('TE: trailers');
  });

  it('the client’s host and port if the route preserves it', () => {
    const facts = testFacts({ authority: 'wiki.example.com:8443' });
    const lines = arriving([], { preserveHost: true, facts });
    expect(lines).toContain('Host: wiki.example.com:8443');
    expect(lines).toContain('X-Forwarded-Port: 8443');
    expect(lines).toContain('Forwarded: for=192.0.2.7;host="wiki.example.com:8443";proto=https');
  });

  it('IPv6 clients in brackets if the form requires it', () => {
    const lines = arriving([], { facts: testFacts({ clientIp: '2001:db8::1' }) });
    expect(lines).toContain('X-Real-IP: 2001:db8::1');
    expect(lines.find((line) => line.startsWith('Forwarded'))).toContain('for="[2001:db8::1]"');
  });
});

describe('the header that names the client', () => {
  it.each([
    ['CF-Connecting-IP', ['X-Real-IP: 192.0.2.7', 'CF-Connecting-IP: 192.0.2.7']],
    ['x-real-ip', ['X-Real-IP: 192.0.2.7']],
  ])('%s reaches the app with the client in place of what was sent', (name, expected) => {
    const identity = reservedNames([testIdentity()], { clientField: name });
    for (const trusted of [true, false]) {
      const lines = arriving([`${name}: 10.6.6.6`], { identity, trusted });
      expect(lines.filter((line) => /^(?:cf-connecting|x-real)-ip:/i.test(line))).toEqual(expected);
    }
  });
});

describe('behind a trusted proxy', () => {
  it('the chain begins at the client: anything to its left is the client’s own claim', () => {
    const lines = arriving(['X-Forwarded-For: 6.6.6.6, 192.0.2.7, 10.0.0.2'], {
      trusted: true,
      peer: '10.0.0.3',
    });
    expect(lines).toContain('X-Forwarded-For: 192.0.2.7, 10.0.0.2, 10.0.0.3');
    expect(lines).toContain('X-Real-IP: 192.0.2.7');
  });

  it('other headers of the proxy are forwarded, claims never are', () => {
    const lines = arriving(['X-Forwarded-Prefix: /a', 'Remote-User: root'], { trusted: true });
    expect(lines).toContain('X-Forwarded-Prefix: /a');
    expect(lines.filter((line) => /remote-user/i.test(line))).toEqual(['Remote-User: ann']);
  });
});
