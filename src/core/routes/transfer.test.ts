import { describe, expect, it } from 'vitest';
import { testFacts } from '../../../test/support/snapshot.ts';
import { aRoute, aRule } from '../../../test/support/tables.ts';
import { routeTable } from './route.ts';
import { destinationOf } from './transfer.ts';
import { plainUpstream } from './upstream.ts';

const hostsOf = (...names: string[]) => names.map((name) => ({ name, ports: [0] }));

describe('a destination', () => {
  it.each([
    ['/a', '/a'],
    ['/a%2Fb;x/?q=1', '/a%2Fb;x/'],
    ['//a/b', '//a/b'],
    ['http://wiki.example.com/a', '/a'],
    ['HTTPS://Wiki.Example.com:8443/a?b', '/a'],
    ['http://[::1]:80//a', '//a'],
    ['http://other.example.com/a', '/a'],
    ['http://wiki.example.com', '/'],
  ])('%s has the path %s', (field, path) => {
    expect(destinationOf(field)).toBe(path);
  });

  it.each([
    [''],
    ['a'],
    ['../a'],
    ['?a'],
    ['/a#b'],
    ['/a b'],
    ['/a, /b'],
    ['/a\u00e9'],
    ['/a%'],
    ['/a%c0%af'],
    ['ftp://wiki.example.com/a'],
    ['http:/a'],
    ['http://a@b/c'],
    ['http://a\\b/c'],
    ['http://a?/b'],
    ['file:///a'],
  ])('%j has none', (field) => {
    expect(destinationOf(field)).toBeNull();
  });

  it('has none if it is missing or repeated', () => {
    expect(destinationOf(null)).toBeNull();
  });
});

const RULES = [
  aRule(),
  aRule({ pattern: '/admin/**' }),
  aRule({ pattern: '/docs/*/secret/**' }),
  aRule({ pattern: '/docs/a/x' }),
  aRule({ pattern: '/read/**', methods: ['GET'] }),
  aRule({ pattern: '/other/**', methods: ['COPY'] }),
];
const EXPRESSION = {
  below: '/cases/**',
  matches: (path: string) => path.endsWith('/private'),
  matchesAnyCase: (path: string) => path.toLowerCase().endsWith('/private'),
};

const through = (url: string, stripPrefix = '') => ({
  upstream: plainUpstream(url, 1000),
  stripPrefix,
  addPrefix: '',
});

/** The patterns of the rules, or why the request is refused. */
function rulesOf(
  target: string,
  destination: string | null,
  changes: Parameters<typeof aRoute>[0] & { readonly method?: string } = {},
): readonly string[] | string {
  const { method = 'MOVE', ...route } = changes;
  const table = routeTable([aRoute({ rules: RULES, ...route })]);
  const found = table.find(
    testFacts({ target, method }, destination === null ? {} : { destination }),
  );
  return 'refused' in found ? found.refused : found.rules.map(({ pattern }) => pattern);
}

