import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_ACCENT } from '../../core/setup/brand.ts';
import { accents, contrast, ON_ACCENT, SURFACES } from './accent.ts';

describe('the accent color', () => {
  it('is readable on either page and under the text of a button, whatever is configured', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xff_ff_ff }), (number) => {
        const { light, dark } = accents(`#${number.toString(16).padStart(6, '0')}`);
        expect(contrast(light, SURFACES.light)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(light, ON_ACCENT.light)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(dark, SURFACES.dark)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(dark, ON_ACCENT.dark)).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  it('is unchanged if it is readable already', () => {
    expect(accents('#0f6b5c').light).toBe('#0f6b5c');
    expect(accents('#036').light).toBe('#003366');
  });

  it.each(['', 'red', '#12', '#12345', 'url(//evil)', '#000;}*{display:none', '#0f6b5c\n}'])(
    'is ours instead of %j',
    (configured) => {
      expect(accents(configured)).toEqual(accents(DEFAULT_ACCENT));
    },
  );
});
