import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { testLive, testSnapshot } from '../../../test/support/snapshot.ts';
import { createAssets } from './assets.ts';
import { MAX_LOGO_BYTES } from './logo.ts';

const folder = mkdtempSync(join(tmpdir(), 'doorward-logo-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const withBrand = (accent: string, logo: string | null = null) => ({
  ...testSnapshot(),
  brand: { name: 'Door', accent, logo },
});

const iconOf = (logo: string) => createAssets(testLive(withBrand('#112233', logo))).icon();

describe('assets', () => {
  const OURS = [
    ['doorward.css', 10_000],
    ['fields.css', 4_000],
    ['account.css', 1_500],
    ['doorward.js', 2_000],
    ['passkey.js', 6_000],
    ['work.js', 3_000],
    ['codes.js', 2_000],
    ['captcha.js', 1_000],
  ] as const;

  it.each(OURS)('keeps %s below %d bytes', (name, most) => {
    const assets = createAssets(testLive());
    expect(assets.find(assets.url(name))?.body.length).toBeLessThan(most);
  });

  it('serves what it names and nothing else', () => {
    const assets = createAssets(testLive());
    for (const name of [...OURS.map(([file]) => file), 'brand.css', 'logo'] as const) {
      expect(assets.url(name)).toMatch(/^\/assets\/[a-z]+-[0-9a-f]{10}\.(css|js|svg)$/);
      expect(assets.find(assets.url(name))).not.toBeNull();
    }
    for (const path of [
      '/assets/',
      '/assets/doorward.css',
      '/assets/../assets.ts',
      '/assets/doorward-0000000000.css',
      '',
    ]) {
      expect(assets.find(path)).toBeNull();
    }
  });

  it('loads nothing from third parties', () => {
    const assets = createAssets(testLive());
    for (const name of [...OURS.map(([file]) => file), 'brand.css'] as const) {
      expect(String(assets.find(assets.url(name))?.body)).not.toMatch(/https?:|@import|url\(/);
    }
  });

  it('follows the accent of a new configuration, and still serves the old one to loaded pages', () => {
    const live = testLive(withBrand('#112233'));
    const assets = createAssets(live);
    const before = assets.url('brand.css');
    live.current = withBrand('#aa0000');
    expect(assets.url('brand.css')).not.toBe(before);
    expect(String(assets.find(before)?.body)).toContain('--accent:#112233');
    for (let i = 0; i < 20; i += 1) {
      live.current = withBrand(`#0000${(16 + i).toString(16)}`);
      assets.url('brand.css');
    }
    expect(assets.find(before)).toBeNull();
  });

  it("shows the operator's logo, and ours if the file is missing, too large or no picture", () => {
    const png = join(folder, 'logo.png');
    writeFileSync(png, 'picture');
    writeFileSync(join(folder, 'huge.png'), Buffer.alloc(MAX_LOGO_BYTES + 1));
    writeFileSync(join(folder, 'page.html'), '<script>');
    expect(iconOf(png)).toEqual({ type: 'image/png', body: Buffer.from('picture') });
    for (const name of ['missing.png', 'huge.png', 'page.html']) {
      expect(String(iconOf(join(folder, name)).body)).toContain('<svg');
    }
  });
});