describe('MOVE and COPY', () => {
  it.each([
    ['/x', '/y', ['/**']],
    ['/x', '/admin/y', ['/**', '/admin/**']],
    ['/x', 'https://wiki.example.com/admin', ['/**', '/admin/**']],
    ['/x', 'http://elsewhere.example.com/ADMIN;v=1/y', ['/**', '/admin/**']],
    ['/x', '/y%2f..%2fadmin/y', ['/**', '/admin/**']],
    ['/admin/x', '/y', ['/admin/**', '/**']],
    ['/docs/a', '/y', ['/**', '/docs/*/secret/**', '/docs/a/x']],
    ['/docs/A/', '/y', ['/**', '/docs/*/secret/**', '/docs/a/x']],
    ['/docs/b', '/y', ['/**', '/docs/*/secret/**']],
    ['/docs/~1', '/y', ['/**', '/docs/*/secret/**', '/docs/a/x']],
    ['/x', '/docs', ['/**', '/docs/*/secret/**', '/docs/a/x']],
    ['/', '/y', ['/**', '/docs/*/secret/**', '/docs/a/x', '/admin/**']],
    // Rules that name methods apply to those.
    ['/x', '/read', ['/**']],
    ['/x', '/other', ['/**']],
  ])('from %s to %s need what both paths and all below them need', (from, to, rules) => {
    const found = rulesOf(from, to);
    expect(new Set([found].flat())).toEqual(new Set(rules));
  });

  it('need the rules for their own method', () => {
    expect(rulesOf('/x', '/other/y', { method: 'COPY' })).toEqual(['/**', '/other/**']);
  });

  it('need an expression that could match something below', () => {
    const rules = [
      aRule({ pattern: '^/cases/.*/private$', expression: EXPRESSION }),
      aRule(),
      aRule({ pattern: '/cases/open' }),
    ];
    expect(rulesOf('/cases/a/b', '/y', { rules })).toContain('^/cases/.*/private$');
    expect(rulesOf('/y', '/cases', { rules })).toContain('^/cases/.*/private$');
    expect(rulesOf('/x', '/y', { rules })).toEqual(['/**']);
  });

  it.each([null, '', 'y', '/y#z', 'ftp://wiki.example.com/y'])(
    'are refused with the destination %j',
    (destination) => {
      expect(rulesOf('/x', destination)).toBe('path/destination');
    },
  );

  it('are refused where the canonical path is demanded and the destination has none', () => {
    expect(rulesOf('/x', '/a/../y', { strictPaths: true })).toBe('path/destination');
    expect(rulesOf('/x', '/admin/y', { strictPaths: true })).toEqual(['/**', '/admin/**']);
  });

  it('are refused with no destination or several, even with one rule', () => {
    expect(rulesOf('/x', null, { rules: [aRule()] })).toBe('path/destination');
  });

  it('leave the destination to an app with one rule', () => {
    expect(rulesOf('/x', 'ftp://else/where', { rules: [aRule()] })).toEqual(['/**']);
  });

  it.each([
    ['http://bob.users.test/x', 'path/destination'],
    ['http://BOB.users.test.:80/x', 'path/destination'],
    ['https://other.users.test', 'path/destination'],
    ['ftp://bob.users.test/x', 'path/destination'],
    ['//bob.users.test/x', 'path/destination'],
    ['/\\/bob.users.test/x', 'path/destination'],
    ['http://alice.users.test@bob.users.test/x', 'path/destination'],
    ['http://b%6fb.users.test/x', 'path/destination'],
    ['http://alice.users.test:8443/x', 'path/destination'],
    ['http://alice.users.test/x', '/**'],
    ['https://alice.users.test:443/x', '/**'],
    ['http://elsewhere.test/x', '/**'],
    ['http://[::1]/x', '/**'],
    ['/x', '/**'],
  ])('stay at the host of the request, even with one rule: %s', (destination, found) => {
    const table = routeTable([
      aRoute({ hosts: hostsOf('{user}.users.test'), rules: [aRule()] }),
      aRoute({ id: 'other', hosts: hostsOf('other.users.test'), rules: [aRule()] }),
      aRoute({
        id: 'port',
        hosts: [{ name: '{group}.users.test', ports: [8443] }],
        rules: [aRule()],
      }),
    ]);
    const facts = testFacts(
      { target: '/x', method: 'MOVE', authority: 'alice.users.test' },
      { destination },
    );
    const match = table.find(facts);
    expect('refused' in match ? match.refused : match.rules[0]?.pattern).toBe(found);
  });

  it('are refused where the app receives another path than the destination has', () => {
    for (const passage of [through('http://app/base'), through('http://app', '/x')]) {
      expect(rulesOf('/x/a', '/x/b', { rules: [aRule({ passage })] })).toBe('path/destination');
    }
    const [here, there] = [through('http://here'), through('http://there')];
    const rules = [aRule({ passage: here }), aRule({ pattern: '/there/**', passage: there })];
    expect(rulesOf('/x', '/there/x', { rules })).toBe('path/upstream');
    expect(rulesOf('/', '/y', { rules })).toBe('path/upstream');
    expect(rulesOf('/there/x', '/there/y', { rules })).toEqual(['/there/**']);
  });

  it('have a bound of rules', () => {
    const many = Array.from({ length: 600 }, (_, i) => aRule({ pattern: `/docs/${i}` }));
    expect(rulesOf('/docs', '/y', { rules: [aRule(), ...many] })).toBe('path/readings');
    expect(rulesOf('/docs/1', '/y', { rules: [aRule(), ...many] })).toEqual(['/docs/1', '/**']);
  });

  it('are no question of other methods', () => {
    expect(rulesOf('/x', '/admin/y', { method: 'PUT' })).toEqual(['/**']);
  });
});

describe('BIND and REBIND', () => {
  it.each(['BIND', 'REBIND'])('name a path that no rule can judge: %s', (method) => {
    expect(rulesOf('/x', null, { method })).toBe('path/destination');
    expect(rulesOf('/x', null, { method, rules: [aRule()] })).toEqual(['/**']);
    expect(rulesOf('/x', null, { method: 'UNBIND' })).toEqual(['/**']);
  });
});
