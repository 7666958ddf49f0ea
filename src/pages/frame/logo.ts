/** The logo next to the brand's name: the operator's file, or a door ajar in the accent color. */
import { readFileSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { accents } from './accent.ts';

/** A logo as it is served. */
export interface Logo {
  readonly type: string;
  readonly body: Buffer;
}

/** Largest logo file, in bytes. */
export const MAX_LOGO_BYTES = 256 * 1024;

const TYPES: Readonly<Record<string, string>> = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.jpg': 'image/jpeg',
};

/** The operator's logo (an absolute path), or the built-in one if there is none or it cannot be used. */
export function logo(accent: string, path: string | null): Logo {
  return (path === null ? null : fileLogo(path)) ?? builtInLogo(accent);
}

/** Attributes only: the page's policy allows no inline styles. */
function builtInLogo(accent: string): Logo {
  const fill = accents(accent).light;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">` +
    `<rect width="32" height="32" rx="9" fill="${fill}"/>` +
    `<path d="M8.5 26V14.5a7.5 7.5 0 0 1 15 0V26z" fill="#fff" fill-opacity=".3"/>` +
    `<path d="M8.5 26V14.5a7.5 7.5 0 0 1 7.1-7.5l3.9 3.3V28.2z" fill="#fff"/>` +
    `<circle cx="16.6" cy="18.4" r="1.25" fill="${fill}"/></svg>`;
  return { type: 'image/svg+xml', body: Buffer.from(svg) };
}

function fileLogo(path: string): Logo | null {
  const type = TYPES[extname(path).toLowerCase()];
  if (type === undefined) return null;
  try {
    const { size } = statSync(path);
    return size > MAX_LOGO_BYTES ? null : { type, body: readFileSync(path) };
  } catch {
    // Named fallback: the built-in logo. A missing file must not take the sign-in page down.
    return null;
  }
}
