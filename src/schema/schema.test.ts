import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { duration } from './duration.ts';
import { directoryName, fieldName, name, permissionName } from './names.ts';
import { text, words } from './words.ts';

const faultOf = (schema: z.ZodType, value: unknown): string | undefined =>
  schema.safeParse(value).error?.issues[0]?.message;

describe('a duration option', () => {
  it('is milliseconds once parsed', () => {
    expect(duration().parse(' 15m ')).toBe(900_000);
  });

  it.each([
    ['15 minutes', {}, 'expected a duration: 90s, 15m, 12h or 30d'],
    [90, {}, 'expected a duration: 90s, 15m, 12h or 30d'],
    ['4000d', {}, 'expected a duration of at most 3650d'],
    ['91d', { most: 90 * 86_400_000 }, 'expected a duration of at most 90d'],
    ['59s', { least: 60_000, most: 1_800_000 }, 'expected a duration from 1m to 30m'],
    ['31m', { least: 60_000, most: 1_800_000 }, 'expected a duration from 1m to 30m'],
  ])('rejects %j within %j', (value, bounds, message) => {
    expect(faultOf(duration(bounds), value)).toBe(message);
  });

  it('includes its bounds', () => {
    const bounded = duration({ least: 60_000, most: 1_800_000 });
    expect([bounded.parse('60s'), bounded.parse('30m')]).toEqual([60_000, 1_800_000]);
  });
});

describe('texts', () => {
  it('are one text, or one per language including English', () => {
    expect(words(5).parse('Hello')).toBe('Hello');
    expect(words(5).parse({ en: 'Hello', 'pt-BR': 'Olá' })).toEqual({
      en: 'Hello',
      'pt-BR': 'Olá',
    });
    expect(words(5).safeParse({ de: 'Hallo' }).success).toBe(false);
    expect(words(5).safeParse({ en: 'Hello', english: 'Hello' }).success).toBe(false);
  });

  it('are neither empty nor too long', () => {
    for (const value of ['', 'Hello!', { en: '' }, { en: 'Hello!' }]) {
      expect(words(5).safeParse(value).success).toBe(false);
    }
    expect(text(5).safeParse('').success).toBe(false);
  });
});

describe('names', () => {
  it.each([
    [name, ['login', '2fa', 'a_b-c', 'x'.repeat(64)], ['Login', '-a', 'a-', '', 'x'.repeat(65)]],
    [directoryName, ['staff', 'a-1'], ['1a', 'a_b', 'Staff', 'x'.repeat(33)]],
    [fieldName, ['email', 'a_1'], ['1a', 'a-b', 'Email', 'x'.repeat(33)]],
    [permissionName, ['read', 'calendar:read', '1.a_b-c'], ['Read', ':a', '', 'x'.repeat(65)]],
  ])('of pattern %# accept only matching names', (schema, good, bad) => {
    for (const value of good) expect(schema.safeParse(value).success, value).toBe(true);
    for (const value of bad) expect(faultOf(schema, value), value).toMatch(/^expected a/);
  });
});
