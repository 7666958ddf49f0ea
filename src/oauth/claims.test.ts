import { describe, expect, it } from 'vitest';
import { boundedClaims } from './claims.ts';

describe('the claims of a provider', () => {
  it('are bounded, whatever they are named', () => {
    const large = 'x'.repeat(70_000);
    for (const name of ['sub', '__proto__', 'constructor', 'toJSON']) {
      const claims: unknown = JSON.parse(`{"${name}":{"a":"${large}"}}`);
      expect(() => boundedClaims(claims)).toThrow('not valid');
    }
  });

  it('keep the prototype of objects', () => {
    const claims = boundedClaims(JSON.parse('{"__proto__":{"admin":true}}'));
    expect(Object.getPrototypeOf(claims)).toBe(Object.prototype);
    expect(Object.hasOwn(claims, '__proto__')).toBe(true);
  });
});
