import { describe, expect, it } from 'vitest';
import { someFacts } from '../../../test/support/policy-input.ts';
import { type Cors, isPreflight, preflightFields, readableBy } from './cors.ts';

const ORIGIN = 'https://shop.example.com';
const CORS: Cors = {
  origins: new Set([ORIGIN, 'http://127.0.0.1:3000']),
  methods: ['GET', 'PUT'],
  headers: null,
  credentials: true,
  maxAge: 600,
  preflight: 'answer',
};

const preflightOf = (headers: Record<string, string>) =>
  someFacts({
    method: 'OPTIONS',
    headers: { origin: ORIGIN, 'access-control-request-method': 'PUT', ...headers },
  });

describe('origins of a route', () => {
  it.each([
    'null',
    '*',
    '',
    'https://shop.example.com.evil.test',
    'https://shop.example.com:443',
    'https://shop.example.com/',
    'https://SHOP.example.com',
    'http://shop.example.com',
    'https://a.shop.example.com',
    'https://user@shop.example.com',
    'https://shop.example.com, https://evil.test',
    'https://shop.example.com https://evil.test',
    'http://127.0.0.1:30000',
  ])('do not contain %j', (origin) => {
    const facts = preflightOf({ origin });
    expect(isPreflight(CORS, facts, 'answer')).toBe(false);
    expect(readableBy(CORS, facts)).toEqual(['Vary', 'Origin']);
  });

  it('are compared as browsers write them, and sent back', () => {
    for (const origin of CORS.origins) {
      const facts = preflightOf({ origin });
      expect(isPreflight(CORS, facts, 'answer')).toBe(true);
      expect(readableBy(CORS, facts)).toEqual([
        'Vary',
        'Origin',
        'Access-Control-Allow-Origin',
        origin,
        'Access-Control-Allow-Credentials',
        'true',
      ]);
    }
  });

  it('get no permission for cookies unless the route gives it', () => {
    const fields = readableBy({ ...CORS, credentials: false }, preflightOf({}));
    expect(fields).not.toContain('Access-Control-Allow-Credentials');
  });

  it('count for no other request than a preflight, and for none if the app answers', () => {
    const get = someFacts({ headers: { origin: ORIGIN } });
    const bare = someFacts({ method: 'OPTIONS', headers: { origin: ORIGIN } });
    expect([get, bare].map((facts) => isPreflight(CORS, facts, 'answer'))).toEqual([false, false]);
    expect(isPreflight({ ...CORS, preflight: 'pass' }, preflightOf({}), 'answer')).toBe(false);
    expect(isPreflight(null, preflightOf({}), 'answer')).toBe(false);
  });
});

const allowed = (headers: readonly string[] | null, asked: string): string | undefined => {
  const facts = preflightOf({ 'access-control-request-headers': asked });
  const fields = preflightFields({ ...CORS, headers }, facts);
  const at = fields.indexOf('Access-Control-Allow-Headers');
  return at < 0 ? undefined : fields[at + 1];
};

describe('the answer to a preflight', () => {
  it('lists the methods, and how long it is valid', () => {
    const fields = preflightFields(CORS, preflightOf({}));
    expect(fields.slice(-4)).toEqual([
      'Access-Control-Allow-Methods',
      'GET, PUT',
      'Access-Control-Max-Age',
      '600',
    ]);
  });

  it('lists the headers of the route, or those that are asked for', () => {
    expect(allowed(['X-One', 'X-Two'], 'x-three')).toBe('X-One, X-Two');
    expect(allowed(null, 'content-type,x-three')).toBe('content-type,x-three');
    expect(allowed([], 'x-three')).toBeUndefined();
  });

  it.each(['*', 'a\u00e9', 'a;b', 'a,,b', ',a', 'a b', `a${'b'.repeat(1024)}`, ''])(
    'repeats nothing but a list of names: %j',
    (asked) => expect(allowed(null, asked)).toBeUndefined(),
  );
});
