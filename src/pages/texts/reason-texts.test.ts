import { describe, expect, it } from 'vitest';
import { reasonText } from '../../core/values/reason.ts';
import { policies } from '../../policies/index.ts';
import { catalogue } from '../words/catalogue.ts';
import { pageTexts } from './texts.ts';

const words = catalogue([pageTexts, ...policies.map(({ texts }) => texts)]);
const sentenceOf = (code: string): string => words.say(reasonText({ code }), null);

describe('the text of a reason', () => {
  it.each([
    [
      'group/not-member',
      'Only members of certain groups have access, and your account is not in them.',
    ],
    [
      'group/some-new-code',
      'Only members of certain groups have access, and your account is not in them.',
    ],
    ['network/outside', 'Access is limited to certain networks, and yours is not one of them.'],
    ['method/refused', 'This request method is not allowed here.'],
    ['method/too-old', 'A stronger or more recent sign-in is required.'],
    ['session/too-old', 'A more recent sign-in is required.'],
    ['not/group/member', 'A rule excludes accounts or locations like yours.'],
    ['path/dot-segment', 'The path in the address must not contain “.” or “..” segments.'],
    ['invented/elsewhere', 'A rule denied access.'],
    ['', 'A rule denied access.'],
    ['__proto__', 'A rule denied access.'],
    ['<x"\'>', 'A rule denied access.'],
  ])('%j: %s', (code, sentence) => {
    expect(sentenceOf(code)).toBe(sentence);
  });
});
