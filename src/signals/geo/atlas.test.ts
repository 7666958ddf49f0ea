import { mkdtemp, rename, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeEvents } from '../../../test/support/fakes.ts';
import { mmdb } from '../../../test/support/mmdb-writer.ts';
import { type OpenAtlas, openAtlas } from './atlas.ts';

/** So long that no timer checks the files; tests call `refresh`. */
const NEVER = 3_600_000;

const CITIES = mmdb({
  '192.0.2.0/24': {
    country: { iso_code: 'DE' },
    continent: { code: 'EU' },
    location: { latitude: 52.5, longitude: 13.4, accuracy_radius: 20 },
  },
  '198.51.100.0/24': { country: { iso_code: 'FR' } },
  '10.0.0.0/8': { country: { iso_code: 'US' } },
  '127.0.0.0/8': { country: { iso_code: 'US' } },
  '100.64.0.0/10': { country: { iso_code: 'US' } },
  '169.254.0.0/16': { country: { iso_code: 'US' } },
  '2001:db8::/32': { country: { iso_code: 'CH' } },
  'fc00::/7': { country: { iso_code: 'US' } },
  'fe80::/10': { country: { iso_code: 'US' } },
});
const NETWORKS = mmdb({
  '192.0.2.0/24': { asn: 'AS64500', country_code: 'AT', lat: '1.5', lng: '2.5' },
  '198.51.100.0/24': { asn: 'AS64501', lat: '48.8', lng: '2.3' },
});

/** Checks twice: the first check sees the change, the second that the file is stable. */
const lookTwice = async (atlas: OpenAtlas): Promise<void> => {
  await atlas.refresh();
  await atlas.refresh();
};

