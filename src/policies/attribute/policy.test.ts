import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anInput, aUser } from '../../../test/support/policy-input.ts';
import type { Json } from '../../core/values/json.ts';
import { attribute } from './policy.ts';

const ANN: Record<string, Json> = {
  department: 'legal',
  level: 5,
  contractor: false,
  teams: ['blue', 7, true],
  address: { country: 'DE', geo: { zone: { name: 'north' } } },
  nothing: null,
  text: '5',
};

const evaluate = (options: object, attributes: Record<string, Json> = ANN) =>
  attribute.compile(attribute.config.parse(options))(anInput({ user: aUser({ attributes }) }));
/** Returns the code of the reason, or of the error. */
const codeOf = (options: object): string => {
  try {
    return evaluate(options).reason.code;
  } catch (caught) {
    return String(caught);
  }
};
type Truth = boolean | null;
const or = (all: readonly Truth[]): Truth =>
  all.includes(true) ? true : all.includes(null) ? null : false;
const and = (all: readonly Truth[]): Truth =>
  all.includes(false) ? false : all.includes(null) ? null : true;
const not = (one: Truth): Truth => (one === null ? null : !one);

/** `yes`, `no`, or `unknown`. */
const verdictOf = (options: object): string => {
  try {
    return evaluate(options).pass ? 'yes' : 'no';
  } catch {
    return 'unknown';
  }
};

