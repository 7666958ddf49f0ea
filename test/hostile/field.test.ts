/**
 * The faults that version 0.1 showed in the field (cases/field.json). Each has a test whose title
 * begins with its id, or waits for the feature that changes its mechanism. This file only checks
 * that no row is lost.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import rows from './cases/field.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '../..');

/** Path readings replace refusals later; until then these rows keep version 0.1's answer. */
const PATH_READINGS = 'paths';

/** Rows whose tests are still to be written. */
const pending: readonly string[] = [
  'GEN-caddy-upgrade',
  'GEN-caddy-websocket',
  'GEN-nginx-absolute',
  'GEN-h2c',
  'GEN-headers',
  'GEN-sse',
  'TRUST-rst',
  'HDR-fold-21',
  'HDR-fold-23',
  'HDR-fold-26',
  'HDR-fold-2a',
  'HDR-fold-5e',
  'HDR-fold-7c',
  'HDR-fold-7e',
  'HDR-proxy',
  'HDR-empty',
  'DOS-dots',
  'UP-tls-ws',
  'UP-128',
  'UP-cause',
  'UP-unix',
  'WS-bytes',
  'RESP-csd',
  'COOKIE-two',
  'XFF-port',
  'FRAG',
  'POST-expired',
  'WWW-auth',
  'DIR-twice',
  'DIR-crypt',
  'DIR-django',
  'DIR-time',
  'ENUM-throttle',
  'ENROL-mail',
  'PASSKEY-rp',
  'LINE-48',
  'STRENGTH-cold',
  'REDIS-restore',
  'UNIT-steps',
  'README-https',
  'RELOAD-gap',
  'UI-focus',
  'UI-totp-scroll',
  'UI-steps',
  'UI-letter',
  'GEN-traefik-upgrade',
  'GEN-traefik-ticket',
];

const ids = new Set(rows.map(({ id }) => id));
const families = new Set(rows.map(({ id }) => id.slice(0, id.indexOf('-'))));

/** Ids at the beginning of a test's title, or of a row in a table of titles. */
const TITLE = /[([{]?\s*(['"`])(([A-Z][A-Za-z0-9]*)(?:-[A-Za-z0-9]+)*)(?=[:,]|\1)/g;

/** Test files that name each id. */
const tested = new Map<string, Set<string>>();
for (const file of globSync('{src,test}/**/*.{test,suite}.ts', { cwd: ROOT })) {
  if (file.endsWith('hostile/field.test.ts')) continue;
  const text = readFileSync(join(ROOT, file), 'utf8');
  for (const [, , id = ''] of text.matchAll(TITLE)) {
    if (ids.has(id)) tested.set(id, (tested.get(id) ?? new Set()).add(file));
  }
}

describe('faults from the field', () => {
  it('are all there', () => {
    expect(rows).toHaveLength(57);
    expect(ids.size).toBe(57);
    expect(families.size).toBeGreaterThan(10);
  });

  it.each(
    rows
      .filter(({ area, id }) => area !== PATH_READINGS && !pending.includes(id))
      .map(({ id }) => id),
  )('%s has a test', (id) => {
    expect([...(tested.get(id) ?? [])], id).not.toEqual([]);
  });
});
