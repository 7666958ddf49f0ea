import { describe, expect, it } from 'vitest';
import { suggest } from './suggestion.ts';

describe('a suggestion', () => {
  it.each([
    ['sesion', 'session'],
    ['sessoin', 'session'],
    ['satte', 'state'],
    ['trusted_proxy', 'trusted_proxies'],
    ['trusted-proxies', 'trusted_proxies'],
    ['Listen', 'listen'],
    ['lsten', 'listen'],
  ])('for %s is %s', (word, meant) => {
    const options = ['session', 'trusted_proxies', 'listen', 'state'];
    expect(suggest(word, options)).toBe(`"${meant}"`);
  });

  it('is the closest of several words', () => {
    expect(suggest('routed', ['router', 'routes', 'routed_'])).toBe('"router"');
    expect(suggest('sessiom', ['sessions', 'session'])).toBe('"session"');
  });

  it('is never a word that differs much', () => {
    expect(suggest('kubernetes', ['session', 'listen'])).toBeNull();
    expect(suggest('ab', ['xy'])).toBeNull();
    expect(suggest('port', ['host'])).toBeNull();
  });

  it('is never the word itself', () => {
    expect(suggest('state', ['state'])).toBeNull();
  });
});
