/** No probe is missing: each is tested in exactly one place, or waits for a named feature. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import fieldCases from './cases/field.json' with { type: 'json' };
import hygieneCases from './cases/header_hygiene.json' with { type: 'json' };
import lifetimeCases from './cases/session_lifecycle.json' with { type: 'json' };
import { type Fate, hygiene, lifetimes } from './held.ts';
import { pending } from './pending.ts';
import { requestProbes, stepProbes } from './probes.ts';

const ROOT = join(import.meta.dirname, '../..');
const files = readdirSync(import.meta.dirname).filter(
  (name) => name.endsWith('.test.ts') && name !== 'ledger.test.ts',
);

const families = new Set([...requestProbes, ...stepProbes].map(({ id }) => id.split('-')[0] ?? ''));

/**
 * Matches the beginning of a title, or of a row in a table of titles, that could be a probe's id.
 */
const TITLE = /[([]\s*(['"`])(([A-Z]+)-[A-Za-z0-9-]+)(?=[:,]|\1)/g;

/** The files whose tests name each probe. */
const tried = new Map<string, Set<string>>();
for (const file of files) {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8');
  for (const [, , id = '', family = ''] of text.matchAll(TITLE)) {
    if (families.has(family)) tried.set(id, (tried.get(id) ?? new Set()).add(file));
  }
}

describe('probes with steps', () => {
  it('are complete', () => {
    expect(stepProbes).toHaveLength(100);
    expect(requestProbes.length + stepProbes.length).toBe(301);
    expect(new Set([...requestProbes, ...stepProbes].map(({ id }) => id)).size).toBe(301);
  });

  it.each(stepProbes.map(({ id }) => id))('%s is tested in one file, or pending', (id) => {
    const where = [...(tried.get(id) ?? [])];
    if (Object.hasOwn(pending, id))
      expect(where, 'built meanwhile: take it out of pending.ts').toEqual([]);
    else expect(where).toHaveLength(1);
  });

  it('are listed as pending only if they exist', () => {
    const known = new Set(stepProbes.map(({ id }) => id));
    expect(Object.keys(pending).filter((id) => !known.has(id))).toEqual([]);
  });

  it('are named in titles only if they exist', () => {
    // Field faults share the families of the probes; field.test.ts checks those.
    const known = new Set([...stepProbes, ...requestProbes, ...fieldCases].map(({ id }) => id));
    expect([...tried.keys()].filter((id) => !known.has(id))).toEqual([]);
  });
});

describe('described cases', () => {
  const lists: [string, readonly { readonly case: string }[], Readonly<Record<string, Fate>>][] = [
    ['header_hygiene.json', hygieneCases.rules, hygiene],
    ['session_lifecycle.json, authelia', lifetimeCases.authelia, lifetimes['authelia'] ?? {}],
    [
      'session_lifecycle.json, oauth2_proxy_refresh',
      lifetimeCases.oauth2_proxy_refresh,
      lifetimes['oauth2_proxy_refresh'] ?? {},
    ],
  ];

  it.each(lists)('%s: each has a status, and no other has', (_, cases, fates) => {
    expect(Object.keys(fates).toSorted()).toEqual(cases.map((one) => one.case).toSorted());
  });

  const held = lists.flatMap(([, , fates]) =>
    Object.entries(fates).flatMap(([name, fate]) => ('in' in fate ? [[name, fate] as const] : [])),
  );
  it.each(held)('%s: the named test exists', (_, fate) => {
    const text = readFileSync(join(ROOT, fate.in), 'utf8');
    expect(text.includes(fate.test), `${fate.in}: ${fate.test}`).toBe(true);
  });
});

it('every file of cases is read by a test', () => {
  const read: Readonly<Record<string, string>> = {
    'attacks.json': 'test/hostile/probes.ts',
    'dialects.json': 'test/contracts/dialects.test.ts',
    'field.json': 'test/hostile/field.test.ts',
    'header_hygiene.json': 'test/hostile/ledger.test.ts',
    'redirect_validator.json': 'src/core/access/return-to.test.ts',
    'session_lifecycle.json': 'test/hostile/ledger.test.ts',
    'url_normalisation.json': 'test/contracts/dialects.suite.ts',
  };
  const cases = readdirSync(join(import.meta.dirname, 'cases')).filter((n) => n.endsWith('.json'));
  expect(cases.toSorted()).toEqual(Object.keys(read).toSorted());
  for (const [name, file] of Object.entries(read)) {
    expect(readFileSync(join(ROOT, file), 'utf8'), file).toContain(name);
  }
});
