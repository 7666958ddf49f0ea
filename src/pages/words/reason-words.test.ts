import { describe, expect, it } from 'vitest';
import { catalogue } from './catalogue.ts';
import { reasonWords } from './reason-words.ts';
import { pageTexts } from '../texts/texts.ts';

const words = catalogue([pageTexts]);
const said = (code: string): string => words.say(reasonWords(code), null);

describe('a reason in plain words', () => {
  it.each([
    [
      'group/not-member',
      'It is open to certain groups, and your account is in none that it asks for.',
    ],
    [
      'group/some-new-code',
      'It is open to certain groups, and your account is in none that it asks for.',
    ],
    ['network/outside', 'It is open from certain networks only, and you come from another one.'],
    ['method/refused', 'This request method is not served here.'],
    ['method/too-old', 'It asks for a stronger or more recent sign-in.'],
    ['session/too-old', 'It asks for a more recent sign-in.'],
    ['not/group/member', 'A rule closes it to accounts or places like yours.'],
    ['path/dot-segment', 'The path in the address must not hold “.” or “..” parts.'],
    ['invented/elsewhere', 'A rule of this app says no.'],
    ['', 'A rule of this app says no.'],
    ['__proto__', 'A rule of this app says no.'],
    ['<x"\'>', 'A rule of this app says no.'],
  ])('%j: %s', (code, sentence) => {
    expect(said(code)).toBe(sentence);
  });
});
