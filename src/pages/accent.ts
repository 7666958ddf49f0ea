/**
 * Turns the operator's one accent colour into two that can be read: dark enough on the light
 * page, light enough on the dark one. Never lets a text of the configuration into a style sheet.
 */

/** Used when the configured accent is no `#rgb` or `#rrggbb`. */
export const DEFAULT_ACCENT = '#0f6b5c';

/** The surfaces of doorward.css that the accent stands on, the worst of each scheme. */
export const SURFACES = { light: '#f4f2ed', dark: '#1c1f24' } as const;

/** Text on an accent-coloured button. */
export const ON_ACCENT = { light: '#ffffff', dark: '#0c0e11' } as const;

type Rgb = readonly [number, number, number];
const DEFAULT_RGB = parseColour(DEFAULT_ACCENT) as Rgb;

/** WCAG 2.2 contrast (1.4.3) that every accent is brought to, with a little room. */
const ENOUGH = 4.6;

/** The accent for each colour scheme, `#rrggbb`. */
export function accents(configured: string): { readonly light: string; readonly dark: string } {
  const base = parseColour(configured) ?? DEFAULT_RGB;
  return {
    light: towards(base, [0, 0, 0], SURFACES.light),
    dark: towards(base, [255, 255, 255], SURFACES.dark),
  };
}

/** Contrast ratio of two `#rrggbb` colours, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(parseColour(one) as Rgb), luminance(parseColour(other) as Rgb)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Mixes in black or white, a little at a time, until the contrast is enough. */
function towards(base: Rgb, goal: Rgb, surface: string): string {
  for (let share = 0; share < 1; share += 0.04) {
    const mixed = base.map((v, i) => Math.round(v + ((goal[i] as number) - v) * share));
    const text = hex(mixed as unknown as Rgb);
    if (contrast(text, surface) >= ENOUGH) return text;
  }
  return hex(goal);
}

function parseColour(text: string): Rgb | null {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text);
  const pairs =
    short === null
      ? /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text)?.slice(1)
      : short.slice(1).map((digit) => digit + digit);
  return pairs === undefined ? null : (pairs.map((p) => Number.parseInt(p, 16)) as unknown as Rgb);
}

function hex(rgb: Rgb): string {
  return `#${rgb.map((v) => v.toString(16).padStart(2, '0')).join('')}`;
}

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((v) => {
    const s = v / 255;
    return s <= 0.040_45 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
