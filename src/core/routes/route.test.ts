import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { someFacts } from '../../../test/support/policy-input.ts';
import { aRoute, aRule } from '../../../test/support/tables.ts';
import { type RouteTable, routeTable } from './route.ts';

const names = (table: RouteTable, request: Parameters<typeof someFacts>[0]) => {
  const found = table.find(someFacts(request));
  return 'refused' in found ? found.refused : found.rules.map((r) => r.pattern);
};

const spell = (path: string, choices: readonly number[]) =>
  path.replace(/[a-z]/g, (letter, at: number) => {
    const choice = choices[at % choices.length] ?? 0;
    if (choice === 0) return letter;
    if (choice === 1) return letter.toUpperCase();
    if (choice === 2) return `%${letter.charCodeAt(0).toString(16)}`;
    return encodeURIComponent(String.fromCharCode(letter.charCodeAt(0) + 0xfee0));
  });

const methodsFor = (table: RouteTable, method: string) => {
  const match = table.find(someFacts({ target: '/admin/x', method }));
  return 'refused' in match ? [] : match.rules.map((r) => r.methods);
};

describe('hosts of routes', () => {
  const table = routeTable([
    aRoute({ id: 'exact', hosts: [{ name: 'a.example.com', ports: [0] }] }),
    aRoute({ id: 'wild', hosts: [{ name: '*.example.com', ports: [0, 8443] }] }),
    aRoute({
      id: 'two',
      hosts: [
        { name: 'x.org', ports: [0] },
        { name: 'y.org', ports: [1] },
      ],
    }),
  ]);
  it.each([
    ['a.example.com', 'exact'],
    ['A.EXAMPLE.COM.', 'exact'],
    ['b.example.com', 'wild'],
    ['b.example.com:8443', 'wild'],
    ['a.example.com:8443', 'host/port'],
    ['b.example.com:81', 'host/port'],
    ['example.com', 'host/unknown'],
    ['b.c.example.com', 'host/unknown'],
    ['x.org', 'two'],
    ['y.org', 'host/port'],
    ['y.org:1', 'two'],
    ['org', 'host/unknown'],
    ['constructor', 'host/unknown'],
  ])('%s is served by %s', (authority, expected) => {
    const found = table.find(someFacts({ authority }));
    expect('refused' in found ? found.refused : found.route.id).toBe(expected);
    const { host, port } = someFacts({ authority });
    expect(table.hosted(host, port)?.id ?? null).toBe('refused' in found ? null : expected);
  });

  const shared = routeTable([
    aRoute({ id: 'exact', hosts: [{ name: 'app-a.example.com', ports: [0] }] }),
    aRoute({ id: 'other port', hosts: [{ name: 'app-a.example.com', ports: [8443] }] }),
    aRoute({ id: 'all', hosts: [{ name: '*.example.com', ports: [0, 81] }] }),
    aRoute({ id: 'own', hosts: [{ name: '{user}.example.com', ports: [0] }] }),
    aRoute({ id: 'part', hosts: [{ name: 'app-*.example.com', ports: [0] }] }),
    aRoute({ id: 'more', hosts: [{ name: 'app-*-x.example.com', ports: [0] }] }),
    aRoute({
      id: 'both',
      hosts: [
        { name: '{user}.example.org', ports: [0, 81] },
        { name: '{group}.example.org', ports: [81] },
      ],
    }),
  ]);
  it.each([
    ['app-a.example.com', 'exact', null],
    ['app-a.example.com:8443', 'other port', null],
    ['app-a.example.com:81', 'host/port', null],
    ['app-b.example.com', 'part', null],
    ['app-b-x.example.com', 'more', null],
    ['app-b.example.com:81', 'host/port', null],
    ['bob.example.com', 'own', 'user'],
    ['bob.example.com:81', 'host/port', null],
    ['x.app-b.example.com', 'host/unknown', null],
    ['bob.example.org', 'both', 'user'],
    ['bob.example.org:81', 'both', 'user or group'],
  ])('%s belongs to the most specific name: %s', (authority, expected, owner) => {
    const found = shared.find(someFacts({ authority }));
    expect('refused' in found ? found.refused : found.route.id).toBe(expected);
    expect('refused' in found ? null : found.owner).toBe(owner);
  });

  it('stand for one label in place of the star, not for none', () => {
    expect(table.hosted('.example.com', 0)).toBeNull();
  });
});

