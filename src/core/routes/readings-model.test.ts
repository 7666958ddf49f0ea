/** Whatever a server makes of a path, the user may have what it serves. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decidingFor, gate } from '../../../test/support/deciding.ts';
import { asCompared, modelServers, namesReadBy } from '../../../test/support/model-servers.ts';
import { aSession, aUser } from '../../../test/support/policy-input.ts';
import { MANY_RUNS } from '../../../test/support/properties.ts';
import { testBinding } from '../../../test/support/snapshot.ts';
import { slowMatch } from '../../../test/support/slow-matcher.ts';
import { aRoute, aRule } from '../../../test/support/tables.ts';
import type { PathExpression } from './comparisons.ts';
import type { Rule } from './route.ts';

const deciding = decidingFor({ session: aSession(), user: aUser() });

/** An expression: `^/admin/…`, ranked before `below`. */
interface Row {
  readonly pattern: string;
  readonly below?: string;
  readonly opens: boolean;
}

/** Mostly one guarded part in an open app; else random rules. */
const guarded = fc
  .constantFrom(
    '/admin/**',
    '/x/admin',
    '/x/*/admin/**',
    '/admin/*/x',
    '/adm*/**',
    '/x/*.x',
    '/*min/**',
    '/x/a*d*n',
  )
  .map((pattern): Row[] => [{ pattern, opens: false }]);