describe('attribute', () => {
  it.each([
    [{ path: 'department', is: 'legal' }, 'yes'],
    [{ path: 'department', is: 'Legal' }, 'no'],
    [{ path: 'department', is: '' }, 'no'],
    [{ path: 'level', is: 5 }, 'yes'],
    [{ path: 'level', is: '5' }, 'unknown'],
    [{ path: 'text', is: 5 }, 'unknown'],
    [{ path: 'contractor', is: false }, 'yes'],
    [{ path: 'contractor', is: true }, 'no'],
    [{ path: 'teams', is: 'blue' }, 'unknown'],
    [{ path: 'address', is: 'DE' }, 'unknown'],
    [{ path: 'gone', is: 'x' }, 'unknown'],
    [{ path: 'nothing', is: 'x' }, 'unknown'],
    [{ path: 'department', not: 'sales' }, 'yes'],
    [{ path: 'department', not: 'legal' }, 'no'],
    [{ path: 'department', not: 5 }, 'unknown'],
    [{ path: 'gone', not: 'x' }, 'unknown'],
    [{ path: 'department', in: ['sales', 'legal'] }, 'yes'],
    [{ path: 'department', in: ['sales', 5] }, 'no'],
    [{ path: 'level', in: ['5'] }, 'unknown'],
    [{ path: 'gone', in: ['x'] }, 'unknown'],
    [{ path: 'teams', contains: 'blue' }, 'yes'],
    [{ path: 'teams', contains: 7 }, 'yes'],
    [{ path: 'teams', contains: '7' }, 'no'],
    [{ path: 'department', contains: 'legal' }, 'unknown'],
    [{ path: 'address', contains: 'DE' }, 'unknown'],
    [{ path: 'level', above: 4 }, 'yes'],
    [{ path: 'level', above: 5 }, 'no'],
    [{ path: 'level', below: 5.5 }, 'yes'],
    [{ path: 'level', below: 5 }, 'no'],
    [{ path: 'text', above: 4 }, 'unknown'],
    [{ path: 'gone', below: 4 }, 'unknown'],
    [{ path: 'level', exists: true }, 'yes'],
    [{ path: 'gone', exists: true }, 'no'],
    [{ path: 'nothing', exists: true }, 'no'],
    [{ path: 'gone', exists: false }, 'yes'],
    [{ path: 'level', exists: false }, 'no'],
    [{ path: 'address.country', is: 'DE' }, 'yes'],
    [{ path: 'address.geo.zone.name', in: ['north'] }, 'yes'],
    [{ path: 'address.geo.zone', exists: true }, 'yes'],
    [{ path: 'address.city', is: 'Bonn' }, 'unknown'],
    [{ path: 'department.length', exists: true }, 'no'],
    [{ path: 'teams.0', exists: true }, 'no'],
    [{ path: 'teams.length', above: 0 }, 'unknown'],
  ])('%j: %s', (comparison, expected) => {
    expect(verdictOf({ any: [comparison] })).toBe(expected);
    expect(verdictOf({ all: [comparison] })).toBe(expected);
    const turned = { yes: 'no', no: 'yes', unknown: 'unknown' }[expected];
    expect(verdictOf({ none: [comparison] })).toBe(turned);
  });

  it.each(['__proto__', 'constructor', 'toString', 'address.__proto__', 'constructor.name'])(
    'finds nothing under %s, even if a prototype has it',
    (path) => {
      expect(verdictOf({ any: [{ path, exists: true }] })).toBe('no');
      expect(verdictOf({ none: [{ path, is: 'x' }] })).toBe('unknown');
    },
  );

  const GONE = 'Problem: there is no gone';
  const right = { path: 'level', is: 5 };
  const wrong = { path: 'level', is: 6 };
  const unknown = { path: 'gone', is: 6 };
  it.each([
    [{ any: [wrong, unknown, right] }, 'attribute/matches'],
    [{ any: [wrong, wrong] }, 'attribute/differs'],
    [{ any: [wrong, unknown] }, GONE],
    [{ all: [right, right] }, 'attribute/matches'],
    [{ all: [right, unknown, wrong] }, 'attribute/differs'],
    [{ all: [right, unknown] }, GONE],
    [{ all: [{ path: 'gone', exists: true }, unknown] }, 'attribute/missing'],
    [{ any: [{ path: 'gone', exists: true }] }, 'attribute/missing'],
    [{ any: [{ path: 'gone', exists: true }, wrong] }, 'attribute/differs'],
    [{ none: [wrong, wrong] }, 'attribute/not-excluded'],
    [{ none: [unknown, right] }, 'attribute/excluded'],
    [{ none: [wrong, unknown] }, GONE],
    [{ none: [wrong], any: [right] }, 'attribute/matches'],
    [{ none: [right], any: [right] }, 'attribute/excluded'],
    [{ none: [unknown], all: [wrong] }, 'attribute/differs'],
    [{ none: [unknown], all: [right] }, GONE],
    [{ all: [unknown], any: [wrong] }, 'attribute/differs'],
    [{ all: [right], any: [unknown] }, GONE],
  ])('%j: %s', (options, code) => {
    expect(codeOf(options)).toBe(code);
  });

  it('follows three-valued logic for any attributes', () => {
    const one = fc.constantFrom(right, wrong, unknown);
    const list = fc.option(fc.array(one, { minLength: 1, maxLength: 4 }), { nil: undefined });
    const of = (c: object): Truth => (c === unknown ? null : c === right);
    fc.assert(
      fc.property(list, list, list, (any, all, none) => {
        fc.pre(any !== undefined || all !== undefined || none !== undefined);
        const expected = and([
          any === undefined ? true : or(any.map(of)),
          and((all ?? []).map(of)),
          not(or((none ?? []).map(of))),
        ]);
        const options = Object.fromEntries(
          Object.entries({ any, all, none }).filter(([, value]) => value !== undefined),
        );
        expect(verdictOf(options)).toBe(expected === null ? 'unknown' : expected ? 'yes' : 'no');
      }),
    );
  });

  it('says what is required, and nothing of the actual value', () => {
    const secret = { department: 'secret' };
    expect(evaluate({ any: [{ path: 'department', in: ['a', 'b'] }] }, secret).reason.detail).toBe(
      'needs department in ["a","b"]',
    );
    const many = Array.from({ length: 90 }, (_, i) => ({ path: 'department', is: `no ${i}` }));
    expect(evaluate({ any: many }, secret).reason.detail?.length).toBeLessThan(310);
  });

  it('fails without a user', () => {
    const compiled = attribute.compile(attribute.config.parse({ none: [right] }));
    expect(() => compiled(anInput({ user: null }))).toThrow('the user is not known');
  });

  it.each([
    {},
    { any: [] },
    { any: [{ path: 'a' }] },
    { any: [{ is: 'x' }] },
    { any: [{ path: 'a', is: 1, not: 2 }] },
    { any: [{ path: '', is: 1 }] },
    { any: [{ path: 'a..b', is: 1 }] },
    { any: [{ path: '.a', is: 1 }] },
    { any: [{ path: 'a.', is: 1 }] },
    { any: [{ path: ' a', is: 1 }] },
    { any: [{ path: 'a.b.c.d.e.f.g.h.i', is: 1 }] },
    { any: [{ path: 'a', is: null }] },
    { any: [{ path: 'a', is: ['x'] }] },
    { any: [{ path: 'a', in: [] }] },
    { any: [{ path: 'a', above: '5' }] },
    { any: [{ path: 'a', above: Number.NaN }] },
    { any: [{ path: 'a', matches: '.*' }] },
  ])('refuses options %j', (options) => {
    expect(attribute.config.safeParse(options).success).toBe(false);
  });
});