describe('rules of a route', () => {
  const table = routeTable([
    aRoute({
      rules: [
        aRule({ pattern: '/**' }),
        aRule({ pattern: '/assets/**', public: true }),
        aRule({ pattern: '/admin/**', methods: ['GET'] }),
        aRule({ pattern: '/admin/**' }),
        aRule({ pattern: '/Docs/**' }),
        aRule({ pattern: '/docs/secret' }),
      ],
    }),
  ]);
  it.each([
    ['/', ['/**']],
    ['/assets/a.css', ['/assets/**']],
    ['/assetsx', ['/**']],
    ['/admin', ['/admin/**']],
    ['/ADMIN', ['/**', '/admin/**']],
    ['/admin./x', ['/**', '/admin/**']],
    ['/%61dmin', ['/admin/**']],
    ['/Assets/a', ['/**', '/assets/**']],
    ['/Docs/a', ['/Docs/**']],
    ['/docs/a', ['/**', '/Docs/**']],
    ['/Docs/Secret', ['/Docs/**', '/docs/secret']],
    ['/docs/secret', ['/docs/secret']],
  ])('guard %s: %j', (target, patterns) => {
    expect(names(table, { target })).toEqual(patterns);
  });

  it('that name a method come before those that do not, and GET includes HEAD', () => {
    expect(methodsFor(table, 'GET')).toEqual([['GET']]);
    expect(methodsFor(table, 'HEAD')).toEqual([['GET']]);
    expect(methodsFor(table, 'POST')).toEqual([null]);
  });

  it('for one method leave the others to the next best rule', () => {
    const strict = routeTable([
      aRoute({ rules: [aRule({ pattern: '/**' }), aRule({ pattern: '/a', methods: ['GET'] })] }),
    ]);
    expect(names(strict, { target: '/a', method: 'POST' })).toEqual(['/**']);
    const narrow = routeTable([aRoute({ rules: [aRule({ pattern: '/a', methods: ['GET'] })] })]);
    expect(names(narrow, { target: '/a', method: 'POST' })).toEqual([]);
  });

  it('apply to a path that only another reading of it reaches', () => {
    const admin = routeTable([aRoute({ rules: [aRule({ pattern: '/admin' }), aRule()] })]);
    expect(names(admin, { target: '/ADMIN' })).toEqual(['/**', '/admin']);
    const capital = routeTable([aRoute({ rules: [aRule({ pattern: '/Admin' }), aRule()] })]);
    expect(names(capital, { target: '/admin' })).toEqual(['/**', '/Admin']);
  });

  it('are none if some reading has none', () => {
    const admin = routeTable([aRoute({ rules: [aRule({ pattern: '/admin' })] })]);
    expect(names(admin, { target: '/admin' })).toEqual(['/admin']);
    expect(names(admin, { target: '/ADMIN' })).toEqual([]);
  });

  it('that guard a path guard every spelling of it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('/admin', '/admin/users', '/docs/secret', '/admin/'),
        fc.array(fc.nat(3), { minLength: 1, maxLength: 20 }),
        (path, choices) => {
          const plain = names(table, { target: path });
          const spelled = names(table, { target: spell(path, choices) });
          expect(spelled).toEqual(expect.arrayContaining(plain as string[]));
        },
      ),
    );
  });
});

const expression = (re: string, below: string) =>
  aRule({
    pattern: re,
    expression: {
      below,
      matches: (path) => new RegExp(re).test(path),
      matchesAnyCase: (path) => new RegExp(re, 'i').test(path),
    },
  });

describe('a rule with an expression', () => {
  // In the order of the linker: expressions first.
  const table = routeTable([
    aRoute({
      rules: [
        expression('^/case/[a-z]+$', '/case/**'),
        expression('^/case/[a-z]{2}$', '/case/**'),
        expression('^/[A-Z]+/new$', '/**'),
        ...['/case/new', '/case/*.x', '/case/**', '/**'].map((pattern) => aRule({ pattern })),
      ],
    }),
  ]);
  it.each([
    ['/case/abc', ['^/case/[a-z]+$']],
    ['/case/abc/', ['^/case/[a-z]+$']],
    ['/case/ab', ['^/case/[a-z]+$']],
    ['/case/new', ['/case/new']],
    ['/case/a.x', ['/case/*.x']],
    ['/case/a1', ['/case/**']],
    ['/case/abc/d', ['/case/**']],
    // However the app compares letters.
    ['/case/ABC', ['/case/**', '^/case/[a-z]+$']],
    ['/CASE/abc', ['/**', '^/case/[a-z]+$']],
    ['/X/new', ['^/[A-Z]+/new$']],
    ['/x/new', ['/**', '^/[A-Z]+/new$']],
    ['/c%61se/a%62c', ['^/case/[a-z]+$']],
    ['/x%2f..%2fcase/abc', ['/**', '^/case/[a-z]+$']],
  ])('guards %s: %j', (target, patterns) => {
    expect(names(table, { target })).toEqual(patterns);
  });

  it('counts for a name that may be any, and leaves the others to less specific rules', () => {
    expect(names(table, { target: '/case/AB~1' })).toEqual([
      '/case/**',
      '/case/new',
      '/case/*.x',
      '^/case/[a-z]+$',
      '^/case/[a-z]{2}$',
    ]);
  });
});

/** The rules for a short name beside so many others. */
const besideMany = (count: number) => {
  const rules = Array.from({ length: count }, (_, i) => aRule({ pattern: `/s${i}/**` }));
  const table = routeTable([aRoute({ id: 'a', hosts: [{ name: 'a.x', ports: [0] }], rules })]);
  return names(table, { authority: 'a.x', target: '/S~1/x' });
};

describe('a name that stands for many', () => {
  it('has no rule where some name has none', () => {
    expect(besideMany(3)).toEqual([]);
  });

  it('is refused where it would stand for too many', () => {
    expect(besideMany(600)).toBe('path/readings');
  });
});
