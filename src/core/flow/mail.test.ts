import { describe, expect, it } from 'vitest';
import { testFacts } from '../../../test/support/snapshot.ts';
import { isAddress, languageOf } from './mail.ts';

describe('an address', () => {
  it.each(['a@b.example', 'x+y.z@sub.example.com', "o'neill@example.com", 'ann@müller.example'])(
    'is %j',
    (text) => {
      expect(isAddress(text)).toBe(true);
    },
  );

  it.each([
    '',
    'ann',
    'ann@',
    '@example.com',
    'a b@example.com',
    'a@b@c.example',
    'a@-b.example',
    'a@b..example',
    'a@b.example.',
    '<a@b.example>',
    'Ann <a@b.example>',
    '"a"@b.example',
    'a@b.example,c@d.example',
    'a@[127.0.0.1]',
    'a@b.example\nBcc: c@d.example',
    'a@b.example\u0000',
    'a\u200b@b.example',
    `${'a'.repeat(65)}@b.example`,
    `a@${'b'.repeat(260)}`,
  ])('is not %j', (text) => {
    expect(isAddress(text)).toBe(false);
  });
});

describe('the language of an email', () => {
  it.each([
    ['de-AT, en;q=0.5', 'de-AT'],
    ['fr', 'fr'],
    ['*', 'en'],
    ['', 'en'],
    [';;;', 'en'],
    ['x'.repeat(500), 'en'],
  ])('of %j is %s', (header, language) => {
    expect(languageOf(testFacts({}, { 'accept-language': header }))).toBe(language);
  });

  it('is English without a preference', () => {
    expect(languageOf(testFacts())).toBe('en');
  });
});
