/**
 * The faults that version 0.1 showed in the field (cases/field.json). Each has a test whose title
 * begins with its id. This file checks that no row is missing.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import rows from './cases/field.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '../..');

const ids = new Set(rows.map(({ id }) => id));
const families = new Set(rows.map(({ id }) => id.slice(0, id.indexOf('-'))));

/** Ids at the beginning of a test's title, or of a row in a table of titles. */
const TITLE = /[([{]?\s*(['"`])(([A-Z][A-Za-z0-9]*)(?:-[A-Za-z0-9]+)*)(?=[:,]|\1)/g;

/** A table of titles that several tests share. */
const SHARED_TITLES = 'test/support/odd-names.ts';

/** Test files that name each id. */
const tested = new Map<string, Set<string>>();
for (const file of [...globSync('{src,test}/**/*.{test,suite}.ts', { cwd: ROOT }), SHARED_TITLES]) {
  if (file.endsWith('hostile/field.test.ts')) continue;
  const text = readFileSync(join(ROOT, file), 'utf8');
  for (const [, , id = ''] of text.matchAll(TITLE)) {
    if (ids.has(id)) tested.set(id, (tested.get(id) ?? new Set()).add(file));
  }
}

describe('faults from the field', () => {
  it('are complete', () => {
    expect(rows).toHaveLength(57);
    expect(ids.size).toBe(57);
    expect(families.size).toBeGreaterThan(10);
  });

  it.each(rows.map(({ id }) => id))('%s has a test', (id) => {
    expect([...(tested.get(id) ?? [])], id).not.toEqual([]);
  });
});
