/**
 * Derives two readable accent colors from the operator's one: dark enough for light pages, light
 * enough for dark ones. Must never pass configured text into a style sheet.
 */
import { DEFAULT_ACCENT } from '../../core/setup/brand.ts';

/** Backgrounds of doorward.css behind the accent: the one with the least contrast in each scheme. */
export const SURFACES = { light: '#f4f2ed', dark: '#1c1f24' } as const;

/** Text on a button in the accent color. */
export const ON_ACCENT = { light: '#ffffff', dark: '#0c0e11' } as const;

/** Most saturation of an accent on a dark page, 0 to 1. */
const CALM = 0.5;

type Rgb = readonly [number, number, number];
const DEFAULT_RGB = parseColor(DEFAULT_ACCENT) as Rgb;

/** Contrast that every accent reaches. WCAG 2.2 (1.4.3) requires 4.5; dark pages need a brighter accent. */
const ENOUGH = { light: 4.6, dark: 6.5 } as const;

/** The accent for each color scheme, `#rrggbb`; for an unreadable one, that of DEFAULT_ACCENT. */
export function accents(configured: string): { readonly light: string; readonly dark: string } {
  const base = parseColor(configured) ?? DEFAULT_RGB;
  return {
    light: towards(base, 0, SURFACES.light, ENOUGH.light),
    dark: towards(base, 1, SURFACES.dark, ENOUGH.dark),
  };
}

/** Contrast ratio of two `#rrggbb` colors, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(parseColor(one) as Rgb), luminance(parseColor(other) as Rgb)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Darkens or lightens the color in small steps, within its hue, until the contrast is enough. */
function towards(base: Rgb, goal: 0 | 1, surface: string, enough: number): string {
  const { hue, saturation: full, lightness } = hslOf(base);
  // A saturated colour made lighter glares on a dark page.
  const saturation = goal === 1 ? Math.min(full, CALM) : full;
  for (let share = 0; share < 1; share += 0.02) {
    const mixed = rgbOf(hue, saturation, lightness + (goal - lightness) * share);
    if (contrast(hex(mixed), surface) >= enough) return hex(mixed);
  }
  return goal === 0 ? '#000000' : '#ffffff';
}

/** CSS Color 4 §7.1: hue in degrees, the others 0 to 1. */
function hslOf(rgb: Rgb): { hue: number; saturation: number; lightness: number } {
  const [r, g, b] = rgb.map((v) => v / 255) as unknown as Rgb;
  const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
  const [lightness, spread] = [(most + least) / 2, most - least];
  if (spread === 0) return { hue: 0, saturation: 0, lightness };
  const turn =
    most === r ? (g - b) / spread + 6 : most === g ? (b - r) / spread + 2 : (r - g) / spread + 4;
  return {
    hue: (turn * 60) % 360,
    saturation: spread / (1 - Math.abs(2 * lightness - 1)),
    lightness,
  };
}

function rgbOf(hue: number, saturation: number, lightness: number): Rgb {
  const amplitude = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number): number => {
    const k = (offset + hue / 30) % 12;
    return Math.round(255 * (lightness - amplitude * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [channel(0), channel(8), channel(4)];
}

function parseColor(text: string): Rgb | null {
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