const expressions = fc.constantFrom(
  { pattern: '^/admin(/.*)?$', below: '/**' },
  { pattern: '^/[a-d]+min/[^/]*$', below: '/**' },
  { pattern: '^/admin/[^/]+x?$', below: '/admin/**' },
  { pattern: '^/x/(a|Admin|a%20b).*$', below: '/x/**' },
  { pattern: '^/Admin/[A-Z]+/[^0-9]*$', below: '/Admin/**' },
);
const guardedByExpression = expressions.map((one): Row[] => [{ ...one, opens: false }]);
// Of those with a star, any two that match a common name differ in weight, as the linker demands.
const segments = fc.oneof(
  fc.constantFrom('admin', 'Admin', 'x', 'a%20b', '%C3%A9', '@s%2Fn'),
  fc.constantFrom('*', 'adm*', '*in', 'a*d*i*n', '*20b', '*%20b', '%C3%A9*', '@s*n', 'X*'),
);
const patterns = fc
  .tuple(fc.array(segments, { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([written, isDeep]) => `/${written.join('/')}${isDeep ? '/**' : ''}`);
const random = fc
  .tuple(
    fc.array(fc.tuple(expressions, fc.boolean()), { maxLength: 2 }),
    fc.array(fc.record({ pattern: patterns, opens: fc.boolean() }), { minLength: 1, maxLength: 4 }),
  )
  .map(([first, others]): Row[] => [...first.map(([one, opens]) => ({ ...one, opens })), ...others])
  .map((rows) =>
    rows.filter(
      ({ pattern }, i) =>
        rows.findIndex((row) => row.pattern.toLowerCase() === pattern.toLowerCase()) === i,
    ),
  );
const tables = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .oneof(guarded, guardedByExpression)
      .map((rules): Row[] => [...rules, { pattern: '/**', opens: true }]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(random, fc.boolean())
      .map(([rules, opens]): Row[] => [...rules, { pattern: '/**', opens }]),
  },
);

const words = fc.constantFrom(
  'admin',
  'admin',
  'x',
  'ADMIN',
  '%61dmin',
  'a%20b',
  '%C3%A9',
  '@s%2fn',
);
const seams = fc.constantFrom(
  '/',
  '/',
  '/',
  '//',
  '/./',
  '/../',
  '%2f',
  '%252F',
  '%5c',
  '\\',
  '/x/../',
);
const tricks = fc.constantFrom(
  '',
  '',
  '',
  ';',
  ';a=1',
  '%3b',
  '%253b',
  '..',
  '.',
  '%2e',
  '%2e%2e',
  '%252e%252e',
  '%20',
  '%E2%80%8B',
  '%C2%AD',
  '%EF%BB%BF',
  '%C4%B1',
  '%C4%B0',
  '%41',
);
const paths = fc
  .array(fc.tuple(seams, tricks, words, tricks), { minLength: 1, maxLength: 3 })
  .map((parts) => `/${parts.flat().join('')}`.replace(/^\/\//, '/'));

describe('readings against model servers', () => {
  it('never allow what a server would serve under a rule that refuses', () => {
    let allowed = 0;
    fc.assert(
      fc.property(
        tables,
        paths,
        fc.array(modelServers, { minLength: 40, maxLength: 40 }),
        (rows, target, servers) => {
          const linked: Rule[] = rows.map(({ pattern, below, opens }) =>
            aRule({
              pattern,
              expression: below === undefined ? null : expression(pattern, below),
              policies: gate('all', testBinding(opens)),
            }),
          );
          const decision = deciding(
            [aRoute({ id: 'a', hosts: [{ name: 'a.x', ports: [0] }], rules: linked })],
            { authority: 'a.x', target, method: 'GET' },
            true,
          );
          if (decision.kind !== 'allow') return;
          allowed += 1;
          for (const server of servers) {
            const read = namesReadBy(server, target);
            const path = `/${read.map((name, i) => (name === '' && i < read.length - 1 ? '\u0002' : joinable(name))).join('/')}`;
            // An expression counts as the pattern that it is tried before, if it matches.
            const matching = rows.filter(
              ({ pattern, below }) =>
                below === undefined || isMatch(pattern, path, server.compares),
            );
            const compared = matching.map(({ pattern, below = pattern }) =>
              comparedPattern(below, server.compares),
            );
            const best = slowMatch(compared, path);
            const row = matching[compared.indexOf(best ?? '')];
            expect(row?.opens, `${JSON.stringify(server)} reads ${path}: ${row?.pattern}`).toBe(
              true,
            );
          }
        },
      ),
      MANY_RUNS,
    );
    expect(allowed).toBeGreaterThan(20);
  });

  it('refuse nothing well-formed where there is one rule', () => {
    fc.assert(
      fc.property(paths, (target) => {
        const route = aRoute({
          id: 'a',
          hosts: [{ name: 'a.x', ports: [0] }],
          rules: [aRule({ policies: gate('all', testBinding(true)) })],
        });
        const decision = deciding([route], { authority: 'a.x', target, method: 'GET' }, true);
        expect(decision.kind).toBe('allow');
      }),
      MANY_RUNS,
    );
  });
});

describe('COPY', () => {
  const suffixes = fc.constantFrom('', '/', '/x', '/admin', '/admin/x', '/a%20b/Admin');

  it('opens nothing that its user may not open, below both of its paths', () => {
    let allowed = 0;
    fc.assert(
      fc.property(tables, paths, paths, suffixes, (rows, from, to, suffix) => {
        const rules = rows.map(({ pattern, below, opens }) =>
          aRule({
            pattern,
            expression: below === undefined ? null : expression(pattern, below),
            policies: gate('all', testBinding(opens)),
          }),
        );
        const route = aRoute({ id: 'a', hosts: [{ name: 'a.x', ports: [0] }], rules });
        const ask = (method: string, target: string, headers: Record<string, string> = {}) =>
          deciding([route], { authority: 'a.x', target, method, headers }, true);
        if (ask('COPY', from, { destination: `http://a.x${to}` }).kind !== 'allow') return;
        allowed += 1;
        for (const path of [from, to, from + suffix, to + suffix]) {
          const { kind, reasons } = ask('GET', path);
          // A longer path can have too many readings; no rule refuses it then.
          const code = kind === 'allow' ? kind : reasons[0]?.code;
          expect(['allow', 'path/readings'], path).toContain(code);
        }
      }),
    );
    expect(allowed).toBeGreaterThan(10);
  });
});

function expression(pattern: string, below: string): PathExpression {
  const [exact, anyCase] = [new RegExp(pattern), new RegExp(pattern, 'i')];
  return {
    below,
    matches: (path) => exact.test(path),
    matchesAnyCase: (path) => anyCase.test(path),
  };
}

/** Whether the server that has read these names takes them for a path that the expression matches. */
function isMatch(
  pattern: string,
  path: string,
  compares: Parameters<typeof asCompared>[0],
): boolean {
  const read = path.slice(1).split('/');
  if (read.at(-1) === '') read.pop();
  const encoded = read.map((name) =>
    encodeURIComponent(name.replaceAll('\u0001', '/').replaceAll('\u0002', '')).replaceAll(
      /%(?:24|26|2B|2C|3A|3B|3D|40)/g,
      decodeURIComponent,
    ),
  );
  return new RegExp(pattern, compares === 'exactly' ? '' : 'i').test(`/${encoded.join('/')}`);
}

/** A name as one segment of a text that is split at slashes. */
function joinable(name: string): string {
  return name.replaceAll('/', '\u0001');
}

function comparedPattern(pattern: string, compares: Parameters<typeof asCompared>[0]): string {
  return pattern
    .split('/')
    .map((segment) => joinable(asCompared(compares, decodeURIComponent(segment))))
    .join('/');
}
