import { describe, expect, it } from 'vitest';
import { testSnapshot } from '../../../test/support/snapshot.ts';
import { checkSignOutTo, signOutTarget } from './sign-out-target.ts';

const HOME = 'https://www.example.org/bye';
const OTHER = 'https://www.example.org/survey?from=app';
const WIKI = 'https://wiki.example.com/page';
const HOSTILE = [
  `${HOME}/`,
  `${HOME}?x`,
  `${HOME}#x`,
  'https://www.example.org/',
  'https://www.example.org/bye/../evil',
  'https://www.example.org@evil.example/bye',
  'HTTPS://www.example.org/bye',
  'https://www.example.org:443/bye',
  ' https://www.example.org/bye',
  '//www.example.org/bye',
  'javascript:alert(1)',
  '',
  null,
];

describe('where a sign-out from an app leads', () => {
  it.each<readonly [string | null, string]>([
    [OTHER, OTHER],
    [HOME, HOME],
    [WIKI, HOME],
    ...HOSTILE.map((named) => [named, HOME] as const),
  ])('names %s: to %s', (named, to) => {
    expect(signOutTarget([HOME, OTHER], named)).toBe(to);
  });

  it('is for the caller to say without a list', () => {
    expect(signOutTarget([], HOME)).toBeNull();
  });
});

describe('the return-to of a sign-out flow', () => {
  const signOutTo = { home: HOME, listed: new Set([HOME, OTHER]) };
  const snapshot = { ...testSnapshot(), signOutTo };

  it.each<readonly [string | null, string]>([
    [OTHER, OTHER],
    [WIKI, WIKI],
    ...HOSTILE.map((raw) => [raw, HOME] as const),
  ])('%s: to %s', (raw, to) => {
    expect(checkSignOutTo(raw, snapshot)).toBe(to);
  });

  it.each([HOME, ...HOSTILE])('is none without a list: %s', (raw) => {
    expect(checkSignOutTo(raw, testSnapshot())).toBeNull();
  });
});
