import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import cases from '../../../test/hostile/cases/url_normalisation.json' with { type: 'json' };
import { MAX_TARGET, type RawRequest, readFacts } from './facts.ts';
import { readingsOf } from './readings.ts';
import { isRefusal } from './refusal.ts';

const raw = (changes: Partial<RawRequest>, headers: Record<string, string> = {}): RawRequest => ({
  method: 'GET',
  scheme: 'https',
  authority: 'app.example.com',
  target: '/',
  clientIp: '192.0.2.7',
  header: (name) => headers[name] ?? null,
  ...changes,
});
const codeOf = (changes: Partial<RawRequest>) => {
  const facts = readFacts(raw(changes));
  return isRefusal(facts) ? `${facts.status} ${facts.code}` : 'read';
};

describe('facts', () => {
  it.each([
    ['CONNECT', '405 method/refused'],
    ['TRACE', '405 method/refused'],
    ['TRACK', '405 method/refused'],
    ['get', '405 method/refused'],
    ['GET POST', '405 method/refused'],
    ['', '405 method/refused'],
    ['A'.repeat(25), '405 method/refused'],
    ['PROPFIND', 'read'],
    ['M-SEARCH', 'read'],
  ])('takes the method %j as: %s', (method, code) => {
    expect(codeOf({ method })).toBe(code);
  });

  it.each([
    ['/' + 'a'.repeat(MAX_TARGET), '414 target/too-long'],
    ['/a?b c', '400 query/characters'],
    ['/a?b#c', '400 query/characters'],
    ['/a?é', '400 query/characters'],
    ['/a?\r\nX: y', '400 query/characters'],
    ['/a?b=%00&c=%2e%2e/', 'read'],
    ['/a/../b?c', 'read'],
    ['/a;b%2f', 'read'],
    ['/a%zz', '400 path/escape'],
    ['?a', 'read'],
    ['//evil.com/', 'read'],
    ['http://app.example.com/', '400 path/form'],
  ])('takes the target %j as: %s', (target, code) => {
    expect(codeOf({ target })).toBe(code);
  });

  it('refuses a malformed host', () => {
    expect(codeOf({ authority: 'app.example.com, evil.com' })).toBe('400 host/malformed');
    expect(codeOf({ authority: '' })).toBe('400 host/malformed');
  });

  it('keeps path and query exactly as they were sent', () => {
    const query = '?rd=https%3A%2F%2Fx&a=1&a=2&&=%zz/../..//';
    expect(readFacts(raw({ target: `/a//b${query}` }))).toMatchObject({ path: '/a//b', query });
  });

  it.each([
    ['page', 'GET', { 'sec-fetch-mode': 'navigate' }],
    ['page', 'POST', { 'sec-fetch-mode': 'navigate' }],
    ['page', 'GET', { accept: 'text/html,*/*' }],
    ['fetch', 'GET', { 'sec-fetch-mode': 'cors', accept: 'text/html' }],
    ['fetch', 'GET', { 'x-requested-with': 'XMLHttpRequest', accept: 'text/html' }],
    ['fetch', 'GET', { accept: '*/*' }],
    ['fetch', 'GET', {}],
    ['websocket', 'GET', { upgrade: 'WebSocket', 'sec-fetch-mode': 'navigate' }],
    ['websocket', 'GET', { 'sec-websocket-key': 'x' }],
    ['preflight', 'OPTIONS', { origin: 'https://x', 'access-control-request-method': 'PUT' }],
    ['fetch', 'OPTIONS', { origin: 'https://x' }],
  ])('takes for a %s: %s with %j', (kind, method, headers) => {
    expect(readFacts(raw({ method }, headers as Record<string, string>))).toMatchObject({ kind });
  });

  it.each(cases.cases.map((c) => [c.name, c] as const))('answers Authelia’s case %s', (name, c) => {
    const scheme = c.proto === 'http' ? 'http' : 'https';
    const facts = readFacts(raw({ scheme, authority: c.host ?? '', target: c.uri ?? '' }));
    // The dialect refuses a missing scheme; the facts always receive one.
    const isRefused = name.startsWith('ShouldError') && !name.endsWith('Protocol');
    expect(isRefusal(facts)).toBe(isRefused);
    if (isRefusal(facts) || !('match_path' in c)) return;
    // What Authelia matches is one of our readings.
    const [matched = '/'] = (c.match_path ?? '/').split('?');
    const readings = readingsOf(facts.path)?.map(decodeURIComponent);
    expect(readings).toContain(matched === '.' ? '/' : matched);
    expect(facts.path + facts.query).toBe(c.uri ?? '/');
  });

  it('never throw, and are read again as themselves', () => {
    const text = fc.string({ unit: 'binary', maxLength: 30 });
    const target = fc.oneof(
      text,
      fc.webUrl({ withQueryParameters: true }).map((u) => new URL(u).pathname),
      text.map((t) => `/${t}`),
    );
    fc.assert(
      fc.property(fc.oneof(text, fc.domain()), target, (authority, given) => {
        const facts = readFacts(raw({ authority, target: given }));
        if (isRefusal(facts)) return;
        const again = readFacts(raw({ authority: facts.host, target: facts.path + facts.query }));
        expect(again).toMatchObject({ host: facts.host, path: facts.path, query: facts.query });
      }),
    );
  });
});
