import { describe, expect, it } from 'vitest';
import { comparison, failed, MAX_VALUE } from './comparison.ts';

const texts = { en: { 'detail.group/any': 'needs any of {needed}; has {found}' } };

describe('what a policy compared', () => {
  it('is English text for operators, and a message for pages', () => {
    const values = { needed: 'staff', found: { en: 'none', de: 'keine' } };
    expect(failed(texts, 'group/not-member', values, 'group/any')).toEqual({
      pass: false,
      reason: {
        code: 'group/not-member',
        detail: 'needs any of staff; has none',
        compared: { key: 'detail.group/any', values },
      },
    });
  });

  it('is cut where a value is too long, in each language', () => {
    const found = { en: 'e'.repeat(10_000), de: 'd'.repeat(10_000) };
    const { detail, compared } = comparison(texts, 'group/any', { needed: 'n'.repeat(301), found });
    expect(detail.length).toBeLessThan(2 * MAX_VALUE + 30);
    expect(compared).toMatchObject({
      values: {
        needed: `${'n'.repeat(MAX_VALUE)}…`,
        found: { en: `${'e'.repeat(MAX_VALUE)}…`, de: `${'d'.repeat(MAX_VALUE)}…` },
      },
    });
  });

  it.each(['{found}', '$&', '$1', '__proto__', '{constructor}'])(
    'takes the value %s as text',
    (found) => {
      expect(comparison(texts, 'group/any', { needed: found, found: 1 }).detail).toBe(
        `needs any of ${found}; has 1`,
      );
    },
  );

  it('is the key if there is no sentence, and leaves a placeholder without a value', () => {
    expect(comparison(texts, 'group/other', {}).detail).toBe('detail.group/other');
    expect(comparison(texts, 'group/any', {}).detail).toBe(texts.en['detail.group/any']);
  });
});
