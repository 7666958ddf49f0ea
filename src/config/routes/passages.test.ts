import { describe, expect, it } from 'vitest';
import { faultsOf, linkedOf, loadText } from '../../../test/support/configuration.ts';

const HEAD = 'public_url: https://auth.example.com\nsession: { cookie_domains: [example.com] }\n';

function load(options: string, paths: readonly string[]) {
  const list = paths.map((path) => `      - { ${path} }\n`).join('');
  const route = `  - id: wiki\n    host: wiki.example.com\n${options}    paths:\n${list}`;
  return loadText(`${HEAD}routes:\n${route}`);
}

/** Pattern → `URL strip add`. */
async function passagesOf(options: string, paths: readonly string[]) {
  const [route] = linkedOf(await load(options, paths)).snapshot.table.routes;
  const rules = route?.rules ?? [];
  const shown = rules.map(({ pattern, passage: { upstream, stripPrefix, addPrefix } }) => [
    pattern,
    `${upstream?.urls[0]} ${stripPrefix} ${addPrefix}`.trim(),
  ]);
  return { shown: Object.fromEntries(shown) as object, rules };
}

const OWN = '    upstream: http://wiki\n';

describe('a path', () => {
  it('takes what it does not state from the closest path around it, otherwise from the route', async () => {
    const { shown, rules } = await passagesOf(OWN, [
      'path: /a/admin/**, policies: []',
      'path: /a/b/c, add_prefix: /x',
      'path: /a/**, upstream: "http://a", strip_prefix: /a',
      'path: /a/b/**, upstream: "http://b/base"',
      'path: /m/**, methods: [GET], upstream: "http://m"',
      'path: /m/x, policies: []',
      'path: /ab/**, policies: []',
      'path: /*/y/**, upstream: "http://y"',
      'path: /z/y/z, policies: []',
    ]);
    expect(shown).toEqual({
      '/**': 'http://wiki',
      '/a/**': 'http://a /a',
      '/a/admin/**': 'http://a /a',
      '/a/b/**': 'http://b/base /a',
      '/a/b/c': 'http://b/base /a /x',
      '/m/**': 'http://m',
      '/m/x': 'http://wiki',
      '/ab/**': 'http://wiki',
      '/*/y/**': 'http://y',
      '/z/y/z': 'http://y',
    });
    const of = (pattern: string) => rules.find((rule) => rule.pattern === pattern)?.passage;
    expect(of('/a/admin/**')).toBe(of('/a/**'));
  });

  it('can undo a prefix', async () => {
    const { shown } = await passagesOf(`${OWN}    add_prefix: /x\n`, ['path: /a, add_prefix: ""']);
    expect(shown).toEqual({ '/**': 'http://wiki  /x', '/a': 'http://wiki' });
  });

  it('has an upstream on a route without one', async () => {
    const { shown } = await passagesOf('', ['path: /a/**, upstream: "http://a"']);
    expect(shown).toEqual({ '/**': 'undefined', '/a/**': 'http://a' });
  });
});

describe('faults', () => {
  it.each([
    [OWN, 'path: /a/**, strip_prefix: a', 'strip_prefix', /plain path/, '"/a"'],
    [OWN, 'path: /a/**, strip_prefix: /a/', 'strip_prefix', /plain path/, '"/a"'],
    [OWN, 'path: /a/**, strip_prefix: /', 'strip_prefix', /plain path/, null],
    [OWN, 'path: /a/**, strip_prefix: "/%61"', 'strip_prefix', /plain path/, null],
    [OWN, 'path: /a/**, add_prefix: /a/../b', 'add_prefix', /plain path/, null],
    [OWN, 'path: /a/**, add_prefix: "/a?b"', 'add_prefix', /plain path/, null],
    [OWN, 'path: /a/**, add_prefix: "/a\\r\\nb"', 'add_prefix', /plain path/, null],
    [OWN, 'path: /a/**, strip_prefix: /b', 'strip_prefix', /no request would pass/, null],
    [OWN, 'path: /ab/**, strip_prefix: /a', 'strip_prefix', /no request would pass/, null],
    [`${OWN}    strip_prefix: /b\n`, 'path: /a/**', 'path', /no request would pass/, null],
    ['', 'path: /a/**, strip_prefix: /a', 'strip_prefix', /without an upstream/, null],
    [OWN, 'path: /a/**, closed: true, upstream: "http://a"', 'upstream', /closed path/, null],
    [OWN, 'path: /a/**, upstream: "ftp://a"', 'upstream', /the URL of the app/, null],
  ])('%j, %s', async (options, path, key, message, suggestion) => {
    const faults = faultsOf(await load(options, [path]));
    expect(faults.map((fault) => fault.path)).toEqual([`routes[0].paths[0].${key}`]);
    expect(faults[0]?.message).toMatch(message);
    expect(faults[0]?.suggestion).toBe(suggestion);
  });

  it('a prefix of the route needs an upstream', async () => {
    const [fault] = faultsOf(await load('    add_prefix: /x\n', ['path: /a']));
    expect(fault?.path).toBe('routes[0].add_prefix');
  });
});
