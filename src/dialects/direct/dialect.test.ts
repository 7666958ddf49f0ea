import { describe, expect, it } from 'vitest';
import { readFacts } from '../../core/request/facts.ts';
import { isRefusal } from '../../core/request/refusal.ts';
import { inboundOf } from '../../gate/request/inbound.ts';
import { createTrust } from '../../gate/request/trust.ts';
import { type Pairs, testRequest } from '../../../test/support/gate.ts';
import { testLive } from '../../../test/support/snapshot.ts';
import { direct } from './dialect.ts';

const STRANGER = '198.51.100.9';
const PROXY = '127.0.0.1';

function read(pairs: Pairs, options: { target?: string; peer?: string } = {}) {
  const request = testRequest('GET', pairs, options.peer ?? STRANGER);
  const raw = direct.read(inboundOf(request, options.target ?? '/a', createTrust(testLive())));
  return isRefusal(raw) ? raw : readFacts(raw);
}

const HOST: Pairs = [['Host', 'app.example.com']];

describe('a request to the reverse proxy', () => {
  it('is described by its own headers', () => {
    expect(read([['Host', 'APP.example.com.:8080']], { target: '/a//b?q' })).toMatchObject({
      host: 'app.example.com',
      port: 8080,
      path: '/a//b',
      query: '?q',
      scheme: 'http',
      clientIp: STRANGER,
    });
  });

  it.each<[string, Pairs]>([
    ['no host', []],
    ['an empty host', [['Host', '']]],
    ['two hosts', [...HOST, ['host', 'admin.example.com']]],
    ['the same host twice', [...HOST, ...HOST]],
    ['a host with userinfo', [['Host', 'x@app.example.com']]],
    ['a list of hosts', [['Host', 'app.example.com, admin.example.com']]],
  ])('is refused with %s', (_, pairs) => {
    expect(read(pairs)).toMatchObject({ refused: true, status: 400 });
  });

  it.each([
    'http://admin.example.com/a',
    'http://app.example.com:81/a',
    'http://app.example.com@admin.example.com/a',
    'http:app.example.com/a',
    'ftp://app.example.com/a',
    '*',
    'app.example.com:443',
    '',
  ])('is refused with the target %s', (target) => {
    expect(read(HOST, { target })).toMatchObject({ refused: true, status: 400 });
  });

  it.each([
    ['http://app.example.com/a?q', '/a', '?q'],
    ['HTTP://APP.example.com:80?q', '/', '?q'],
  ])('may name its own host in the target %s', (target, path, query) => {
    expect(read(HOST, { target })).toMatchObject({ host: 'app.example.com', path, query });
  });

  it('is not trusted to describe another client', () => {
    const forged: Pairs = [
      ...HOST,
      ['X-Forwarded-For', '10.0.0.1'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', 'admin.example.com'],
      ['X-Forwarded-Uri', '/public'],
      ['X-Original-URL', 'https://admin.example.com/public'],
    ];
    const plain = read(HOST) as object;
    expect(read(forged)).toMatchObject({
      ...plain,
      header: expect.any(Function),
      isRepeated: expect.any(Function),
    });
  });

  it('takes scheme and client from a trusted proxy, and nothing else', () => {
    const pairs: Pairs = [
      ...HOST,
      ['X-Forwarded-For', '203.0.113.5'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', 'admin.example.com'],
      ['X-Forwarded-Uri', '/public'],
    ];
    expect(read(pairs, { peer: PROXY })).toMatchObject({
      scheme: 'https',
      clientIp: '203.0.113.5',
      host: 'app.example.com',
      path: '/a',
    });
  });

  it.each<[string, Pairs]>([
    [
      'two schemes',
      [
        ['X-Forwarded-Proto', 'https'],
        ['X-Forwarded-Proto', 'http'],
      ],
    ],
    ['a list of schemes', [['X-Forwarded-Proto', 'https,http']]],
    ['a strange scheme', [['X-Forwarded-Proto', 'javascript']]],
    ['a strange client', [['X-Forwarded-For', 'unknown']]],
  ])('is refused when a trusted proxy sends %s', (_, more) => {
    expect(read([...HOST, ...more], { peer: PROXY })).toMatchObject({ refused: true, status: 400 });
  });
});
