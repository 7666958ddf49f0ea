import { describe, expect, it } from 'vitest';
import type { Words } from '../../core/values/message.ts';
import { pageTexts } from '../texts/texts.ts';
import { catalogue } from './catalogue.ts';

const words = catalogue([
  {
    en: {
      'a.hello': 'Hello, {name}',
      'a.tries': '{count, plural, one {# try} other {# tries}} left',
      'a.broken': '{count, plural, one {',
      'a.only-english': 'Only here',
    },
    de: {
      'a.hello': 'Guten Tag, {name}',
      'a.tries': 'noch {count, plural, one {# Versuch} other {# Versuche}}',
    },
  },
]);

describe('the catalog', () => {
  it('returns a text in the requested language, and in English if it has none', () => {
    const hello = { key: 'a.hello', values: { name: 'Ann' } };
    expect(words.say(hello, 'de-CH,de;q=0.8')).toBe('Guten Tag, Ann');
    expect(words.say(hello, 'fr')).toBe('Hello, Ann');
    expect(words.say({ key: 'a.only-english' }, 'de')).toBe('Only here');
  });

  it('says the first fallback that has a text where the key has none', () => {
    const values = { name: 'Ann' };
    const hello = { key: 'no.such', fallbacks: ['none.either', 'a.hello', 'a.broken'], values };
    expect(words.say(hello, 'de')).toBe('Guten Tag, Ann');
    expect(words.say({ ...hello, key: 'a.only-english' }, 'en')).toBe('Only here');
    expect(words.say({ key: 'no.such', fallbacks: ['none.either'] }, 'en')).toBe('no.such');
  });

  it('uses the plural rules of each language', () => {
    expect(words.say({ key: 'a.tries', values: { count: 1 } }, 'en')).toBe('1 try left');
    expect(words.say({ key: 'a.tries', values: { count: 3 } }, 'de')).toBe('noch 3 Versuche');
  });

  it("returns an operator's own text unchanged", () => {
    expect(words.say({ literal: "It's {name}, <b>" }, 'de')).toBe("It's {name}, <b>");
  });

  it("returns an operator's own texts in the requested language, and in English otherwise", () => {
    const literal = { de: 'Anmelden', en: 'Sign in', 'pt-BR': 'Entrar' };
    for (const [header, text] of [
      ['de-AT', 'Anmelden'],
      ['pt', 'Entrar'],
      ['fr', 'Sign in'],
      [null, 'Sign in'],
    ] as const) {
      expect(words.say({ literal }, header)).toBe(text);
    }
    const named = { key: 'a.hello', values: { name: { en: 'you', de: 'Sie' } } };
    expect(words.say(named, 'de')).toBe('Guten Tag, Sie');
  });

  it('inserts values once: a name that looks like a placeholder stays a name', () => {
    expect(words.say({ key: 'a.hello', values: { name: '{name} $& $1' } }, 'en')).toBe(
      'Hello, {name} $& $1',
    );
  });

  it('returns the key if a text is missing or broken, and never throws', () => {
    expect(words.say({ key: 'no.such' }, 'en')).toBe('no.such');
    expect(words.say({ key: 'a.broken', values: { count: 1 } }, 'en')).toBe('a.broken');
    expect(words.say({ key: 'a.tries' }, 'en')).toBe('a.tries');
    expect(words.say({ key: 'constructor' }, 'en')).toBe('constructor');
  });

  it("returns a flow's text in place of its own, with the same values", () => {
    const own = new Map<string, Words>([
      ['a.hello', { en: 'Ahoy {name}', de: 'Moin { name }' }],
      ['a.tries', '{count, plural, one {One} other {# of them}} left'],
    ]);
    const values = { name: 'Ann', count: 2 };
    for (const [key, header, text] of [
      ['a.hello', 'en', 'Ahoy Ann'],
      ['a.hello', 'de-AT', 'Moin Ann'],
      ['a.hello', 'fr', 'Ahoy Ann'],
      ['a.tries', 'de', '2 of them left'],
      ['a.only-english', 'de', 'Only here'],
    ] as const) {
      expect(words.say({ key, values }, header, own)).toBe(text);
    }
    expect(words.say({ literal: 'a.hello' }, 'en', own)).toBe('a.hello');
  });

  it("returns its own text if the flow's text is broken", () => {
    const own = new Map([['a.hello', '{name, plural, one {']]);
    const hello = { key: 'a.hello', values: { name: 'Ann' } };
    expect(words.say(hello, 'en', own)).toBe('Hello, Ann');
  });

  it('refuses two texts under one key', () => {
    expect(() => catalogue([pageTexts, pageTexts])).toThrow('two texts claim the key');
  });
});

describe("the pages' own texts", () => {
  const own = catalogue([pageTexts]);
  const values = new Proxy(
    {},
    {
      has: () => true,
      get: () => 2,
      getOwnPropertyDescriptor: () => ({ value: 2, enumerable: true, configurable: true }),
      ownKeys: () => ['seconds', 'minutes'],
    },
  );

  it.each(Object.entries(pageTexts.en))('%s is a complete sentence or label', (key, text) => {
    expect(text.trim()).toBe(text);
    expect(text).not.toBe('');
    const expected = own.say({ key, values }, 'en');
    expect(expected).not.toBe(key);
    expect(expected).not.toMatch(/[{}]/);
  });

  it('has no key in another language that English lacks', () => {
    for (const texts of Object.values(pageTexts)) {
      for (const key of Object.keys(texts)) expect(own.has(key)).toBe(true);
    }
  });
});
