import { describe, expect, it } from 'vitest';
import { aRoute, aRule } from '../../../test/support/tables.ts';
import { testFacts } from '../../../test/support/snapshot.ts';
import { type Passage, pathThrough } from './passage.ts';
import { pathForApp, type Rule, routeTable } from './route.ts';
import { plainUpstream } from './upstream.ts';

const passage = (url: string, changes: Partial<Passage> = {}): Passage => ({
  upstream: plainUpstream(url, 1000),
  stripPrefix: '',
  addPrefix: '',
  ...changes,
});

const WIKI = passage('http://wiki');
const WIKI2 = passage('http://wiki2', { stripPrefix: '/wiki2' });

const RULES: readonly Rule[] = [
  aRule({ passage: WIKI }),
  aRule({ pattern: '/wiki2/**', passage: WIKI2 }),
  aRule({ pattern: '/wiki2/admin/**', passage: WIKI2 }),
];

/** `URL path`, or why the request is refused. */
function sent(target: string, rules = RULES, changes = {}): string {
  const route = aRoute({ rules, ...changes });
  const facts = testFacts({ target });
  const found = routeTable([route]).find(facts);
  if ('refused' in found) return `${found.status} ${found.refused}`;
  const [rule] = found.rules;
  if (rule === undefined) return 'no rule';
  return `${rule.passage.upstream?.urls[0]} ${pathForApp(route, rule, facts.path)}`;
}

/** The patterns of the rules. */
function rulesOf(target: string, changes = {}): readonly string[] {
  const found = routeTable([aRoute({ rules: RULES, ...changes })]).find(testFacts({ target }));
  return 'refused' in found ? [found.refused] : found.rules.map(({ pattern }) => pattern);
}

describe('an upstream of a path', () => {
  it.each([
    ['/', 'http://wiki /'],
    ['/wiki22/x', 'http://wiki /wiki22/x'],
    ['/wiki2', 'http://wiki2 /'],
    ['/wiki2/', 'http://wiki2 /'],
    ['/wiki2/page', 'http://wiki2 /page'],
    ['/wiki2/Page%2Fx;y/%E4%B8%AD//z', 'http://wiki2 /Page%2Fx;y/%E4%B8%AD//z'],
    ['/wiki2/wiki2/x', 'http://wiki2 /wiki2/x'],
  ])('%s receives the rest as it was sent', (target, expected) => {
    expect(sent(target)).toBe(expected);
  });

  it.each([
    // The spelling, the case or a parameter hides the prefix from some servers.
    ['/%77iki2/x', '400 path/upstream'],
    ['/WIKI2/x', '400 path/upstream'],
    ['/wiki2;x/', '400 path/upstream'],
    ['//wiki2/x', '400 path/upstream'],
    ['/wiki2%2Fx', '400 path/upstream'],
    ['/x/..%2fwiki2/x', '400 path/upstream'],
    ['/wiki2%00/x', '400 path/upstream'],
    ['/wiki2\\x', '400 path/upstream'],
    ['/WIKI2~1/x', '400 path/upstream'],
    // Out of the prefix.
    ['/wiki2/../admin', '400 path/upstream'],
    ['/wiki2/..%2f', '400 path/upstream'],
    ['/wiki2/%2e%2e/x', '400 path/upstream'],
    ['/%77iki2/..%2f', '400 path/upstream'],
    ['/wiki2/x/../y', '400 path/dot-segment'],
    ['/wiki2/..;/wiki2/x', '400 path/upstream'],
  ])('%s is refused', (target, expected) => {
    expect(sent(target)).toBe(expected);
  });

  it('does not restrict the paths of other upstreams', () => {
    expect(sent('/x/../y')).toBe('http://wiki /x/../y');
  });

  it('is guarded by the rules of what the app could read in the rest', () => {
    expect(rulesOf('/wiki2//host/admin/x')).toEqual(['/wiki2/**', '/wiki2/admin/**']);
    expect(rulesOf('/wiki2/index.php/admin/x')).toEqual(['/wiki2/**']);
    expect(rulesOf('/wiki2/index.php/admin/x', { frontControllers: ['index.php'] })).toEqual([
      '/wiki2/**',
      '/wiki2/admin/**',
    ]);
  });

  it('is found for the canonical path of a strict route', () => {
    expect(sent('/%77iki2//x', RULES, { strictPaths: true })).toBe('http://wiki2 /x');
  });
});

describe('a prefix of the whole route', () => {
  const rules = [aRule({ passage: passage('http://app/base', { stripPrefix: '/app' }) })];

  it.each([
    ['/app', 'http://app/base /'],
    ['/app/x', 'http://app/base /x'],
    ['/', '404 path/outside-prefix'],
    ['/x', '404 path/outside-prefix'],
    ['/application', '404 path/outside-prefix'],
    ['/APP/x', '404 path/outside-prefix'],
    ['/%61pp/x', '400 path/upstream'],
    ['/app/../x', '400 path/dot-segment'],
    ['/app/..%2fx', '400 path/dot-segment'],
    ['/app/x%252f..%252f', '400 path/dot-segment'],
  ])('%s is %s', (target, expected) => {
    expect(sent(target, rules)).toBe(expected);
  });
});

describe('the path for an app', () => {
  it.each([
    ['', '', '/x/', '/x/'],
    ['/a', '', '/a', '/'],
    ['/a', '/b', '/a', '/b/'],
    ['/a', '/b', '/a/%2F', '/b/%2F'],
    ['', '/b', '/', '/b/'],
  ])('without %j and with %j, %s is %s', (stripPrefix, addPrefix, path, expected) => {
    expect(pathThrough(passage('http://x', { stripPrefix, addPrefix }), path)).toBe(expected);
  });
});