describe('an atlas', () => {
  let folder: string;
  let open: OpenAtlas[];
  const events = fakeEvents();
  const put = async (name: string, bytes: Buffer): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return path;
  };
  const atlasOf = async (...paths: string[]): Promise<OpenAtlas> => {
    const atlas = await openAtlas(paths, events, NEVER);
    open.push(atlas);
    return atlas;
  };
  const faults = () => events.all.splice(0).map((e) => (e.type === 'fault' ? String(e.cause) : ''));
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'doorward-atlas-'));
    open = [];
    events.all.length = 0;
  });
  afterEach(async () => {
    await Promise.all(open.map((atlas) => atlas.close()));
    await rm(folder, { recursive: true });
  });

  it('returns what its databases know of each address, the first of them first', async () => {
    const atlas = await atlasOf(await put('a', CITIES), await put('b', NETWORKS));
    const berlin = { country: 'DE', continent: 'EU', asn: 64_500, latitude: 52.5, longitude: 13.4 };
    expect(atlas.placeOf('192.0.2.7')).toEqual({ ...berlin, radius: 20 });
    expect(atlas.placeOf('::ffff:192.0.2.7')).toEqual({ ...berlin, radius: 20 });
    expect(atlas.placeOf('198.51.100.7')).toEqual({
      country: 'FR',
      asn: 64_501,
      latitude: 48.8,
      longitude: 2.3,
    });
    expect(atlas.placeOf('2001:db8::7')).toEqual({ country: 'CH' });
    expect(atlas.countryOf('2001:db8::7')).toBe('CH');
  });

  it('takes a point and its radius from one of them', async () => {
    const atlas = await atlasOf(await put('b', NETWORKS), await put('a', CITIES));
    expect(atlas.placeOf('192.0.2.7')).toEqual({
      country: 'AT',
      continent: 'EU',
      asn: 64_500,
      latitude: 1.5,
      longitude: 2.5,
    });
  });

  it.each([
    '203.0.113.7',
    '10.1.2.3',
    '127.0.0.1',
    '100.64.0.1',
    '169.254.1.1',
    'fd00::1',
    'fe80::1',
    '::1',
    '::192.0.2.7',
    '',
    'unknown',
    '192.0.2.7:80',
    '192.0.2',
    '192.0.2.7, 198.51.100.7',
    'x'.repeat(100_000),
  ])('knows no location of %.40s', async (ip) => {
    const atlas = await atlasOf(await put('a', CITIES));
    expect([atlas.placeOf(ip), atlas.countryOf(ip)]).toEqual([null, null]);
    expect(events.all).toEqual([]);
  });

  it.each([
    ['that does not exist', async () => join(folder, 'gone.mmdb')],
    ['that is a folder', async () => folder],
    ['that is something else', () => put('page.html', Buffer.from('<html>'))],
    ['that is empty', () => put('empty', Buffer.alloc(0))],
    [
      'that is larger than any',
      async () => {
        const path = await put('sparse', CITIES);
        await truncate(path, 513 * 1024 * 1024);
        return path;
      },
    ],
  ])('does not open with a file %s, and reports which, with a remedy', async (_, make) => {
    const path = await make();
    const good = await put('a', CITIES);
    const opening = openAtlas([good, path], events, NEVER);
    await expect(opening).rejects.toMatchObject({ code: 'signal/geo', status: 503 });
    await expect(opening).rejects.toThrow(`The database ${path} cannot be used: `);
    await expect(opening).rejects.toThrow(
      'Put an .mmdb file there, or take it out of signals.geo.paths.',
    );
  });

  describe('whose file changes', () => {
    it('uses the new one after it stops changing', async () => {
      const path = await put('a', CITIES);
      const atlas = await atlasOf(path);
      expect(atlas.countryOf('192.0.2.7')).toBe('DE');
      await rename(await put('new', NETWORKS), path);
      await atlas.refresh();
      expect(atlas.countryOf('192.0.2.7')).toBe('DE');
      await atlas.refresh();
      expect(atlas.countryOf('192.0.2.7')).toBe('AT');
      expect(atlas.countryOf('2001:db8::7')).toBeNull();
      expect(faults()).toEqual([]);
    });

    it('follows a replaced symlink', async () => {
      const path = join(folder, 'current');
      await symlink(await put('old', CITIES), path);
      const atlas = await atlasOf(path);
      await unlink(path);
      await symlink(await put('new', NETWORKS), path);
      await lookTwice(atlas);
      expect(atlas.countryOf('192.0.2.7')).toBe('AT');
    });

    it.each([
      ['a broken one', (path: string) => writeFile(path, 'half a dow')],
      ['none', (path: string) => unlink(path)],
    ])('keeps its data for %s, and reports this once', async (_, harm) => {
      const path = await put('a', CITIES);
      const atlas = await atlasOf(path);
      await harm(path);
      await lookTwice(atlas);
      expect(atlas.countryOf('192.0.2.7')).toBe('DE');
      expect(atlas.placeOf('2001:db8::7')).toEqual({ country: 'CH' });
      expect(faults()).toEqual([expect.stringContaining(`The database ${path} cannot be used`)]);
      await lookTwice(atlas);
      expect(faults()).toEqual([]);
      await writeFile(path, NETWORKS);
      await lookTwice(atlas);
      expect(atlas.countryOf('192.0.2.7')).toBe('AT');
      expect(faults()).toEqual([]);
    });

    it('continues with the others', async () => {
      const [first, second] = [await put('a', CITIES), await put('b', NETWORKS)];
      const atlas = await atlasOf(first, second);
      await unlink(first);
      await writeFile(second, mmdb({ '192.0.2.0/24': { asn: 7 } }));
      await lookTwice(atlas);
      expect(atlas.placeOf('192.0.2.7')).toMatchObject({ country: 'DE', asn: 7 });
    });
  });

  it('reports what it cannot read of a record, and continues with the other file', async () => {
    const damaged = Buffer.from(NETWORKS);
    // Gives the map of the first record a type that does not exist.
    damaged[damaged.indexOf('asn') - 2] = 0;
    damaged[damaged.indexOf('asn') - 1] = 0xff;
    const atlas = await atlasOf(await put('b', damaged), await put('a', CITIES));
    expect(atlas.placeOf('192.0.2.7')).toMatchObject({ country: 'DE' });
    expect(atlas.placeOf('192.0.2.7')).not.toHaveProperty('asn');
    expect(faults()).toHaveLength(1);
  });

  it('caches locations, and no more than ten thousand', async () => {
    const atlas = await atlasOf(await put('a', CITIES));
    const first = atlas.placeOf('192.0.2.7');
    expect(atlas.placeOf('192.0.2.7')).toBe(first);
    for (let i = 0; i < 10_000; i += 1) atlas.placeOf(`198.51.${i >> 8}.${i & 255}`);
    expect(atlas.placeOf('192.0.2.7')).not.toBe(first);
    expect(atlas.placeOf('192.0.2.7')).toEqual(first);
  });
});
