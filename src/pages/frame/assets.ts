/**
 * Style sheets, scripts and images under names that contain a hash of their content, so that
 * browsers may cache them forever. Serves listed files only; a request path never reaches the disk.
 */
import { createHash } from 'node:crypto';
import type { Brand } from '../../core/setup/brand.ts';
import type { Live } from '../../core/setup/snapshot.ts';
import { readShipped } from '../../shipped/shipped.ts';
import { accents, ON_ACCENT } from './accent.ts';
import { logo } from './logo.ts';

/** Files served as they are. */
const FILES = [
  'doorward.css',
  'fields.css',
  'account.css',
  'reasons.css',
  'unsent.css',
  'doorward.js',
  'passkey.js',
  'work.js',
  'codes.js',
  'captcha.js',
] as const;
type FileName = (typeof FILES)[number];

export type AssetName = FileName | 'brand.css' | 'logo';

/** One file as it is served. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
}

/** Addresses and content of the assets. */
export interface Assets {
  /** Path on the portal, `/assets/doorward-1a2b3c4d5e.css`. */
  url(name: AssetName): string;
  /** The asset at exactly this path, or null. */
  find(path: string): Asset | null;
  /** The logo, for the well-known icon paths. */
  icon(): Asset;
}

/** Brands kept, so that a page from before a reload still finds its style sheet and logo. */
const REMEMBERED_BRANDS = 8;

interface Named {
  readonly url: string;
  readonly asset: Asset;
}

interface BrandAssets {
  readonly sheet: Named;
  readonly picture: Named;
}

/** Reads the files once. Accent and logo follow the current configuration. */
export function createAssets(live: Live): Assets {
  const files = new Map(FILES.map((name) => [name, fileAsset(name)]));
  const brands = new Map<string, BrandAssets>();

  const branded = (): BrandAssets => {
    const { brand } = live.current;
    const key = JSON.stringify([brand.accent, brand.logo]);
    const known = brands.get(key);
    if (known !== undefined) return known;
    const made = brandAssets(brand);
    const [oldest] = brands.keys();
    if (brands.size >= REMEMBERED_BRANDS && oldest !== undefined) brands.delete(oldest);
    brands.set(key, made);
    return made;
  };

  const all = (): Named[] => {
    branded();
    return [...files.values(), ...[...brands.values()].flatMap((b) => [b.sheet, b.picture])];
  };

  return {
    url(name) {
      if (name === 'brand.css') return branded().sheet.url;
      return name === 'logo' ? branded().picture.url : (files.get(name) as Named).url;
    },
    find: (path) => all().find(({ url }) => url === path)?.asset ?? null,
    icon: () => branded().picture.asset,
  };
}

function brandAssets(brand: Brand): BrandAssets {
  const picture = logo(brand.accent, brand.logo);
  const extension = picture.type === 'image/svg+xml' ? 'svg' : picture.type.slice('image/'.length);
  return {
    sheet: named('brand', 'css', 'text/css; charset=utf-8', Buffer.from(brandSheet(brand.accent))),
    picture: named('logo', extension, picture.type, picture.body),
  };
}

/** Custom properties for each color scheme. Every value comes from accents() or a constant. */
function brandSheet(accent: string): string {
  const { light, dark } = accents(accent);
  return (
    `:root{--accent:${light};--on-accent:${ON_ACCENT.light}}\n` +
    `@media (prefers-color-scheme:dark){:root{--accent:${dark};--on-accent:${ON_ACCENT.dark}}}\n`
  );
}

function fileAsset(name: FileName): Named {
  const [stem = '', extension = ''] = name.split('.');
  const body = readShipped('pages/assets', name);
  return named(
    stem,
    extension,
    `text/${extension === 'js' ? 'javascript' : 'css'}; charset=utf-8`,
    body,
  );
}

function named(name: string, extension: string, type: string, body: Buffer): Named {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 10);
  return { url: `/assets/${name}-${hash}.${extension}`, asset: { type, body } };
}
