/** Picks a language by Accept-Language (RFC 9110 §12.5.4, RFC 4647 lookup). Any header yields an available language. */

/** The part of a header that is read: characters, and languages in it. */
const MAX_HEADER = 400;
const MAX_RANGES = 24;

const RANGE =
  /^\s*([a-z]{1,8}(?:-[a-z0-9]{1,8}){0,4}|\*)\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i;
const RIGHT_TO_LEFT = new Set(['ar', 'ckb', 'dv', 'fa', 'he', 'ps', 'sd', 'ug', 'ur', 'yi']);

/** The best of `available` for the header, which may be a single tag; the first of them if none fits. */
export function negotiate(header: string | null, available: readonly string[]): string {
  const fallback = available[0] ?? 'en';
  if (header === null) return fallback;
  const wanted = header
    .slice(0, MAX_HEADER)
    .split(',', MAX_RANGES)
    .flatMap((range) => {
      const match = RANGE.exec(range);
      return match === null ? [] : [{ tag: match[1] as string, weight: Number(match[2] ?? '1') }];
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  for (const { tag } of wanted) {
    if (tag === '*') return fallback;
    const found = lookUp(tag.toLowerCase(), available);
    if (found !== null) return found;
  }
  return fallback;
}

/** `de-AT` finds `de-AT`, then `de`, then any other `de-…`. */
function lookUp(tag: string, available: readonly string[]): string | null {
  for (let part = tag; part !== ''; part = part.slice(0, Math.max(0, part.lastIndexOf('-')))) {
    const found = available.find((candidate) => candidate.toLowerCase() === part);
    if (found !== undefined) return found;
  }
  const primary = tag.split('-', 1)[0] as string;
  return available.find((candidate) => candidate.toLowerCase().startsWith(`${primary}-`)) ?? null;
}

/** Writing direction of a language. */
export function directionOf(language: string): 'ltr' | 'rtl' {
  return RIGHT_TO_LEFT.has(language.toLowerCase().split('-', 1)[0] as string) ? 'rtl' : 'ltr';
}
