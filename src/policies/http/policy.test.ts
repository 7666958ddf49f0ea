import { describe, expect, it } from 'vitest';
import { type RequestParts, anInput, someFacts } from '../../../test/support/policy-input.ts';
import { http } from './policy.ts';

const evaluate = (options: unknown, request: RequestParts) =>
  http.compile(http.config.parse(options))(anInput({ facts: someFacts(request) }));

describe('http', () => {
  it.each([
    [{ methods: ['GET'] }, { method: 'GET' }, 'http/match'],
    [{ methods: ['GET'] }, { method: 'HEAD' }, 'http/match'],
    [{ methods: ['HEAD'] }, { method: 'HEAD' }, 'http/match'],
    [{ methods: ['HEAD'] }, { method: 'GET' }, 'http/method'],
    [{ methods: ['GET'] }, { method: 'POST' }, 'http/method'],
    [{ path: '/api/**' }, { target: '/api/x/y?z' }, 'http/match'],
    [{ path: '/api/**' }, { target: '/api' }, 'http/match'],
    [{ path: '/api/**' }, { target: '/apix' }, 'http/path'],
    [{ path: ['/a', '/b/*/c'] }, { target: '/b/1/c' }, 'http/match'],
    [{ path: ['/a', '/b/*/c'] }, { target: '/b/1/2/c' }, 'http/path'],
    [{ headers: { 'X-Kind': ['a', 'b'] } }, { headers: { 'x-kind': 'b' } }, 'http/match'],
    [{ headers: { 'X-Kind': ['a'] } }, { headers: { 'x-kind': 'A' } }, 'http/header'],
    [{ headers: { 'X-Kind': ['a'] } }, {}, 'http/header'],
    [{ methods: ['GET'], path: '/x' }, { target: '/y' }, 'http/path'],
  ])('evaluates %j of %j as %s', (options, request, code) => {
    const verdict = evaluate(options, request);
    expect(verdict.reason.code).toBe(code);
    expect(verdict.pass).toBe(code === 'http/match');
  });

  it.each(['/Admin', '/ADMIN/x', '/admin.', '/%EF%BD%81dmin'])(
    'never evaluates the path %s, which another reader takes for a matching one',
    (target) => {
      expect(() => evaluate({ path: '/admin/**' }, { target })).toThrow('readings');
    },
  );

  it('reads paths behind the front controllers of the route', () => {
    const at = { facts: someFacts({ target: '/index.php/admin' }) };
    const passes = http.compile(http.config.parse({ path: '/admin/**' }));
    const route = { id: 'shop', frontControllers: ['index.php'] };
    expect(passes(anInput(at)).pass).toBe(false);
    expect(() => passes(anInput({ ...at, route }))).toThrow('readings');
  });

  it('reads what is left of a path behind a prefix that the app does not see', () => {
    const route = { id: 'shop', frontControllers: ['index.php'], prefixes: ['/w'] };
    const passes = http.compile(http.config.parse({ path: '/w/admin/**' }));
    for (const target of ['/w/index.php/admin', '/w//h/admin']) {
      const at = { facts: someFacts({ target }) };
      expect(() => passes(anInput({ ...at, route }))).toThrow('readings');
    }
  });

  it('keeps the value of a header out of the reason', () => {
    const verdict = evaluate(
      { headers: { 'x-key': ['right'] } },
      { headers: { 'x-key': 'hunter2' } },
    );
    expect(JSON.stringify(verdict)).not.toMatch(/hunter2|right/);
  });

  it.each([
    {},
    { methods: [] },
    { methods: ['get'] },
    { path: 'api' },
    { path: '/a/../b' },
    { path: '/a//b' },
    { path: '/**/a' },
    { path: '/a*' },
    { path: '/a/' + 'b'.repeat(3000) },
    { headers: { 'x y': ['a'] } },
    { headers: { x: [] } },
  ])('refuses options %j', (options) => {
    expect(http.config.safeParse(options).success).toBe(false);
  });
});
